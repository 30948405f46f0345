// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"cmp"
	"context"
	"fmt"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
)

// jwtAuth logs in with a JWT that Vault verifies by itself: a fresh ServiceAccount token,
// or one that is kept in a Secret.
type jwtAuth struct {
	cfg  backend.Config
	spec *v1alpha1.VaultJWTAuth
	at   string
}

func (j *jwtAuth) proof(ctx context.Context) (proof, error) {
	if account := j.spec.ServiceAccount; account != nil {
		token, err := j.cfg.Credentials.ServiceAccountToken(ctx, j.cfg.IdentityNamespace, account.ServiceAccountOrDefault(), account.Audience)
		if err != nil {
			return proof{}, err
		}
		return proof{login: j.body(string(token.Reveal()))}, nil
	}
	token, err := keptCredential(ctx, j.cfg, j.spec.TokenRef.Name, j.spec.TokenRef.Key)
	if err != nil {
		return proof{}, err
	}
	jwt := string(token.Reveal())
	j.cfg.ObserverOrNop().CredentialEnds(backend.CredentialJWT, remote.JWTEnds(jwt))
	return proof{login: j.body(jwt), secret: token}, nil
}

// body leaves the role out if none is given: the mount's default role then applies.
func (j *jwtAuth) body(jwt string) map[string]string {
	body := map[string]string{"jwt": jwt}
	if j.spec.Role != "" {
		body["role"] = j.spec.Role
	}
	return body
}

func (j *jwtAuth) kept() bool    { return j.spec.TokenRef != nil }
func (j *jwtAuth) mount() string { return j.at }

func (j *jwtAuth) who() string {
	role := "the default role"
	if j.spec.Role != "" {
		role = fmt.Sprintf("role %q", j.spec.Role)
	}
	if j.spec.ServiceAccount != nil {
		return role + " with " + accountName(j.cfg, j.spec.ServiceAccount.ServiceAccountOrDefault())
	}
	return role + " with " + cmp.Or(j.cfg.Login, "the JWT of spec.vault.auth.jwt.tokenRef")
}

func (j *jwtAuth) advice(got *answer) string {
	switch {
	case got.says("could not be found"), got.says("missing role"):
		return "there is no such role, and no default role either if none was given"
	case got.says("audience"):
		return "the role's bound_audiences do not include the token's audience"
	case got.says("expired"):
		return "the token has expired"
	case got.says("error validating claims"):
		return "the role's bound claims or bound_subject do not match the token"
	case got.says("error validating token"), got.says("signature"):
		return "the mount does not trust the token's issuer or signing key"
	}
	return "check the role, its bound audiences, subject and claims, and whose keys the mount trusts"
}
