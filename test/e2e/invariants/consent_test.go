// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestACredentialNeedsItsOwnersConsent takes the label off a credential before anybody has
// used it, and puts it back, in both places where credentials are.
func TestACredentialNeedsItsOwnersConsent(t *testing.T) {
	w := suite.Get(t)
	n := retire(t, w.Tenant(t, harness.TenantOptions{}))
	credentials := map[string]client.ObjectKey{"own": n.Key(harness.Credential)}
	edits := map[string]harness.SyncEdit{"own": by(harness.Backend)}
	if w.ServesClusterBackends() {
		shared := n.ClusterBackend(t, "consent", nil)
		credentials["cluster"] = client.ObjectKey{Namespace: harness.Home, Name: shared}
		edits["cluster"] = byCluster(shared)
	}
	offer := func(text string) {
		for _, key := range credentials {
			label(t, n, key, text)
		}
	}
	refused := func() {
		for name := range credentials {
			awaitReason(t, n, name, "CredentialNotOffered")
		}
	}
	offer("")
	w.Run(t, harness.RunOptions{Args: quick()})
	for name, edit := range edits {
		n.Write(t, name, fields{field: "a value"})
		n.Sync(t, name, edit)
	}
	refused()
	if logins := n.Logins(t); logins > 0 {
		t.Errorf("want no login without consent, got %d", logins)
	}
	offer("false")
	refused()
	offer("true")
	for name := range credentials {
		n.AwaitSecret(t, name, texts{field: "a value"})
	}
}

// label sets or, empty, removes the label by which a Secret is offered.
func label(t *testing.T, n *harness.Tenant, key client.ObjectKey, value string) {
	t.Helper()
	var secret corev1.Secret
	n.Change(t, key, &secret, func() {
		secret.Labels = map[string]string{v1alpha1.LabelCredential: value}
		if value == "" {
			secret.Labels = nil
		}
	})
}

// TestTokensAreForOneNameAndOneAudience has backends log in with tokens that must not be
// asked for, and looks at all that were.
func TestTokensAreForOneNameAndOneAudience(t *testing.T) {
	w := suite.Get(t)
	since := now()
	n, bare := retire(t, w.Tenant(t, harness.TenantOptions{})), retire(t, w.Tenant(t, harness.TenantOptions{}))
	for _, account := range []string{v1alpha1.DefaultServiceAccount, "builder"} {
		n.Create(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: account}})
	}
	harness.Must(t, n.Vault.WriteKubernetesRole(t.Context(), harness.KubernetesMount, cluster.KubernetesRole{
		Name: n.Namespace, Audience: audience, Policies: []string{n.Namespace},
	}))
	w.Run(t, harness.RunOptions{Args: quick()})
	logsIn := func(n *harness.Tenant, name, account, audience string) {
		identity := v1alpha1.ServiceAccountIdentity{Audience: audience}
		if account != "" {
			identity.ServiceAccountRef = &v1alpha1.LocalRef{Name: account}
		}
		backend(t, n, name, v1alpha1.VaultAuth{Kubernetes: &v1alpha1.VaultKubernetesAuth{Role: n.Namespace, ServiceAccountIdentity: identity}})
		n.Write(t, name, fields{field: "a value"})
		n.Sync(t, name, by(name))
	}
	logsIn(n, "good", "", audience)
	logsIn(n, "other-account", "builder", audience)
	logsIn(n, "own-audience", "", w.Cluster.Issuer())
	logsIn(bare, "no-account", "", audience)
	awaitReason(t, n, "good", serving)
	awaitReason(t, n, "other-account", "ServiceAccountNotAllowed")
	awaitReason(t, n, "own-audience", "InvalidAudience")
	awaitReason(t, bare, "no-account", "ServiceAccountNotFound")
	without := &v1alpha1.SecretBackend{ObjectMeta: metav1.ObjectMeta{Namespace: n.Namespace, Name: "without-audience"}}
	without.Spec.Vault = &v1alpha1.VaultBackend{Address: n.Vault.Address(), Auth: v1alpha1.VaultAuth{Kubernetes: &v1alpha1.VaultKubernetesAuth{Role: "app"}}}
	if err := n.Client.Create(t.Context(), without); !apierrors.IsInvalid(err) {
		t.Errorf("want a backend without an audience refused by the API server, got %v", err)
	}
	wantTokens(t, w, since)
}

// wantTokens looks at every TokenRequest that the operator made.
func wantTokens(t *testing.T, w *harness.Installed, since time.Time) {
	t.Helper()
	used := 0
	for _, event := range requests(t, w, since) {
		if about(event) != "serviceaccounts/token" {
			continue
		}
		if event.ObjectRef.Name != v1alpha1.DefaultServiceAccount {
			t.Errorf("a token of %q was asked for", event.ObjectRef.Name)
		}
		var asked authenticationv1.TokenRequest
		harness.Must(t, json.Unmarshal(event.RequestObject, &asked))
		if seconds := asked.Spec.ExpirationSeconds; seconds == nil || *seconds != 600 {
			t.Errorf("want tokens of ten minutes, got %v", seconds)
		}
		if len(asked.Spec.Audiences) == 0 || event.ResponseStatus.Code >= 400 {
			continue // The first one tells the API server's own audiences and is dropped.
		}
		if !slices.Equal(asked.Spec.Audiences, []string{audience}) {
			t.Errorf("a token for %v was asked for", asked.Spec.Audiences)
		}
		var got authenticationv1.TokenRequest
		harness.Must(t, json.Unmarshal(event.ResponseObject, &got))
		used++
		wantUseless(t, w, got.Status.Token)
	}
	if used == 0 {
		t.Error("want a token for Vault, or nothing was looked at")
	}
}

// wantUseless fails the test if the API server lets in who shows the token.
func wantUseless(t *testing.T, w *harness.Installed, token string) {
	t.Helper()
	config := rest.AnonymousClientConfig(w.Cluster.Config())
	config.BearerToken = token
	bearer, err := client.New(config, client.Options{Scheme: operator.NewScheme(), Mapper: w.Client.RESTMapper()})
	harness.Must(t, err)
	if err := bearer.Get(t.Context(), client.ObjectKey{Name: harness.Home}, &corev1.Namespace{}); !apierrors.IsUnauthorized(err) {
		t.Errorf("want the token refused by the API server, got %v", err)
	}
}
