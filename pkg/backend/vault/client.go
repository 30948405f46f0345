// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// maxBody bounds an answer, in bytes.
const maxBody = remote.MaxBody

// client sends single requests to Vault.
type client struct{ remote *remote.Client }

// call is one request.
type call struct {
	method string
	// path follows /v1/ and is not escaped.
	path      string
	query     url.Values
	namespace string
	token     sensitive.Value
	// body is sent as JSON, if not nil.
	body any
	// kind is the Content-Type of the body, where Vault minds.
	kind string
	// bare says that a 404 without a body is an answer, as KV gives it to a PATCH.
	bare bool
}

// answer is what Vault said, whatever the status.
type answer struct {
	remote.Answer
}

// serverOf says how the Vault of a configuration is reached.
func serverOf(cfg backend.Config) remote.Server {
	spec := cfg.Spec.Vault
	observer := cfg.ObserverOrNop()
	return remote.Server{
		Name: "Vault", Field: "spec.vault", Address: spec.Address, TLS: spec.TLS,
		Timeout: cfg.Spec.Limits.TimeoutOrDefault(), Network: remote.Network(cfg.Network),
		Secrets: cfg.Credentials, Namespace: cfg.CredentialNamespace, Clock: cfg.Clock,
		CertificateEnds: func(at time.Time) { observer.CredentialEnds(backend.CredentialClientCertificate, at) },
	}
}

// do sends one request and reads the whole answer: one whose status has a meaning of its
// own for the request (see statusFault). Everything else is a classed error.
func (c *client) do(ctx context.Context, r call) (*answer, error) {
	header := http.Header{}
	header.Set(api.RequestHeaderName, "true")
	if r.namespace != "" {
		header.Set(api.NamespaceHeaderName, r.namespace)
	}
	if r.token.Len() > 0 {
		header.Set(api.AuthHeaderName, string(r.token.Reveal()))
	}
	if r.kind != "" {
		header.Set("Content-Type", r.kind)
	}
	var body []byte
	if r.body != nil {
		var err error
		if body, err = c.remote.JSON(r.body); err != nil {
			return nil, err //nolint:wrapcheck // classed and complete
		}
	}
	got, err := c.remote.Send(ctx, remote.Request{Method: r.method, Path: "/v1/" + r.path, Query: r.query, Header: header, Body: body})
	if err != nil {
		return nil, err //nolint:wrapcheck // classed and complete
	}
	said := &answer{*got}
	if r.bare && got.Status == http.StatusNotFound && len(got.Body) == 0 {
		return said, nil
	}
	if err := said.statusFault(); err != nil {
		return nil, err
	}
	return said, nil
}
