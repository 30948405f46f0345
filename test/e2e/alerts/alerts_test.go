// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/monitoring"
)

// TestTroubleIsToldOnce has four things go wrong at once. Each is told once, and again when it is over; nothing else
// is told. Of all this each query of the dashboard shows something.
func TestTroubleIsToldOnce(t *testing.T) {
	world := suite.World(t)
	if world.ServesClusterBackends() {
		none := &v1alpha1.ClusterSecretSync{ObjectMeta: metav1.ObjectMeta{Name: "none"}, Spec: v1alpha1.ClusterSecretSyncSpec{
			SecretSync: v1alpha1.SecretSyncTemplate{Spec: v1alpha1.SecretSyncSpec{
				DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "db"}}},
			}},
		}}
		harness.Must(t, world.Client.Create(t.Context(), none))
	}
	w := newWatch(t, world)
	began := time.Now()
	t.Run("Trouble", func(t *testing.T) {
		t.Run("HandEdit", w.handEdit)
		t.Run("VaultStopped", w.vaultStopped)
		t.Run("LongHold", w.longHold)
		t.Run("CredentialRunsOut", w.credentialRunsOut)
	})
	w.nothingElse(t)
	w.dashboardShows(t, began)
}

// synced makes a SecretSync that serves its first revision, and waits until Prometheus knows it.
func (w *watch) synced(t *testing.T, n *harness.Tenant, edits ...harness.SyncEdit) {
	t.Helper()
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db", edits...)
	n.AwaitReady(t, "db", 1)
	w.awaitQuery(t, fmt.Sprintf(`secretsync_serving_revision{exported_namespace=%q} == 1`, n.Namespace))
}

func object(n *harness.Tenant) map[string]string {
	return map[string]string{"namespace": n.Namespace, "name": "db"}
}

func (w *watch) handEdit(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	w.synced(t, n)
	edited := time.Now()
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
	told := w.expect(t, "SecretSyncDriftRepaired", object(n))
	t.Logf("from the edit to the receiver it took %.1f s, scraping every %s", told.Arrived.Sub(edited).Seconds(), scrapeInterval)
	w.resolved(t, "SecretSyncDriftRepaired", object(n))
}

// vaultStopped leaves Vault down until its SecretSync is stale, which is not told beside.
func (w *watch) vaultStopped(t *testing.T) {
	t.Parallel()
	vault := cluster.VaultForTest(t, cluster.VaultOptions{Persistent: true})
	n := suite.World(t).Tenant(t, harness.TenantOptions{Vault: vault})
	w.synced(t, n)
	before := n.Secret(t, "db")
	vault.Server().Kill()
	backend := map[string]string{"backend": "SecretBackend/" + n.Namespace + "/" + harness.Backend}
	w.expect(t, "SecretSyncBackendDown", backend)
	w.awaitQuery(t, fmt.Sprintf(`ALERTS{alertname="SecretSyncStale", alertstate="firing", backend=%q}`, backend["backend"]))
	n.Unchanged(t, before)
	if err := vault.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.resolved(t, "SecretSyncBackendDown", backend)
}

// longHold is ended by saying why.
func (w *watch) longHold(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	w.synced(t, n)
	n.Write(t, "db", fields{"password": "second-password"})
	n.AwaitReady(t, "db", 2)
	n.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "1")
	w.expect(t, "SecretSyncHeldTooLong", object(n))
	n.Annotate(t, "db", v1alpha1.AnnotationHoldReason, "the vendor looks into it")
	w.resolved(t, "SecretSyncHeldTooLong", object(n))
}

// credentialRunsOut is ended by a new one, from the next login on.
func (w *watch) credentialRunsOut(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	signer, err := cluster.NewJWTSigner("https://issuer.test")
	if err != nil {
		t.Fatal(err)
	}
	enableJWT(t, n, signer)
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "vault-jwt", Labels: map[string]string{v1alpha1.LabelCredential: "true"}},
		StringData: map[string]string{"jwt": jwt(t, signer, 30*time.Minute)},
	}
	var own v1alpha1.SecretBackend
	if err := n.Client.Get(t.Context(), n.Key(harness.Backend), &own); err != nil {
		t.Fatal(err)
	}
	backend := &v1alpha1.SecretBackend{ObjectMeta: metav1.ObjectMeta{Name: "by-jwt"}, Spec: own.Spec}
	backend.Spec.Vault.Auth = v1alpha1.VaultAuth{Mount: n.Namespace, JWT: &v1alpha1.VaultJWTAuth{
		Role: "reader", TokenRef: &v1alpha1.SecretKeyRef{Name: "vault-jwt", Key: "jwt"},
	}}
	n.Create(t, secret, backend)
	w.synced(t, n, func(s *v1alpha1.SecretSync) { s.Spec.BackendRef.Name = "by-jwt" })
	labels := map[string]string{"backend": "SecretBackend/" + n.Namespace + "/by-jwt", "credential": "JWT"}
	w.expect(t, "SecretSyncCredentialExpiring", labels)
	n.EditSecret(t, "vault-jwt", func(s *corev1.Secret) { s.Data["jwt"] = []byte(jwt(t, signer, 24*time.Hour)) })
	w.resolved(t, "SecretSyncCredentialExpiring", labels)
}

// enableJWT has Vault accept the signer's tokens for the tenant, each login for moments only.
func enableJWT(t *testing.T, n *harness.Tenant, signer *cluster.JWTSigner) {
	t.Helper()
	if err := n.Vault.EnableJWT(t.Context(), n.Namespace, signer.Issuer(), signer.PublicKey()); err != nil {
		t.Fatal(err)
	}
	_, err := n.Vault.Root().Logical().WriteWithContext(t.Context(), "auth/"+n.Namespace+"/role/reader", map[string]any{
		"role_type": "jwt", "user_claim": "sub", "bound_audiences": []string{"vault"}, "token_policies": []string{n.Namespace},
		"token_ttl": "15s", "token_max_ttl": "15s",
	})
	if err != nil {
		t.Fatal(err)
	}
}

// jwt makes a token that lasts so long.
func jwt(t *testing.T, signer *cluster.JWTSigner, lifetime time.Duration) string {
	t.Helper()
	token, err := signer.Sign(map[string]any{"sub": "payments", "aud": "vault", "exp": time.Now().Add(lifetime).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// dashboardShows has Prometheus answer each query of the dashboard.
func (w *watch) dashboardShows(t *testing.T, began time.Time) {
	t.Helper()
	panels, err := monitoring.RenderDashboard(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("$namespace", ".+", "$__rate_interval", "20s")
	for _, panel := range panels {
		for _, target := range panel.Targets {
			query := fill.Replace(target.Expr)
			if strings.Contains(query, "fan_out") && !suite.ServesClusterBackends() {
				continue // An operator with Roles alone has no ClusterSecretSyncs.
			}
			if found, err := w.prometheus.Numbers(t.Context(), query, began, time.Now(), 2*time.Second); err != nil || found == 0 {
				t.Errorf("panel %q shows nothing (%v): %s", panel.Title, err, query)
			}
		}
	}
}
