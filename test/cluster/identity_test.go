// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"net/http"
	"slices"
	"testing"

	"github.com/hashicorp/vault/api"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// whoIs asks the API server who a configuration is.
func whoIs(t *testing.T, config *rest.Config) authenticationv1.UserInfo {
	t.Helper()
	k, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	review, err := k.AuthenticationV1().SelfSubjectReviews().Create(t.Context(),
		&authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return review.Status.UserInfo
}

// mayListSecrets asks for something that needs a right.
func mayListSecrets(t *testing.T, config *rest.Config) error {
	t.Helper()
	k, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.CoreV1().Secrets("").List(t.Context(), metav1.ListOptions{})
	return err
}

func TestAdminHasEveryRight(t *testing.T) {
	c := shared.Get(t)
	if groups := whoIs(t, c.Config()).Groups; !slices.Contains(groups, "system:masters") {
		t.Errorf("groups %q, want system:masters", groups)
	}
	if err := mayListSecrets(t, c.Config()); err != nil {
		t.Error(err)
	}
}

func TestUserIsWhoTheCertificateSays(t *testing.T) {
	c := shared.Get(t)
	config, err := c.UserConfig("jane", "viewers", "team-a")
	if err != nil {
		t.Fatal(err)
	}
	user := whoIs(t, config)
	if user.Username != "jane" || !slices.Contains(user.Groups, "viewers") || !slices.Contains(user.Groups, "team-a") {
		t.Errorf("user %q of groups %q, want jane of viewers and team-a", user.Username, user.Groups)
	}
	if err := mayListSecrets(t, config); !apierrors.IsForbidden(err) {
		t.Errorf("listing Secrets without a right: %v, want forbidden", err)
	}
}

func TestServiceAccountHasOnlyItsRights(t *testing.T) {
	c := shared.Get(t)
	namespace := newNamespace(t, c)
	config, err := c.ServiceAccountConfig(t.Context(), namespace, "app")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := whoIs(t, config).Username, "system:serviceaccount:"+namespace+":app"; got != want {
		t.Errorf("user %q, want %q", got, want)
	}
	if err := mayListSecrets(t, config); !apierrors.IsForbidden(err) {
		t.Errorf("listing Secrets without a right: %v, want forbidden", err)
	}
}

func TestTokenIsForItsAudience(t *testing.T) {
	c := shared.Get(t)
	token, err := c.ServiceAccountToken(t.Context(), newNamespace(t, c), "app", TokenOptions{Audiences: []string{"vault"}})
	if err != nil {
		t.Fatal(err)
	}
	config := c.anonymous()
	config.BearerToken = token
	if err := mayListSecrets(t, config); !apierrors.IsUnauthorized(err) {
		t.Errorf("a token for another audience at the API server: %v, want unauthorized", err)
	}
}

func TestKubeconfigWorks(t *testing.T) {
	c := shared.Get(t)
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := whoIs(t, config).Username, whoIs(t, c.Config()).Username; got != want {
		t.Errorf("user %q, want %q", got, want)
	}
}

// TestVaultReviewsTokens is the whole way: TokenRequest with an audience, login, TokenReview, policy.
func TestVaultReviewsTokens(t *testing.T) {
	c := shared.Get(t)
	v, namespace := c.Vault(), newNamespace(t, c)
	if err := v.EnableKubernetesAuth(t.Context(), c, "reviewing"); err != nil {
		t.Fatal(err)
	}
	readableEntry(t, v, "reviewed", "app")
	role := KubernetesRole{
		Name: "app", Audience: "vault", ServiceAccounts: []string{"app"}, Namespaces: []string{namespace}, Policies: []string{"app"},
	}
	if err := v.WriteKubernetesRole(t.Context(), "reviewing", role); err != nil {
		t.Fatal(err)
	}

	login := func(options TokenOptions) (*api.Secret, error) {
		token, err := c.ServiceAccountToken(t.Context(), namespace, "app", options)
		if err != nil {
			t.Fatal(err)
		}
		return v.Root().Logical().WriteWithContext(t.Context(), "auth/reviewing/login", map[string]any{"role": "app", "jwt": token})
	}
	answer, err := login(TokenOptions{Audiences: []string{"vault"}})
	if err != nil {
		t.Fatal(err)
	}
	readsOnly(t, v, answer.Auth.ClientToken, "reviewed")

	if _, err := login(TokenOptions{Audiences: []string{"elsewhere"}}); status(err) != http.StatusForbidden {
		t.Errorf("login for another audience: %v, want status 403", err)
	}

	reviews := 0
	for event, err := range ReadAudit(c.AuditLogPath()) {
		if err != nil {
			t.Fatal(err)
		}
		if ref := event.ObjectRef; ref != nil && ref.Resource == "tokenreviews" && event.User.Username == "system:serviceaccount:vault:vault-reviewer" {
			reviews++
		}
	}
	if reviews == 0 {
		t.Error("Vault has asked the API server for no review")
	}
}

func TestVaultTakesServiceAccountTokensAsJWT(t *testing.T) {
	c := shared.Get(t)
	v, namespace := c.Vault(), newNamespace(t, c)
	if err := v.EnableJWT(t.Context(), "cluster-jwt", c.Issuer(), c.ServiceAccountKey()); err != nil {
		t.Fatal(err)
	}
	role := JWTRole{Name: "app", Audiences: []string{"vault"}, Subject: "system:serviceaccount:" + namespace + ":app"}
	if err := v.WriteJWTRole(t.Context(), "cluster-jwt", role); err != nil {
		t.Fatal(err)
	}
	token, err := c.ServiceAccountToken(t.Context(), namespace, "app", TokenOptions{Audiences: []string{"vault"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Root().Logical().WriteWithContext(t.Context(), "auth/cluster-jwt/login", map[string]any{"role": "app", "jwt": token})
	if err != nil {
		t.Error(err)
	}
}
