// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/vault/api"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// maxBody bounds an answer: four times what a Kubernetes Secret can hold, in bytes.
const maxBody = 4 << 20

// client sends single requests: no retry, no redirect, no proxy, bounded in time and size.
type client struct {
	http    *http.Client
	address *url.URL
	timeout time.Duration
	clock   clock.PassiveClock
	// close gives the connections back.
	close func()
}

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
	status     int
	retryAfter string
	// at is when it was sent, by the sender's clock if it says.
	at   time.Time
	body []byte
}

func newClient(address *url.URL, cfg backend.Config, pool http.RoundTripper, release func()) *client {
	return &client{
		http: &http.Client{
			Transport:     pool,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		address: address,
		timeout: cfg.Spec.Limits.TimeoutOrDefault(),
		clock:   cfg.Clock,
		close:   release,
	}
}

// do sends one request and reads the whole answer: one whose status has a meaning of its
// own for the request (see statusFault). Everything else is a classed error.
func (c *client) do(ctx context.Context, r call) (*answer, error) {
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := c.request(bounded, r)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.transportFault(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := readBounded(resp)
	if err != nil {
		return nil, c.transportFault(ctx, err)
	}
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		at = c.clock.Now()
	}
	got := &answer{status: resp.StatusCode, retryAfter: resp.Header.Get("Retry-After"), at: at, body: body}
	if r.bare && got.status == http.StatusNotFound && len(body) == 0 {
		return got, nil
	}
	if err := got.statusFault(); err != nil {
		return nil, err
	}
	return got, nil
}

// readBounded reads a body, or one byte more than is allowed of it.
func readBounded(resp *http.Response) ([]byte, error) {
	var body bytes.Buffer
	if resp.ContentLength > 0 {
		body.Grow(int(min(resp.ContentLength, maxBody)) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(resp.Body, maxBody+1))
	return body.Bytes(), err
}

func (c *client) request(ctx context.Context, r call) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, invalid("a credential cannot be sent as JSON")
		}
		body = bytes.NewReader(text)
	}
	target := *c.address
	target.Path = "/v1/" + r.path
	target.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, target.String(), body)
	if err != nil {
		return nil, invalid("spec.vault.address %q cannot be requested", c.address.Host)
	}
	req.Header.Set(api.RequestHeaderName, "true")
	req.Header.Set("User-Agent", "secretsync")
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	if r.namespace != "" {
		req.Header.Set(api.NamespaceHeaderName, r.namespace)
	}
	if r.token.Len() > 0 {
		req.Header.Set(api.AuthHeaderName, string(r.token.Reveal()))
	}
	return req, nil
}
