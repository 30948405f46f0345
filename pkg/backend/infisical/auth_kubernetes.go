// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-resty/resty/v2"
	api "github.com/infisical/go-sdk/packages/api/auth"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
)

// kubernetesAuth logs in with a fresh ServiceAccount token, which Infisical has reviewed by
// the API server.
type kubernetesAuth struct {
	cfg  backend.Config
	spec *v1alpha1.InfisicalKubernetesAuth
}

func (k *kubernetesAuth) proof(ctx context.Context) (proof, error) {
	token, err := k.cfg.Credentials.ServiceAccountToken(ctx, k.cfg.IdentityNamespace, k.spec.ServiceAccountOrDefault(), k.spec.Audience)
	if err != nil {
		return proof{}, err //nolint:wrapcheck // classed and complete
	}
	request := api.KubernetesAuthLoginRequest{IdentityID: k.spec.IdentityID, JWT: string(token.Reveal())}
	return proof{login: func(http *resty.Client) (api.MachineIdentityAuthLoginResponse, error) {
		return api.CallKubernetesAuthLogin(http, request) //nolint:wrapcheck // It is judged by the answer.
	}}, nil
}

func (k *kubernetesAuth) kept() bool { return false }

func (k *kubernetesAuth) who() string {
	return fmt.Sprintf("identity %q with %s", k.spec.IdentityID, accountName(k.cfg, k.spec.ServiceAccountOrDefault()))
}

func (k *kubernetesAuth) advice(got *answer) string {
	switch {
	case strings.Contains(got.kind, "TokenReviewer"):
		return "Infisical may not review tokens of this cluster: check the token reviewer of the identity"
	case got.reviewerAway():
		return "Infisical does not reach the API server of this cluster: check the host and the CA of the identity's Kubernetes auth"
	}
	return fmt.Sprintf("check that the identity's Kubernetes auth allows this ServiceAccount and namespace, and that its allowed audience is %q", k.spec.Audience)
}

// reviewerAway reports whether Infisical could not ask the cluster's API server: that says
// nothing of who logs in. The names are those of the server's Kubernetes auth, and of a
// refusal it says TokenReviewer.
func (a *answer) reviewerAway() bool {
	return strings.HasPrefix(a.kind, "Kubernetes") && !strings.Contains(a.kind, "TokenReviewer")
}
