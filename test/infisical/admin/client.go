// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 32 << 20

// Client calls a server as one of its administrators.
type Client struct {
	// Address is the server's, without a path.
	Address string
	// Token is an access token of an administrator's, OrgID the organization.
	Token, OrgID string
	// UserToken is that of a person, for what identities may not do; empty if there is none.
	UserToken string
	// HTTP makes the requests; nil is http.DefaultClient.
	HTTP *http.Client
	// V3 writes secrets through version 3 of the API, for servers without version 4.
	V3 bool
}

// Error is a refusal of the server.
type Error struct {
	// Status is the HTTP status.
	Status int `json:"statusCode"`
	// Name is the field error of the answer, such as NotFound.
	Name string `json:"error"`
	// Message is its field message, a text or a list.
	Message any `json:"message"`

	call string
}

// Error returns the refusal in one line.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %d %s: %v", e.call, e.Status, e.Name, e.Message)
}

// Bootstrap sets up a server that nobody has set up before, and returns its administrator.
func Bootstrap(ctx context.Context, address string, client *http.Client) (*Client, error) {
	c := &Client{Address: address, HTTP: client}
	const email, password = "admin@example.test", "a long enough password 1!"
	var answer struct {
		Organization struct{ ID string }
		Identity     struct{ Credentials struct{ Token string } }
	}
	body := map[string]any{"email": email, "password": password, "organization": "tests"}
	if err := c.Call(ctx, http.MethodPost, "/api/v1/admin/bootstrap", body, &answer); err != nil {
		return nil, err
	}
	c.Token, c.OrgID = answer.Identity.Credentials.Token, answer.Organization.ID
	return c, c.loginUser(ctx, email, password)
}

func (c *Client) loginUser(ctx context.Context, email, password string) error {
	var login struct{ AccessToken string }
	if err := c.Call(ctx, http.MethodPost, "/api/v3/auth/login", map[string]any{"email": email, "password": password}, &login); err != nil {
		return err
	}
	var selected struct{ Token string }
	person := *c
	person.Token = login.AccessToken
	err := person.Call(ctx, http.MethodPost, "/api/v3/auth/select-organization", map[string]any{"organizationId": c.OrgID}, &selected)
	c.UserToken = selected.Token
	return err
}

// Call makes one request with the administrator's token and decodes the answer into the given
// value; nil throws it away. A refusal is an *Error.
func (c *Client) Call(ctx context.Context, method, path string, body, into any) error {
	return c.call(ctx, request{method: method, path: path, token: c.Token}, body, into)
}

// CallAsUser is Call with the token of a person.
func (c *Client) CallAsUser(ctx context.Context, method, path string, body, into any) error {
	return c.call(ctx, request{method: method, path: path, token: c.UserToken}, body, into)
}

type request struct{ method, path, token string }

func (c *Client) call(ctx context.Context, r request, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("writing the body of %s: %w", r.path, err)
	}
	if body == nil {
		text = nil
	}
	made, err := http.NewRequestWithContext(ctx, r.method, c.Address+r.path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("calling %s: %w", r.path, err)
	}
	if body != nil {
		made.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		made.Header.Set("Authorization", "Bearer "+r.token)
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(made)
	if err != nil {
		return fmt.Errorf("calling %s: %w", r.path, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("reading the answer of %s: %w", r.path, err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		refused := &Error{call: r.method + " " + r.path}
		_ = json.Unmarshal(answer, refused) // what is not JSON has its status
		refused.Status = response.StatusCode
		return refused
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", r.path, err)
	}
	return nil
}

// unique makes a name that was not used before.
func unique(name string) string { return name + "-" + strings.ToLower(rand.Text()[:8]) }
