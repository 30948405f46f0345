// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"cmp"
	"context"
	"fmt"

	"github.com/go-resty/resty/v2"
	api "github.com/infisical/go-sdk/packages/api/auth"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// The ways to log in with a JWT that Infisical verifies by itself, as the specification
// names them.
const (
	kindOIDC = "oidc"
	kindJWT  = "jwt"
)

// tokenLogin logs in with a JWT: a fresh ServiceAccount token, or one that is kept in a
// Secret.
type tokenLogin struct {
	cfg  backend.Config
	spec *v1alpha1.InfisicalTokenLogin
	kind string
}

func (j *tokenLogin) proof(ctx context.Context) (proof, error) {
	if account := j.spec.ServiceAccount; account != nil {
		token, err := j.cfg.Credentials.ServiceAccountToken(ctx, j.cfg.IdentityNamespace, account.ServiceAccountOrDefault(), account.Audience)
		if err != nil {
			return proof{}, err //nolint:wrapcheck // classed and complete
		}
		return proof{login: j.call(token)}, nil
	}
	token, err := keptCredential(ctx, j.cfg, *j.spec.TokenRef)
	if err != nil {
		return proof{}, err
	}
	j.cfg.ObserverOrNop().CredentialEnds(backend.CredentialJWT, remote.JWTEnds(string(token.Reveal())))
	return proof{login: j.call(token), secret: token}, nil
}

func (j *tokenLogin) call(token sensitive.Value) sdkCall {
	return func(http *resty.Client) (api.MachineIdentityAuthLoginResponse, error) {
		jwt := string(token.Reveal())
		if j.kind == kindOIDC {
			return api.CallOidcAuthLogin(http, api.OidcAuthLoginRequest{IdentityID: j.spec.IdentityID, JWT: jwt}) //nolint:wrapcheck // It is judged by the answer.
		}
		return api.CallJwtAuthLogin(http, api.JwtAuthLoginRequest{IdentityID: j.spec.IdentityID, JWT: jwt}) //nolint:wrapcheck // It is judged by the answer.
	}
}

func (j *tokenLogin) kept() bool { return j.spec.TokenRef != nil }

func (j *tokenLogin) who() string {
	if account := j.spec.ServiceAccount; account != nil {
		return fmt.Sprintf("identity %q with %s", j.spec.IdentityID, accountName(j.cfg, account.ServiceAccountOrDefault()))
	}
	return fmt.Sprintf("identity %q with %s", j.spec.IdentityID, cmp.Or(j.cfg.Login, "the JWT of spec.infisical.auth."+j.kind+".tokenRef"))
}

func (j *tokenLogin) advice(*answer) string {
	return "check whose keys the identity trusts, and its bound issuer, subject, audiences and claims; the token may have expired"
}
