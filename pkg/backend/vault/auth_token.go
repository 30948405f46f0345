// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"fmt"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
)

// tokenAuth uses a token that somebody else made, and neither renews nor revokes it.
type tokenAuth struct {
	cfg  backend.Config
	spec *v1alpha1.VaultTokenAuth
}

func (t *tokenAuth) proof(ctx context.Context) (proof, error) {
	token, err := keptCredential(ctx, t.cfg, t.spec.SecretRef.Name, t.spec.SecretRef.Key)
	if err != nil {
		return proof{}, err
	}
	return proof{secret: token}, nil
}

func (t *tokenAuth) kept() bool            { return true }
func (t *tokenAuth) mount() string         { return "" }
func (t *tokenAuth) advice(*answer) string { return "" }

func (t *tokenAuth) who() string {
	if t.cfg.Login != "" {
		return t.cfg.Login
	}
	return fmt.Sprintf("the token of Secret %q", t.cfg.CredentialNamespace+"/"+t.spec.SecretRef.Name)
}
