// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/go-resty/resty/v2"
	api "github.com/infisical/go-sdk/packages/api/auth"

	"github.com/secretsync/secretsync/pkg/backend/remote"
)

// sdkCall is one call of the SDK.
type sdkCall func(*resty.Client) (api.MachineIdentityAuthLoginResponse, error)

// bySDK makes one call of the SDK and returns what it made of the answer, and the answer.
// Its error is the connection's, or that of an answer whose status says it all; what else
// the SDK finds wrong shows in the answer.
func (c *client) bySDK(ctx context.Context, call sdkCall) (api.MachineIdentityAuthLoginResponse, *answer, error) {
	relay := &relay{ctx: ctx, client: c}
	granted, err := call(relay.resty())
	switch {
	case relay.err != nil:
		return granted, nil, relay.err
	case relay.got == nil:
		return granted, nil, unreadable("the SDK sent nothing")
	case err != nil && relay.got.Status == http.StatusOK:
		return granted, nil, unreadable("it is not what the SDK expects of a login")
	}
	return granted, relay.got, nil
}

// revokeBySDK ends a token.
func (c *client) revokeBySDK(ctx context.Context, token string) (*answer, error) {
	_, got, err := c.bySDK(ctx, func(http *resty.Client) (api.MachineIdentityAuthLoginResponse, error) {
		_, err := api.CallRevokeAccessToken(http, api.RevokeAccessTokenRequest{AccessToken: token})
		return api.MachineIdentityAuthLoginResponse{}, err //nolint:wrapcheck // It is judged by the answer.
	})
	return got, err
}

// relay carries one request of the SDK over our own client, so that it obeys the context,
// the timeout, the bounds and the guard like every other, and keeps the answer, of which the
// SDK passes on too little.
type relay struct {
	ctx    context.Context //nolint:containedctx // It lives as long as one call, which takes none.
	client *client
	got    *answer
	err    error
}

// resty returns a client that sends through the relay: no retry, no redirect, no cookie, no
// word to the log.
func (r *relay) resty() *resty.Client {
	return resty.NewWithClient(&http.Client{Transport: r}).
		SetBaseURL("https://relay.invalid").SetRetryCount(0).SetLogger(silent{}).SetDisableWarn(true)
}

// RoundTrip sends a request of the SDK, which is one of its own paths below /api.
func (r *relay) RoundTrip(request *http.Request) (*http.Response, error) {
	var body []byte
	if request.Body != nil {
		var err error
		body, err = io.ReadAll(request.Body)
		_ = request.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	r.got, r.err = r.client.do(r.ctx, call{method: request.Method, path: request.URL.Path, body: body})
	if r.err != nil {
		return nil, r.err
	}
	return &http.Response{
		StatusCode: r.got.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: request,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(bytes.NewReader(r.got.Body[:min(len(r.got.Body), remote.MaxBody)])),
	}, nil
}

// silent is a log that says nothing.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}
