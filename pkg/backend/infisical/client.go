// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"net/http"
	"net/url"

	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// client sends single requests to Infisical.
type client struct{ remote *remote.Client }

// call is one request.
type call struct {
	method string
	// path follows /api and is not escaped; raw is the same, escaped, where that matters.
	path, raw string
	query     url.Values
	token     sensitive.Value
	// unless is the tag of what is known already.
	unless string
	body   []byte
}

// do sends one request and reads the whole answer: one whose status has a meaning of its
// own for the request (see statusFault). Everything else is a classed error.
func (c *client) do(ctx context.Context, r call) (*answer, error) {
	header := http.Header{"Accept": {"application/json"}}
	if r.token.Len() > 0 {
		header.Set("Authorization", "Bearer "+string(r.token.Reveal()))
	}
	if r.unless != "" {
		header.Set("If-None-Match", r.unless)
	}
	if r.body != nil {
		header.Set("Content-Type", "application/json")
	}
	request := remote.Request{Method: r.method, Path: "/api" + r.path, Query: r.query, Header: header, Body: r.body}
	if r.raw != "" {
		request.RawPath = "/api" + r.raw
	}
	got, err := c.remote.Send(ctx, request)
	if err != nil {
		return nil, err //nolint:wrapcheck // classed and complete
	}
	said := read(*got)
	if err := said.statusFault(); err != nil {
		return nil, err
	}
	return said, nil
}
