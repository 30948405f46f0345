// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"strings"

	"github.com/go-resty/resty/v2"
	api "github.com/infisical/go-sdk/packages/api/auth"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// universalAuth logs in with a client ID and a client secret.
type universalAuth struct {
	cfg  backend.Config
	spec *v1alpha1.InfisicalUniversalAuth
}

func (u *universalAuth) proof(ctx context.Context) (proof, error) {
	id := sensitive.FromString(u.spec.ClientID)
	if u.spec.ClientIDRef != nil {
		var err error
		if id, err = keptCredential(ctx, u.cfg, *u.spec.ClientIDRef); err != nil {
			return proof{}, err
		}
	}
	secret, err := keptCredential(ctx, u.cfg, u.spec.ClientSecretRef)
	if err != nil {
		return proof{}, err
	}
	request := api.UniversalAuthLoginRequest{ClientID: string(id.Reveal()), ClientSecret: string(secret.Reveal())}
	return proof{
		account: "universal\n" + request.ClientID,
		// Both are what a person may have changed: another ID may make the secret right.
		secret: sensitive.FromString(request.ClientID + "\n" + request.ClientSecret),
		login: func(http *resty.Client) (api.MachineIdentityAuthLoginResponse, error) {
			return api.CallUniversalAuthLogin(http, request) //nolint:wrapcheck // It is judged by the answer.
		},
	}, nil
}

func (u *universalAuth) kept() bool { return true }

func (u *universalAuth) who() string {
	if u.spec.ClientID != "" {
		return "the machine identity with client ID \"" + u.spec.ClientID + "\""
	}
	return "the machine identity of spec.infisical.auth.universal.clientIDRef"
}

func (u *universalAuth) advice(got *answer) string {
	switch {
	case strings.Contains(got.text, "locked"):
		return "it is locked for some minutes, because somebody showed wrong secrets"
	case strings.Contains(got.text, "expired"):
		return "the client secret has expired"
	case strings.Contains(got.text, "usage limit"):
		return "the client secret has been used as often as it may be"
	}
	return "check the client ID, that the client secret is of it and not revoked, and the addresses that it may be used from"
}
