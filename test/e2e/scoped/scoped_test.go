// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package scoped

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/e2e/rights"
	process "github.com/secretsync/secretsync/test/operator"
)

const (
	audience = "vault"
	password = "password"
	byRole   = "by-role"  // a SecretSync through the SecretBackend that each Tenant has
	byToken  = "by-token" // a SecretSync through a SecretBackend that asks for tokens
)

// served are the namespaces that the operator is for.
func served() []string { return []string{"payments", "orders"} }

// suite is one installation for all tests.
var suite = harness.NewInstalledSuite(cluster.AuditMetadata).With(map[string]any{ //nolint:gochecknoglobals // One installation serves all tests.
	"scope":    map[string]any{"namespaces": served()},
	"restarts": map[string]any{"enabled": true}, "versionedTargets": true,
}).OfOneScope()

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// TestTheOperatorWorksWithRolesAlone plays what an operator does in each of its namespaces,
// and then compares what was used with what is granted.
func TestTheOperatorWorksWithRolesAlone(t *testing.T) {
	w := suite.Get(t)
	leader := start(t, w, "first")
	// An API server that streams no lists, as before Kubernetes 1.34, has them asked for.
	waiting := start(t, w, "second", "KUBE_FEATURE_WatchListClient=false")
	foreign := &tenant{Tenant: w.Tenant(t, harness.TenantOptions{})}
	foreign.Write(t, byRole, map[string]any{password: "not for it"})
	foreign.Sync(t, byRole)
	var tenants []*tenant
	for _, namespace := range served() {
		tenants = append(tenants, &tenant{Tenant: w.Tenant(t, harness.TenantOptions{Namespace: namespace})})
	}
	for _, step := range []struct {
		name string
		play func(*tenant, *testing.T)
	}{
		{"a credential is read, a Secret and its revision are created", (*tenant).serveByRole},
		{"a token is requested", (*tenant).serveByToken},
		{"a change is served, and an old revision deleted", (*tenant).change},
		{"workloads of every kind are restarted", (*tenant).restart},
		{"what refers to an old version of a Secret is looked for", (*tenant).versions},
		{"an edited and a deleted Secret are repaired", (*tenant).drift},
		{"a revision is gone back to", (*tenant).rollBack},
		{"a revision without an owner is patched", (*tenant).orphan},
		{"a cluster's backend is refused", (*tenant).refuse},
		{"a path names the namespace, and not its labels", (*tenant).placeholders},
	} {
		for _, n := range tenants {
			if !t.Run(strings.ReplaceAll(step.name, " ", "_")+"/"+n.Namespace, func(t *testing.T) { step.play(n, t) }) {
				t.FailNow()
			}
		}
	}
	leader.Kill()
	for _, n := range tenants {
		n.put(t, byRole, "after the leader")
	}
	if !waiting.Running() {
		t.Error("want the replica that waited to run")
	}
	foreign.untouched(t)
	compare(t, w)
}

func start(t *testing.T, w *harness.Installed, name string, env ...string) *process.Operator {
	t.Helper()
	return w.Run(t, harness.RunOptions{Name: name, Env: env, Args: []string{
		"--lease-duration=3s", "--renew-deadline=2s", "--retry-period=500ms",
	}})
}

// compare fails the test if the chart grants more or less than was used, or anything
// elsewhere.
func compare(t *testing.T, w *harness.Installed) {
	t.Helper()
	for _, r := range w.CompareRights(t) {
		if !slices.Contains(append(served(), harness.Home), r.Namespace) {
			t.Errorf("a right outside its namespaces: %s", r)
		}
	}
}

type tenant struct {
	*harness.Tenant
}

// put writes a value and waits until it is served.
func (n *tenant) put(t *testing.T, name, value string) {
	t.Helper()
	n.Write(t, name, map[string]any{password: value})
	n.serves(t, name, value)
}

func (n *tenant) serves(t *testing.T, name, value string) {
	t.Helper()
	n.AwaitSecret(t, name, map[string]string{password: value})
}

// restart has a workload of each kind restarted for a change.
func (n *tenant) restart(t *testing.T) {
	n.ServeRollouts(t)
	const name = "restarted"
	n.Write(t, name, map[string]any{password: "first value"})
	n.Sync(t, name, func(sync *v1alpha1.SecretSync) {
		sync.Spec.Restart = &v1alpha1.Restart{MaxPerMinute: new(int32(6000))}
	})
	n.AwaitReady(t, name, 1)
	workloads := harness.Workloads(name, name)
	n.Create(t, workloads...)
	n.put(t, name, "second value")
	n.AwaitMarked(t, name, "2", workloads...)
}

func (n *tenant) versions(t *testing.T) { n.ServeVersions(t) }

func (n *tenant) serveByRole(t *testing.T) {
	n.Write(t, byRole, map[string]any{password: "first"})
	n.Sync(t, byRole, func(sync *v1alpha1.SecretSync) { sync.Spec.History.Limit = new(int32(1)) })
	n.serves(t, byRole, "first")
}

func (n *tenant) serveByToken(t *testing.T) {
	n.Create(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.DefaultServiceAccount}})
	err := n.Vault.WriteKubernetesRole(t.Context(), harness.KubernetesMount, cluster.KubernetesRole{
		Name: n.Namespace, Audience: audience, Policies: []string{n.Namespace},
		ServiceAccounts: []string{v1alpha1.DefaultServiceAccount}, Namespaces: []string{n.Namespace},
	})
	if err != nil {
		t.Fatal(err)
	}
	n.Create(t, &v1alpha1.SecretBackend{ObjectMeta: metav1.ObjectMeta{Name: byToken}, Spec: v1alpha1.BackendSpec{
		Vault: &v1alpha1.VaultBackend{
			Address: n.Vault.Address(), Mount: n.Namespace, TLS: v1alpha1.TLS{CABundle: string(n.Vault.CA())},
			Auth: v1alpha1.VaultAuth{Kubernetes: &v1alpha1.VaultKubernetesAuth{
				Role: n.Namespace, ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{Audience: audience},
			}},
		},
	}})
	n.Write(t, byToken, map[string]any{password: "by token"})
	n.Sync(t, byToken, func(sync *v1alpha1.SecretSync) { sync.Spec.BackendRef.Name = byToken })
	n.serves(t, byToken, "by token")
}

func (n *tenant) change(t *testing.T) {
	for _, value := range []string{"second value", "third value", "fourth value"} {
		n.put(t, byRole, value)
	}
	harness.Await(t, "old revisions to go", func() string {
		if numbers := n.Numbers(t, byRole); len(numbers) > 2 { // the serving and the previously served one stay
			return fmt.Sprintf("there are %v", numbers)
		}
		return ""
	})
}

// drift repeats an edit until the event of its repair is told as one that happened again.
func (n *tenant) drift(t *testing.T) {
	again := rights.Right{Verb: "patch", Group: "events.k8s.io", Resource: "events", Namespace: n.Namespace}
	harness.Await(t, "an event to be told again", func() string {
		n.EditSecret(t, byRole, func(secret *corev1.Secret) { secret.Data[password] = []byte("by hand") })
		n.serves(t, byRole, "fourth value")
		if slices.ContainsFunc(rights.Requests(t, n.Cluster.AuditLogPath(), harness.OperatorUser), again.Allows) {
			return ""
		}
		return "all were told as new"
	})
	n.Delete(t, &corev1.Secret{}, byRole)
	n.serves(t, byRole, "fourth value")
}

func (n *tenant) rollBack(t *testing.T) {
	n.Annotate(t, byRole, v1alpha1.AnnotationRollbackTo, "previous")
	n.serves(t, byRole, "third value")
	n.AwaitCondition(t, byRole, v1alpha1.ConditionRolledBack, metav1.ConditionTrue, "Held")
	n.Annotate(t, byRole, v1alpha1.AnnotationRollbackTo, "")
	n.serves(t, byRole, "fourth value")
}

// placeholders has a path hold what may be known, and then what may not: nobody reads labels of
// namespaces for an operator with Roles alone.
func (n *tenant) placeholders(t *testing.T) {
	const name = "placeholders"
	n.Write(t, n.Namespace, map[string]any{password: "of " + n.Namespace})
	n.Sync(t, name, func(sync *v1alpha1.SecretSync) { sync.Spec.DataFrom = entry("{namespace}") })
	n.serves(t, name, "of "+n.Namespace)
	n.Edit(t, name, func(sync *v1alpha1.SecretSync) { sync.Spec.DataFrom = entry("{label:kubernetes.io/metadata.name}") })
	n.AwaitCondition(t, name, v1alpha1.ConditionReady, metav1.ConditionFalse, backend.ReasonLabelsUnreadable)
	n.serves(t, name, "of "+n.Namespace)
}

func entry(path string) []v1alpha1.DataFrom {
	return []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: path}}}
}

// orphan strips a revision of its owner, as a backup tool does.
func (n *tenant) orphan(t *testing.T) {
	kept := n.Revisions(t, byToken)[1]
	n.EditSecret(t, kept.Name, func(secret *corev1.Secret) { secret.OwnerReferences = nil })
	harness.Await(t, "the revision to have an owner again", func() string {
		if len(n.Secret(t, kept.Name).OwnerReferences) == 0 {
			return "it has none"
		}
		return ""
	})
}

// refuse asks for a ClusterSecretBackend, by name and by naming none.
func (n *tenant) refuse(t *testing.T) {
	for name, ref := range map[string]*v1alpha1.BackendRef{
		"named": {Kind: v1alpha1.KindClusterSecretBackend, Name: "vault"}, "omitted": nil,
	} {
		n.Sync(t, name, func(sync *v1alpha1.SecretSync) { sync.Spec.BackendRef = ref })
		got := n.AwaitCondition(t, name, v1alpha1.ConditionReady, metav1.ConditionFalse, "BackendNotFound")
		if stalled := meta.FindStatusCondition(got.Status.Conditions, v1alpha1.ConditionStalled); stalled == nil || !strings.Contains(stalled.Message, "name a SecretBackend") {
			t.Errorf("want a message that says what to do, got %+v", stalled)
		}
	}
}

// untouched fails the test if the operator did anything about a SecretSync that is none of
// its own.
func (n *tenant) untouched(t *testing.T) {
	t.Helper()
	if status := n.Get(t, byRole).Status; status.ObservedGeneration != 0 || len(status.Conditions) > 0 {
		t.Errorf("want no status in namespace %s, got %+v", n.Namespace, status)
	}
	if err := n.Client.Get(t.Context(), n.Key(byRole), &corev1.Secret{}); !apierrors.IsNotFound(err) {
		t.Errorf("want no Secret in namespace %s, got %v", n.Namespace, err)
	}
}
