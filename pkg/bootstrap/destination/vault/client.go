// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"errors"
	"strings"
	"sync"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	backendvault "github.com/secretsync/secretsync/pkg/backend/vault"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Options name a Vault and who logs in there.
type Options struct {
	// Address is scheme, host and port. Scheme http is taken for a loopback address only.
	Address string
	// Namespace is the Vault Enterprise or OpenBao namespace; empty is none.
	Namespace string
	// CA are the certificates, PEM, that Vault's is signed by; empty means the system's.
	CA []byte
	// Login says who logs in.
	Login Login
	// Clock tells the time.
	Clock clock.WithTicker
}

// Login is one way to log in: a Token as it is, or a JWT.
type Login struct {
	// Token is a Vault token, used if JWT is nil. It is neither renewed nor revoked.
	Token sensitive.Value
	// JWT logs in at Vault's JWT auth method.
	JWT *JWT
}

// JWT is a login at Vault's JWT auth method.
type JWT struct {
	// Mount is where the auth method lives; empty is "jwt".
	Mount string
	// Role is the role of the method; empty is its default role.
	Role string
	// Namespace is where the auth method lives if it is not the client's.
	Namespace string
	// Token returns the JWT; it is asked for one for each login.
	Token func(context.Context) (sensitive.Value, error)
}

// Client is one Vault under one identity, logged in to when it is first needed.
type Client struct {
	address  string
	config   func(mount string) backend.Config
	provider *backendvault.Provider
	admin    *backendvault.Admin

	mu     sync.Mutex
	mounts map[string]backend.Backend
}

// Open returns the Vault that the options name, without a request: it may exist only in a
// later stage. Errors: InvalidSpec.
func Open(o Options) (*Client, error) {
	host, err := words().Host(o.Address, o.CA)
	if err != nil {
		return nil, err
	}
	_, address, _ := strings.Cut(strings.TrimSuffix(o.Address, "/"), "://")
	c := &Client{address: address, config: o.config(login.Network(host)), provider: backendvault.New(), mounts: map[string]backend.Backend{}}
	if c.admin, err = c.provider.OpenAdmin(c.config(v1alpha1.DefaultVaultMount)); err != nil {
		return nil, worded(err)
	}
	return c, nil
}

// config returns what opens a mount.
func (o Options) config(network backend.Network) func(mount string) backend.Config {
	auth, credential := v1alpha1.VaultAuth{}, login.Credential(func(context.Context) (sensitive.Value, error) { return o.Login.Token, nil })
	ref := v1alpha1.SecretKeyRef{Name: login.Name, Key: login.Key}
	called := "the Vault token"
	if jwt := o.Login.JWT; jwt != nil {
		auth.Mount, auth.Namespace = jwt.Mount, jwt.Namespace
		auth.JWT = &v1alpha1.VaultJWTAuth{Role: jwt.Role, TokenRef: &ref}
		credential, called = jwt.Token, "the OIDC token of this run"
	} else {
		auth.Token = &v1alpha1.VaultTokenAuth{SecretRef: ref}
	}
	source := login.Source(credential)
	return func(mount string) backend.Config {
		return backend.Config{
			Spec: v1alpha1.BackendSpec{Vault: &v1alpha1.VaultBackend{
				Address: o.Address, Namespace: o.Namespace, Mount: mount, Auth: auth,
				TLS: v1alpha1.TLS{CABundle: string(o.CA)},
			}},
			Credentials: source, Network: network, Clock: o.Clock, Login: called,
		}
	}
}

// mount opens a mount once. Errors: InvalidSpec.
func (c *Client) mount(name string) (backend.Writer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	opened := c.mounts[name]
	if opened == nil {
		var err error
		if opened, err = c.provider.Open(c.config(name)); err != nil {
			return nil, worded(err)
		}
		c.mounts[name] = opened
	}
	writer, ok := opened.(backend.Writer)
	if !ok {
		return nil, fault.New(fault.InvalidSpec, "ReadOnly", "this backend cannot be written to")
	}
	return writer, nil
}

// Admin returns the access to policies and roles.
func (c *Client) Admin() *backendvault.Admin { return c.admin }

// Close revokes the tokens that were obtained by logging in.
func (c *Client) Close(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	failed := []error{c.admin.Close(ctx)}
	for _, mount := range c.mounts {
		failed = append(failed, mount.Close(ctx))
	}
	return errors.Join(failed...)
}
