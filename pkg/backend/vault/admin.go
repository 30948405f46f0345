// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Admin reads and writes the objects that logging in at a Vault depends on: policies, roles,
// secret IDs. The operator never opens one. It is safe for concurrent use.
type Admin struct{ vault *vault }

// OpenAdmin returns an Admin for the configuration, without a network request. Errors are
// Open's.
func (p *Provider) OpenAdmin(cfg backend.Config) (*Admin, error) {
	opened, err := p.Open(cfg)
	if err != nil {
		return nil, err
	}
	v, ok := opened.(*vault)
	if !ok {
		return nil, invalid("the backend is no Vault")
	}
	return &Admin{vault: v}, nil
}

// Object is what Vault answers of an object: the JSON text of each member.
type Object map[string]sensitive.Value

// Text returns a member that is a text; empty for any other.
func (o Object) Text(name string) string {
	var text string
	if json.Unmarshal(o[name].Reveal(), &text) != nil {
		return ""
	}
	return text
}

// Get reads the object at a path such as "auth/kubernetes/role/app". It returns nil if there
// is none. Errors: Denied (naming the policy line that would allow it), NotFound (the mount is
// not there), InvalidSpec, Throttled, Unavailable.
func (a *Admin) Get(ctx context.Context, path string) (Object, error) {
	return a.send(ctx, http.MethodGet, path, nil, "read")
}

// Post writes an object and returns what Vault answers, nil if that is nothing. Errors are
// Get's.
func (a *Admin) Post(ctx context.Context, path string, body map[string]any) (Object, error) {
	return a.send(ctx, http.MethodPost, path, body, "create", "update")
}

func (a *Admin) send(ctx context.Context, method, path string, body map[string]any, capabilities ...string) (Object, error) {
	ref, err := backend.ParseRef(path, "")
	if err != nil {
		return nil, err
	}
	r := call{method: method, path: ref.Path(), namespace: a.vault.namespace}
	if body != nil {
		r.body = body
	}
	got, err := a.vault.authorized(ctx, r)
	if err != nil {
		return nil, err
	}
	switch {
	case got.Status == http.StatusNoContent:
		return nil, nil
	case got.Status == http.StatusNotFound && !got.says("no handler for route") && !got.says("unsupported path"):
		return nil, nil
	case got.Status != http.StatusOK:
		return nil, a.vault.refused(got, describe(method, path), path, capabilities...)
	}
	var said struct {
		Data map[string]json.RawMessage `json:"data"`
	}
	if err := got.decode(&said); err != nil {
		return nil, err
	}
	return Object(fields(said.Data)), nil
}

func describe(method, path string) string {
	if method == http.MethodGet {
		return "reading " + path
	}
	return "writing " + path
}

// Root reports whether the identity is a root token, whose end a person should see to.
func (a *Admin) Root(ctx context.Context) (bool, error) {
	self, err := a.send(ctx, http.MethodGet, "auth/token/lookup-self", nil, "read")
	if err != nil {
		return false, err
	}
	var policies []string
	if json.Unmarshal(self["policies"].Reveal(), &policies) != nil {
		return false, unreadable("a token has no policies")
	}
	return slices.Contains(policies, "root"), nil
}

// Seal is how far a Vault is from serving.
type Seal struct {
	// Initialized says that it has keys, Sealed that it has not been given them.
	Initialized bool `json:"initialized"`
	Sealed      bool `json:"sealed"`
}

// Seal asks how far Vault is, which needs no login.
func (a *Admin) Seal(ctx context.Context) (Seal, error) {
	got, err := a.vault.client.do(ctx, call{method: http.MethodGet, path: "sys/seal-status"})
	if err != nil {
		return Seal{}, err
	}
	var seal Seal
	if err := got.decode(&seal); err != nil {
		return Seal{}, err
	}
	return seal, nil
}

// Close is Backend's.
func (a *Admin) Close(ctx context.Context) error { return a.vault.Close(ctx) }
