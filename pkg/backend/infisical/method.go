// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"cmp"
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
	// account names who is locked when wrong secrets are shown; empty if nobody is.
	account string
}

// newMethod returns the one method that the specification gives. Errors: InvalidSpec.
func newMethod(cfg backend.Config) (method, error) {
	auth := cfg.Spec.Infisical.Auth
	if err := checkAuth(&auth); err != nil {
		return nil, err
	}
	switch {
	case auth.Universal != nil:
		return &universalAuth{cfg: cfg, spec: auth.Universal}, nil
	case auth.Kubernetes != nil:
		return &kubernetesAuth{cfg: cfg, spec: auth.Kubernetes}, nil
	case auth.OIDC != nil:
		return &tokenLogin{cfg: cfg, spec: auth.OIDC, kind: kindOIDC}, nil
	case auth.JWT != nil:
		return &tokenLogin{cfg: cfg, spec: auth.JWT, kind: kindJWT}, nil
	case auth.LDAP != nil:
		return &ldapAuth{cfg: cfg, spec: auth.LDAP}, nil
	default:
		return &tokenAuth{cfg: cfg, spec: auth.Token}, nil
	}
}

// checkAuth repeats what the CRD's rules say, for those who do not pass them.
func checkAuth(auth *v1alpha1.InfisicalAuth) error {
	if methodsOf(auth) != 1 {
		return invalid("spec.infisical.auth: give exactly one of universal, kubernetes, oidc, jwt, ldap and token")
	}
	if err := checkMethod(auth); err != nil {
		return err
	}
	if identity, needed := identityOf(auth); needed && !name.MatchString(identity) {
		return invalid("spec.infisical.auth: identityID: the ID of a machine identity is valid")
	}
	return nil
}

// checkMethod checks what the methods ask for, each for itself.
func checkMethod(auth *v1alpha1.InfisicalAuth) error {
	if m := auth.Universal; m != nil && (m.ClientID == "") == (m.ClientIDRef == nil) {
		return invalid("spec.infisical.auth.universal: give exactly one of clientID and clientIDRef")
	}
	if m := cmp.Or(auth.OIDC, auth.JWT); m != nil && (m.ServiceAccount == nil) == (m.TokenRef == nil) {
		return invalid("spec.infisical.auth: oidc and jwt have exactly one of serviceAccount and tokenRef")
	}
	if auth.LDAP != nil && auth.LDAP.Username == "" {
		return invalid("spec.infisical.auth.ldap.username: give one")
	}
	return nil
}

// methodsOf counts the methods that are given.
func methodsOf(auth *v1alpha1.InfisicalAuth) (given int) {
	for _, there := range []bool{
		auth.Universal != nil, auth.Kubernetes != nil, auth.OIDC != nil, auth.JWT != nil, auth.LDAP != nil, auth.Token != nil,
	} {
		if there {
			given++
		}
	}
	return given
}

// identityOf returns the machine identity that the method names, where it has to.
func identityOf(auth *v1alpha1.InfisicalAuth) (id string, needed bool) {
	switch {
	case auth.Kubernetes != nil:
		return auth.Kubernetes.IdentityID, true
	case auth.OIDC != nil:
		return auth.OIDC.IdentityID, true
	case auth.JWT != nil:
		return auth.JWT.IdentityID, true
	case auth.LDAP != nil:
		return auth.LDAP.IdentityID, true
	default:
		return "", false
	}
}

// keptCredential reads a credential that a person put into a Secret.
func keptCredential(ctx context.Context, cfg backend.Config, ref v1alpha1.SecretKeyRef) (sensitive.Value, error) {
	return remote.KeptCredential(ctx, cfg.Credentials, cfg.CredentialNamespace, ref.Name, ref.Key) //nolint:wrapcheck // classed and complete
}

// accountName names a ServiceAccount in messages.
func accountName(cfg backend.Config, name string) string {
	return fmt.Sprintf("ServiceAccount %q", cfg.IdentityNamespace+"/"+name)
}
