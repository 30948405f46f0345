// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"strings"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	backendinfisical "github.com/secretsync/secretsync/pkg/backend/infisical"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Options name an environment of a project, and who logs in there.
type Options struct {
	// Address is scheme, host and port. Scheme http is taken for a loopback address only.
	Address string
	// ProjectID is the project, Environment the slug of its environment.
	ProjectID, Environment string
	// CA are the certificates, PEM, that the server's is signed by; empty means the system's.
	CA []byte
	// IdentityID is the machine identity that logs in with the credential, an OIDC token; if it
	// is empty, the credential is an access token.
	IdentityID string
	// Credential returns what is logged in with; it is asked for it at each login.
	Credential login.Credential
	// Clock tells the time.
	Clock clock.WithTicker
}

// Client is one environment of a project, logged in to when it is first needed.
type Client struct {
	name    string
	backend backend.Backend
	values  backend.ValueWriter
}

// Open returns the environment that the options name, without a request. Errors: InvalidSpec.
func Open(o Options) (*Client, error) {
	host, err := words().Host(o.Address, o.CA)
	if err != nil {
		return nil, err
	}
	called := "the Infisical token"
	ref := v1alpha1.SecretKeyRef{Name: login.Name, Key: login.Key}
	auth := v1alpha1.InfisicalAuth{Token: &v1alpha1.InfisicalTokenAuth{SecretRef: ref}}
	if o.IdentityID != "" {
		called = "the OIDC token of this run"
		auth = v1alpha1.InfisicalAuth{OIDC: &v1alpha1.InfisicalTokenLogin{IdentityID: o.IdentityID, TokenRef: &ref}}
	}
	opened, err := backendinfisical.New().Open(backend.Config{
		Spec: v1alpha1.BackendSpec{Infisical: &v1alpha1.InfisicalBackend{
			Address: o.Address, ProjectID: o.ProjectID, Environment: o.Environment, Auth: auth,
			ExpandReferences: new(false), IncludeImports: new(false), TLS: v1alpha1.TLS{CABundle: string(o.CA)},
		}},
		Credentials: login.Source(o.Credential), Network: login.Network(host), Clock: o.Clock, Login: called,
	})
	if err != nil {
		return nil, worded(err)
	}
	values, ok := opened.(backend.ValueWriter)
	if !ok {
		return nil, fault.New(fault.InvalidSpec, "ReadOnly", "this backend cannot be written to")
	}
	_, address, _ := strings.Cut(strings.TrimSuffix(o.Address, "/"), "://")
	return &Client{name: o.Environment + " at " + address, backend: opened, values: values}, nil
}

// Close revokes the token that was obtained by logging in.
func (c *Client) Close(ctx context.Context) error { return c.backend.Close(ctx) }
