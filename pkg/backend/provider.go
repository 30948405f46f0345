// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"net"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Provider opens backends of one kind. Opening makes no network request.
type Provider interface {
	// Open returns a Backend for the configuration. Its error is an InvalidSpec that
	// names the field and what would be valid.
	Open(cfg Config) (Backend, error)

	// Capabilities says what each of its backends can do, known before one is opened. A backend
	// may turn out to be able to do more.
	Capabilities() Capabilities
}

// Registry maps a provider's name (the member of the backend's spec, such as vault)
// to its Provider. It is a plain value, made by the composition root.
type Registry map[string]Provider

// Config is all that a provider needs to open a backend under one identity.
type Config struct {
	// Spec is the backend's specification.
	Spec v1alpha1.BackendSpec
	// CredentialNamespace is where references to Secrets ({name, key}) resolve.
	CredentialNamespace string
	// IdentityNamespace is the namespace whose ServiceAccount logs in.
	IdentityNamespace string
	// Credentials reads credentials live, each time a login needs them.
	Credentials CredentialSource
	// Guarded says that only some paths may be read, by those who are named beside the
	// specification: then nothing may be resolved that lies outside of an entry.
	Guarded bool
	// Network says what may be dialled.
	Network Network
	// Clock tells the time, for renewals.
	Clock clock.WithTicker
	// Observer is told of logins and credentials; nil tells nobody.
	Observer Observer
	// Login is what messages call the credential that logs in; empty is as Spec refers to it. Callers
	// give it whose users have not written Spec: then no message of an answer advises to edit it.
	Login string
}

// ObserverOrNop returns the observer, or one that counts nothing.
func (c Config) ObserverOrNop() Observer {
	if c.Observer == nil {
		return NopObserver{}
	}
	return c.Observer
}

// Network is what the operator's flags allow a backend connection to do.
type Network struct {
	// AllowHTTP permits http:// addresses.
	AllowHTTP bool
	// AllowedCIDRs permits link-local, loopback and metadata addresses within these ranges.
	AllowedCIDRs []*net.IPNet
}

// CredentialSource reads what a login needs. Implementations are in pkg/credentials.
type CredentialSource interface {
	// SecretKey returns one key of a Secret that its owner labelled
	// secretsync.io/credential=true. Errors: InvalidSpec (absent, not labelled, no such
	// key), Unavailable (the API server is out of reach).
	SecretKey(ctx context.Context, namespace, name, key string) (sensitive.Value, error)
	// ServiceAccountToken returns a fresh token of 10 minutes for the audience. Errors:
	// InvalidSpec (no audience, an audience the API server itself accepts, a name the
	// chart does not allow, no such ServiceAccount), Unavailable.
	ServiceAccountToken(ctx context.Context, namespace, name, audience string) (sensitive.Value, error)
}
