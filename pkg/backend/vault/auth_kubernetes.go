// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"fmt"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
)

// kubernetesAuth logs in with a fresh ServiceAccount token, which Vault has reviewed by
// the API server.
type kubernetesAuth struct {
	cfg  backend.Config
	spec *v1alpha1.VaultKubernetesAuth
	at   string
}

func (k *kubernetesAuth) proof(ctx context.Context) (proof, error) {
	token, err := k.cfg.Credentials.ServiceAccountToken(ctx, k.cfg.IdentityNamespace, k.spec.ServiceAccountOrDefault(), k.spec.Audience)
	if err != nil {
		return proof{}, err
	}
	return proof{login: map[string]string{"role": k.spec.Role, "jwt": string(token.Reveal())}}, nil
}

func (k *kubernetesAuth) kept() bool    { return false }
func (k *kubernetesAuth) mount() string { return k.at }

func (k *kubernetesAuth) who() string {
	return fmt.Sprintf("role %q with %s", k.spec.Role, accountName(k.cfg, k.spec.ServiceAccountOrDefault()))
}

func (k *kubernetesAuth) advice(got *answer) string {
	switch {
	case got.says("invalid role name"):
		return fmt.Sprintf("there is no role %q", k.spec.Role)
	case got.says("service account name not authorized"):
		return "the role's bound_service_account_names do not include the ServiceAccount"
	case got.says("namespace not authorized"):
		return "the role's bound_service_account_namespaces do not include the namespace"
	case got.says("audience"):
		return fmt.Sprintf("the role's audience is not %q", k.spec.Audience)
	}
	return fmt.Sprintf("check that the role binds this ServiceAccount and namespace, that its audience is %q, and that Vault may review tokens of this cluster", k.spec.Audience)
}
