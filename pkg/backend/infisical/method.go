// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"fmt"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
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
	// who names the identity in messages.
	who() string
	// advice says what to check when Infisical refuses the login with that answer.
	advice(got *answer) string
}

// proof is what a login shows.
type proof struct {
	// login is the SDK's call that logs in; nil if secret is a ready token.
	login sdkCall
	// secret is the part of it that a person rotates; empty if it is made fresh each time.
	secret sensitive.Value
}

// newMethod returns the one method that the specification gives. Errors: InvalidSpec.
func newMethod(cfg backend.Config) (method, error) {
	auth := cfg.Spec.Infisical.Auth
	var methods []method
	var identities []string
	if m := auth.Universal; m != nil {
		if (m.ClientID == "") == (m.ClientIDRef == nil) {
			return nil, invalid("spec.infisical.auth.universal: give exactly one of clientID and clientIDRef")
		}
		methods = append(methods, &universalAuth{cfg: cfg, spec: m})
	}
	if m := auth.Kubernetes; m != nil {
		methods, identities = append(methods, &kubernetesAuth{cfg: cfg, spec: m}), append(identities, m.IdentityID)
	}
	for kind, m := range map[string]*v1alpha1.InfisicalTokenLogin{kindOIDC: auth.OIDC, kindJWT: auth.JWT} {
		if m == nil {
			continue
		}
		if (m.ServiceAccount == nil) == (m.TokenRef == nil) {
			return nil, invalid("spec.infisical.auth.%s: give exactly one of serviceAccount and tokenRef", kind)
		}
		methods, identities = append(methods, &tokenLogin{cfg: cfg, spec: m, kind: kind}), append(identities, m.IdentityID)
	}
	if m := auth.LDAP; m != nil {
		if m.Username == "" {
			return nil, invalid("spec.infisical.auth.ldap.username: give one")
		}
		methods, identities = append(methods, &ldapAuth{cfg: cfg, spec: m}), append(identities, m.IdentityID)
	}
	if m := auth.Token; m != nil {
		methods = append(methods, &tokenAuth{cfg: cfg, spec: m})
	}
	if len(methods) != 1 {
		return nil, invalid("spec.infisical.auth: give exactly one of universal, kubernetes, oidc, jwt, ldap and token")
	}
	for _, identity := range identities {
		if !name.MatchString(identity) {
			return nil, invalid("spec.infisical.auth: identityID: the ID of a machine identity is valid")
		}
	}
	return methods[0], nil
}

// keptCredential reads a credential that a person put into a Secret.
func keptCredential(ctx context.Context, cfg backend.Config, ref v1alpha1.SecretKeyRef) (sensitive.Value, error) {
	return remote.KeptCredential(ctx, cfg.Credentials, cfg.CredentialNamespace, ref.Name, ref.Key) //nolint:wrapcheck // classed and complete
}

// accountName names a ServiceAccount in messages.
func accountName(cfg backend.Config, name string) string {
	return fmt.Sprintf("ServiceAccount %q", cfg.IdentityNamespace+"/"+name)
}
