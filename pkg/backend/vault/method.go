// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"fmt"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// method is a way to log in. Nothing of a credential stays in it.
type method interface {
	// proof reads, live, what shows who we are. Errors: those of a CredentialSource.
	proof(ctx context.Context) (proof, error)
	// kept reports whether the credential is kept somewhere until a person changes it.
	kept() bool
	// mount is where the auth method lives; empty if it is no login.
	mount() string
	// who names the identity in messages.
	who() string
	// advice says what to check when Vault refuses the login with that answer.
	advice(got *answer) string
}

// proof is what a login shows.
type proof struct {
	// login is the body of the login request; nil if secret is a ready token.
	login map[string]string
	// secret is the part of it that a person rotates; empty if it is made fresh each time.
	secret sensitive.Value
}

// newMethod returns the one method that the specification gives. Errors: InvalidSpec.
func newMethod(cfg backend.Config) (method, error) {
	auth := cfg.Spec.Vault.Auth
	var methods []method
	if auth.Kubernetes != nil {
		methods = append(methods, &kubernetesAuth{cfg: cfg, spec: auth.Kubernetes, at: or(auth.Mount, "kubernetes")})
	}
	if auth.AppRole != nil {
		methods = append(methods, &appRoleAuth{cfg: cfg, spec: auth.AppRole, at: or(auth.Mount, "approle")})
	}
	if auth.JWT != nil {
		if (auth.JWT.ServiceAccount == nil) == (auth.JWT.TokenRef == nil) {
			return nil, invalid("spec.vault.auth.jwt: give exactly one of serviceAccount and tokenRef")
		}
		methods = append(methods, &jwtAuth{cfg: cfg, spec: auth.JWT, at: or(auth.Mount, "jwt")})
	}
	if auth.Token != nil {
		methods = append(methods, &tokenAuth{cfg: cfg, spec: auth.Token})
	}
	if len(methods) != 1 {
		return nil, invalid("spec.vault.auth: give exactly one of kubernetes, appRole, jwt, token")
	}
	return methods[0], nil
}

// keptCredential reads a credential that a person put into a Secret.
func keptCredential(ctx context.Context, cfg backend.Config, name, key string) (sensitive.Value, error) {
	return remote.KeptCredential(ctx, cfg.Credentials, cfg.CredentialNamespace, name, key) //nolint:wrapcheck // classed and complete
}

// accountName names a ServiceAccount in messages.
func accountName(cfg backend.Config, name string) string {
	return fmt.Sprintf("ServiceAccount %q", cfg.IdentityNamespace+"/"+name)
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
