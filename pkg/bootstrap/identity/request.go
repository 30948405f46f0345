// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// maxAnswer bounds what is read of an answer, in bytes; a token has one or two thousand.
const maxAnswer = 1 << 20

// bounded cuts answers off.
type bounded struct{ next http.RoundTripper }

// RoundTrip sends the request on.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

// request asks GitHub for a token.
func (o Options) request(ctx context.Context, client *http.Client, audience string) (sensitive.Value, error) {
	if o.RequestURL == "" || o.RequestToken.Len() == 0 {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, ReasonNoToken,
			"this run may not ask for an OIDC token: give the job `permissions: {id-token: write}`; a run of a fork or of Dependabot never gets it")
	}
	target, err := url.Parse(o.RequestURL)
	if err == nil {
		err = checkURL(o.RequestURL)
	}
	if err != nil {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, ReasonNoToken, "ACTIONS_ID_TOKEN_REQUEST_URL is no https URL")
	}
	query := target.Query()
	query.Set("audience", audience)
	target.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, ReasonNoToken, "ACTIONS_ID_TOKEN_REQUEST_URL cannot be requested")
	}
	req.Header.Set("Authorization", "Bearer "+string(o.RequestToken.Reveal()))
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil { // Its text holds the URL, and that a part of a credential.
		return sensitive.Value{}, fault.New(fault.Unavailable, ReasonUnreachable, "GitHub's service for OIDC tokens does not answer")
	}
	defer func() { _ = resp.Body.Close() }()
	return tokenOf(resp)
}

// tokenOf reads GitHub's answer.
func tokenOf(resp *http.Response) (sensitive.Value, error) {
	switch {
	case resp.StatusCode == http.StatusUnauthorized, resp.StatusCode == http.StatusForbidden:
		return sensitive.Value{}, fault.New(fault.Denied, ReasonTokenRefused,
			"GitHub refuses this run an OIDC token (HTTP %d): the job may be over its time, or its `permissions` lack id-token: write", resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return sensitive.Value{}, fault.New(fault.Unavailable, ReasonUnreachable, "GitHub's service for OIDC tokens answers HTTP %d", resp.StatusCode)
	}
	var said struct {
		Value string `json:"value"`
	}
	if json.NewDecoder(resp.Body).Decode(&said) != nil || said.Value == "" {
		return sensitive.Value{}, fault.New(fault.Unavailable, ReasonUnreachable, "GitHub's service for OIDC tokens gives an answer without a token")
	}
	return sensitive.FromString(said.Value), nil
}

var errNoHTTPS = errors.New("only https is trusted, except at a loopback address")

// checkURL refuses what a token or a key would travel to and from in the open.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return errNoHTTPS
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if u.Scheme == "https" || u.Scheme == "http" && err == nil && ip.IsLoopback() {
		return nil
	}
	return errNoHTTPS
}
