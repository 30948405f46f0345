// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rbac

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/e2e/rights"
	process "github.com/secretsync/secretsync/test/operator"
)

// suite is one installation for all tests, of the whole cluster; package scoped is this one's twin.
var suite = harness.NewInstalledSuite(cluster.AuditMetadata).With(map[string]any{ //nolint:gochecknoglobals // One installation serves all tests.
	"admissionPolicies": map[string]any{"enabled": true}, "versionedTargets": true,
	"restarts": map[string]any{"enabled": true},
}).OfOneScope()

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

const (
	role       = "payments"
	audience   = "vault"
	password   = "password"
	appRoles   = "vault"  // the backend that each Tenant has
	viaBackend = "shared" // a ClusterSecretBackend that logs in as the operator's namespace
	viaSync    = "each"   // a ClusterSecretBackend that logs in as the SecretSync's namespace
)

// TestTheOperatorWorksWithTheChartsRights plays all that an operator does, each step named
// after the rights that it needs, and then compares what was used with what is granted.
func TestTheOperatorWorksWithTheChartsRights(t *testing.T) {
	w := suite.Get(t)
	s := &scenario{Installed: w, tenant: w.Tenant(t, harness.TenantOptions{})}
	s.allowLogins(t)
	leader := s.start(t, "first")
	// An API server that streams no lists, as before Kubernetes 1.34, has them asked for.
	waiting := s.start(t, "second", "KUBE_FEATURE_WatchListClient=false")
	w.Operator = leader
	for _, step := range []struct {
		name string
		play func(*testing.T)
	}{
		{"a credential is read, a Secret and its revision are created, statuses are written", s.serveByAppRole},
		{"a token is requested for the operator's namespace", func(t *testing.T) { s.serveByToken(t, viaBackend, v1alpha1.IdentityBackend) }},
		{"a token is requested for the SecretSync's namespace", func(t *testing.T) { s.serveByToken(t, viaSync, v1alpha1.IdentityConsumer) }},
		{"a template is taken from a ConfigMap", s.serveFromTemplate},
		{"a Secret is updated, an event told, and an old revision deleted", s.change},
		{"workloads of every kind are restarted", s.restart},
		{"an edited and a deleted Secret are repaired, and an event is told again", s.drift},
		{"a revision is gone back to, and who ended that is looked up", s.rollBack},
		{"a revision without an owner is patched", s.orphan},
		{"who is on call goes back, and is named", s.onCall},
		{"it is asked who reads the metrics", s.scrape},
		{"what refers to an old version of a Secret is looked for", s.versions},
		{"another replica takes the lease", func(t *testing.T) { s.failOver(t, leader, waiting) }},
	} {
		if !t.Run(strings.ReplaceAll(step.name, " ", "_"), step.play) {
			t.FailNow()
		}
	}
	s.CompareRights(t)
}

type scenario struct {
	*harness.Installed

	tenant *harness.Tenant
}

func (s *scenario) start(t *testing.T, name string, env ...string) *process.Operator {
	t.Helper()
	return s.Run(t, harness.RunOptions{Name: name, Env: env, Args: []string{
		"--lease-duration=3s", "--renew-deadline=2s", "--retry-period=500ms", "--metrics-auth=Kubernetes",
	}})
}

// allowLogins lets the ServiceAccounts secretsync-auth of both namespaces read the tenant's
// engine.
func (s *scenario) allowLogins(t *testing.T) {
	t.Helper()
	s.tenant.Create(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.DefaultServiceAccount}})
	err := s.Vault.WriteKubernetesRole(t.Context(), harness.KubernetesMount, cluster.KubernetesRole{
		Name: role, Audience: audience, Policies: []string{s.tenant.Namespace},
		ServiceAccounts: []string{v1alpha1.DefaultServiceAccount}, Namespaces: []string{harness.Home, s.tenant.Namespace},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *scenario) serveByAppRole(t *testing.T) {
	s.put(t, appRoles, "first")
	s.tenant.Sync(t, appRoles, func(sync *v1alpha1.SecretSync) { sync.Spec.History.Limit = new(int32(1)) })
	s.serves(t, appRoles, "first")
	s.backendIsReady(t, &v1alpha1.SecretBackend{}, client.ObjectKey{Namespace: s.tenant.Namespace, Name: harness.Backend})
}

func (s *scenario) serveFromTemplate(t *testing.T) {
	const name = "templated"
	s.tenant.Create(t, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{v1alpha1.LabelTemplate: "true"}},
		Data:       map[string]string{password: "made of {{ .password }}"},
	})
	s.put(t, name, "a value")
	s.tenant.Sync(t, name, func(sync *v1alpha1.SecretSync) {
		sync.Spec.Template = &v1alpha1.Template{ConfigMaps: []v1alpha1.TemplateConfigMap{{Name: name}}}
	})
	s.serves(t, name, "made of a value")
}

func (s *scenario) serveByToken(t *testing.T, name, identity string) {
	t.Helper()
	backend := &v1alpha1.ClusterSecretBackend{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.ClusterBackendSpec{
			BackendSpec: v1alpha1.BackendSpec{Vault: &v1alpha1.VaultBackend{
				Address: s.Vault.Address(), Mount: s.tenant.Namespace, TLS: v1alpha1.TLS{CABundle: string(s.Vault.CA())},
				Auth: v1alpha1.VaultAuth{Kubernetes: &v1alpha1.VaultKubernetesAuth{
					Role: role, ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{Audience: audience, Identity: identity},
				}},
			}},
			Allow: v1alpha1.Allow{Namespaces: &v1alpha1.NamespaceSelection{Names: []string{s.tenant.Namespace}}, Paths: []string{"**"}},
		},
	}
	if err := s.Client.Create(t.Context(), backend); err != nil {
		t.Fatal(err)
	}
	s.put(t, name, "by token")
	s.tenant.Sync(t, name, func(sync *v1alpha1.SecretSync) {
		sync.Spec.BackendRef = &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: name}
	})
	s.serves(t, name, "by token")
	s.backendIsReady(t, &v1alpha1.ClusterSecretBackend{}, client.ObjectKey{Name: name})
}

func (s *scenario) change(t *testing.T) {
	for _, value := range []string{"second value", "third value", "fourth value"} {
		s.put(t, appRoles, value)
		s.serves(t, appRoles, value)
	}
	s.tenant.AwaitEvent(t, appRoles, "Served")
	harness.Await(t, "old revisions to go", func() string {
		// With a limit of one, the serving and the previously served one stay.
		if numbers := s.tenant.Numbers(t, appRoles); len(numbers) > 2 {
			return fmt.Sprintf("there are %v", numbers)
		}
		return ""
	})
}

// restart has a workload of each kind restarted for a change.
func (s *scenario) restart(t *testing.T) {
	s.ServeRollouts(t)
	const name = "restarted"
	s.put(t, name, "first value")
	s.tenant.Sync(t, name, func(sync *v1alpha1.SecretSync) {
		sync.Spec.Restart = &v1alpha1.Restart{MaxPerMinute: new(int32(6000))}
	})
	s.tenant.AwaitReady(t, name, 1)
	workloads := harness.Workloads(name, name)
	s.tenant.Create(t, workloads...)
	s.put(t, name, "second value")
	s.tenant.AwaitMarked(t, name, "2", workloads...)
}

// rollBack goes back and on, in the way of a tool that takes the annotation away.
func (s *scenario) rollBack(t *testing.T) {
	s.tenant.Annotate(t, appRoles, v1alpha1.AnnotationRollbackTo, "previous")
	s.serves(t, appRoles, "third value")
	s.tenant.AwaitCondition(t, appRoles, v1alpha1.ConditionRolledBack, metav1.ConditionTrue, "Held")
	s.tenant.Annotate(t, appRoles, v1alpha1.AnnotationRollbackTo, "")
	s.serves(t, appRoles, "fourth value")
	harness.Await(t, "a warning that names who wrote last", func() string {
		told := s.tenant.Events(t, appRoles)
		if slices.ContainsFunc(told, func(e string) bool { return strings.HasPrefix(e, "HoldEnded") && !strings.Contains(e, "unknown") }) {
			return ""
		}
		return "there are only:\n" + strings.Join(told, "\n")
	})
}

// drift repeats an edit until the event of its repair is told as one that happened again:
// what two repairs within a second tell is the same, and the object unchanged.
func (s *scenario) drift(t *testing.T) {
	again := rights.Right{Verb: "patch", Group: "events.k8s.io", Resource: "events", Namespace: s.tenant.Namespace}
	harness.Await(t, "an event to be told again", func() string {
		s.tenant.EditSecret(t, appRoles, func(secret *corev1.Secret) { secret.Data[password] = []byte("by hand") })
		s.serves(t, appRoles, "fourth value")
		if slices.ContainsFunc(rights.Requests(t, s.Cluster.AuditLogPath(), harness.OperatorUser), again.Allows) {
			return ""
		}
		return "all were told as new"
	})
	s.tenant.Delete(t, &corev1.Secret{}, appRoles)
	s.serves(t, appRoles, "fourth value")
	s.tenant.AwaitEvent(t, appRoles, "DriftRepaired")
}

// orphan strips a revision of its owner, as a backup tool does.
func (s *scenario) orphan(t *testing.T) {
	kept := s.tenant.Revisions(t, viaSync)[1]
	s.tenant.EditSecret(t, kept.Name, func(secret *corev1.Secret) { secret.OwnerReferences = nil })
	harness.Await(t, "the revision to have an owner again", func() string {
		if len(s.tenant.Secret(t, kept.Name).OwnerReferences) == 0 {
			return "it has none"
		}
		return ""
	})
}

func (s *scenario) versions(t *testing.T) { s.tenant.ServeVersions(t) }

func (s *scenario) failOver(t *testing.T, leader, waiting *process.Operator) {
	t.Helper()
	leader.Kill()
	s.put(t, appRoles, "after the leader")
	s.serves(t, appRoles, "after the leader")
	if !waiting.Running() {
		t.Error("want the replica that waited to run")
	}
}

func (s *scenario) put(t *testing.T, name, value string) {
	t.Helper()
	s.tenant.Write(t, name, map[string]any{password: value})
}

func (s *scenario) serves(t *testing.T, name, value string) {
	t.Helper()
	s.tenant.AwaitSecret(t, name, map[string]string{password: value})
}

// backendIsReady waits until a backend's status says that it can be used.
func (s *scenario) backendIsReady(t *testing.T, backend client.Object, key client.ObjectKey) {
	t.Helper()
	harness.Await(t, fmt.Sprintf("backend %s to be ready", key), func() string {
		if err := s.Client.Get(t.Context(), key, backend); err != nil {
			t.Fatal(err)
		}
		var conditions []metav1.Condition
		switch b := backend.(type) {
		case *v1alpha1.SecretBackend:
			conditions = b.Status.Conditions
		case *v1alpha1.ClusterSecretBackend:
			conditions = b.Status.Conditions
		}
		if !meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionReady) {
			return fmt.Sprintf("it has %v", conditions)
		}
		return ""
	})
}
