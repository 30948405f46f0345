// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestTenantsDoNotMeet lets one tenant do everything it can, what it must not included,
// while another rests, and looks that nothing is asked of the other's namespace and that
// nobody else's identity reads the other's entries.
func TestTenantsDoNotMeet(t *testing.T) {
	w := suite.Get(t)
	busy, resting := retire(t, w.Tenant(t, harness.TenantOptions{})), retire(t, w.Tenant(t, harness.TenantOptions{}))
	w.Run(t, harness.RunOptions{Args: quick()})
	resting.Write(t, "db", fields{field: "a resting value"})
	resting.Sync(t, "db")
	resting.AwaitReady(t, "db", 1)
	offer(t, resting)
	awaitReads(t, resting, "db", 1)
	calm, since := resting.Secret(t, "db"), now()

	live(t, busy)
	reachOut(t, busy, resting)

	resting.Unchanged(t, calm)
	homes := []string{"", harness.Home, busy.Namespace}
	seen := 0
	for _, event := range requests(t, w, since) {
		if event.ObjectRef == nil {
			continue
		}
		o := event.ObjectRef
		seen++
		if !slices.Contains(homes, o.Namespace) {
			t.Errorf("%s %s %s/%s: of no concern to %s", event.Verb, about(event), o.Namespace, o.Name, busy.Namespace)
		}
		wide := o.Namespace == "" && (event.Verb == "list" || event.Verb == "watch" || o.Resource == "clustersecretbackends")
		if o.Namespace == "" && !wide {
			t.Errorf("%s %s %q in no namespace", event.Verb, about(event), o.Name)
		}
		if o.Namespace == harness.Home && !atHome(busy, event) {
			t.Errorf("%s %s %q in the operator's namespace", event.Verb, about(event), o.Name)
		}
	}
	if seen == 0 {
		t.Error("want the busy tenant's requests in the audit log, or nothing was looked at")
	}
	wantOwnReads(t, w, resting)
}

// atHome reports whether a request has its place in the operator's namespace: the lease,
// the keys, and the credentials that a ClusterSecretBackend names there.
func atHome(busy *harness.Tenant, event cluster.AuditEvent) bool {
	switch about(event) {
	case "leases":
		return true
	case "secrets":
		return event.Verb == "get" && strings.HasPrefix(event.ObjectRef.Name, busy.Namespace+"-")
	case "serviceaccounts/token":
		return event.ObjectRef.Name == v1alpha1.DefaultServiceAccount
	default:
		return false
	}
}

// live plays the life of a tenant: changes, drift, errors, every kind of backend and of identity
// that the operator serves, deletion.
func live(t *testing.T, n *harness.Tenant) {
	t.Helper()
	n.Create(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.DefaultServiceAccount}})
	harness.Must(t, n.Vault.WriteKubernetesRole(t.Context(), harness.KubernetesMount, cluster.KubernetesRole{
		Name: n.Namespace, Audience: audience, Policies: []string{n.Namespace},
	}))
	login := func(identity string) v1alpha1.VaultAuth {
		return v1alpha1.VaultAuth{Kubernetes: &v1alpha1.VaultKubernetesAuth{
			Role: n.Namespace, ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{Audience: audience, Identity: identity},
		}}
	}
	serve := func(name string, edit harness.SyncEdit) {
		n.Write(t, name, fields{field: "a busy value"})
		n.Sync(t, name, edit)
		n.AwaitSecret(t, name, texts{field: "a busy value"})
	}
	backend(t, n, "by-token", login(""))
	serve("by-token", by("by-token"))
	if n.ServesClusterBackends() {
		for name, edit := range map[string]func(*v1alpha1.ClusterSecretBackend){
			"by-credential": nil,
			"by-operator":   func(b *v1alpha1.ClusterSecretBackend) { b.Spec.Vault.Auth = login(v1alpha1.IdentityBackend) },
			"by-consumer":   func(b *v1alpha1.ClusterSecretBackend) { b.Spec.Vault.Auth = login(v1alpha1.IdentityConsumer) },
		} {
			serve("cluster-"+name, byCluster(n.ClusterBackend(t, name, edit)))
		}
	}
	n.Write(t, "db", fields{field: "first value"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	n.Write(t, "db", fields{field: "second value"})
	n.AwaitReady(t, "db", 2)
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data[field] = []byte("by hand") })
	n.AwaitEvent(t, "db", "DriftRepaired")
	n.Sync(t, "missing")
	awaitReason(t, n, "missing", "")
	n.Delete(t, &v1alpha1.SecretSync{}, "missing")
}

// offer makes a backend and a credential that others could wish to use.
func offer(t *testing.T, n *harness.Tenant) {
	t.Helper()
	n.Create(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
		Name: "only-theirs", Labels: map[string]string{v1alpha1.LabelCredential: "true"},
	}})
	var own v1alpha1.SecretBackend
	harness.Must(t, n.Client.Get(t.Context(), n.Key(harness.Backend), &own))
	n.Create(t, &v1alpha1.SecretBackend{ObjectMeta: metav1.ObjectMeta{Name: "theirs"}, Spec: own.Spec})
	for _, name := range []string{harness.Backend, "theirs"} {
		harness.Await(t, "backend "+name+" to be ready", func() string {
			var b v1alpha1.SecretBackend
			harness.Must(t, n.Client.Get(t.Context(), n.Key(name), &b))
			if !meta.IsStatusConditionTrue(b.Status.Conditions, v1alpha1.ConditionReady) {
				return "it is not"
			}
			return ""
		})
	}
}

// reachOut has a tenant name what belongs to another in every place that takes a name.
func reachOut(t *testing.T, n, other *harness.Tenant) {
	t.Helper()
	n.Sync(t, "by-name", by("theirs"))
	awaitReason(t, n, "by-name", "BackendNotFound")
	named := n.NewSync("by-namespace", by("theirs"))
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(named)
	harness.Must(t, err)
	harness.Must(t, unstructured.SetNestedField(object, other.Namespace, "spec", "backendRef", "namespace"))
	lax := &unstructured.Unstructured{Object: object}
	lax.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.KindSecretSync))
	strict := client.WithFieldValidation(n.Client, metav1.FieldValidationStrict)
	if err := strict.Create(t.Context(), lax.DeepCopy()); err == nil {
		t.Error("want a namespace in backendRef refused where fields are checked")
	}
	harness.Must(t, n.Client.Create(t.Context(), lax))
	awaitReason(t, n, "by-namespace", "BackendNotFound")

	// The other's credential is no credential of this namespace.
	var own v1alpha1.SecretBackend
	harness.Must(t, n.Client.Get(t.Context(), n.Key(harness.Backend), &own))
	own.ObjectMeta = metav1.ObjectMeta{Name: "by-credential"}
	own.Spec.Vault.Auth.AppRole.SecretIDRef.Name = "only-theirs"
	n.Create(t, &own)
	n.Sync(t, "credential", by("by-credential"))
	awaitReason(t, n, "credential", "CredentialNotFound")

	// Secrets that claim to be the other's.
	owner := map[string]string{v1alpha1.AnnotationOwner: other.Namespace + "/db", v1alpha1.AnnotationRevision: "99"}
	n.Create(t,
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{
			Name: "claims-target", Annotations: owner, Labels: map[string]string{v1alpha1.LabelTarget: "true"},
		}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "claims.r99", Annotations: owner}, Type: v1alpha1.SecretTypeRevision})
	n.Write(t, "last", fields{field: "a last value"})
	n.Sync(t, "last")
	n.AwaitReady(t, "last", 1)
}

// wantOwnReads fails the test if anybody but the tenant's own identity asked Vault for an
// entry of the tenant.
func wantOwnReads(t *testing.T, w *harness.Installed, n *harness.Tenant) {
	t.Helper()
	reads := 0
	for entry, err := range cluster.ReadVaultAudit(w.Vault.AuditLogPath()) {
		harness.Must(t, err)
		if entry.Type != "request" || !strings.HasPrefix(entry.Request.Path, n.Namespace+"/") || slices.Contains(entry.Auth.Policies, "root") {
			continue
		}
		reads++
		if !slices.Contains(entry.Auth.Policies, n.Namespace) {
			t.Errorf("somebody else (%v) asked for %q at %s", entry.Auth.Policies, entry.Request.Path, entry.Time.Format(time.RFC3339))
		}
	}
	if reads == 0 {
		t.Error("want the tenant's own reads in Vault's audit log, or nothing was looked at")
	}
}
