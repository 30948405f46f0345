// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package environments

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestOneCluster has three environments in three namespaces of one cluster: which backend is
// meant follows from the labels of the namespace.
func TestOneCluster(t *testing.T) {
	t.Parallel()
	suite.NeedsClusterBackends(t) // those of the example
	w, p := suite.World(t), newPlatform(t)
	tenants, specs := map[string]*harness.Tenant{}, map[string]v1alpha1.SecretSyncSpec{}
	for _, environment := range environments() {
		tenants[environment] = p.enter(t, w, environment)
	}
	for environment, n := range tenants {
		n.AwaitSecret(t, app, valuesOf(environment))
		specs[environment] = n.AwaitReady(t, app, 1).Spec
	}
	alike(t, specs)
	changeOne(t, p, tenants)
	reachAcross(t, tenants[dev])
	feedTogether(t, p, tenants)
}

// changeOne changes one environment, and looks at the others.
func changeOne(t *testing.T, p *platform, tenants map[string]*harness.Tenant) {
	t.Helper()
	var others []func()
	for _, environment := range []string{dev, prod} {
		n := tenants[environment]
		before := n.Secret(t, app)
		others = append(others, func() { n.Unchanged(t, before) })
	}
	n := tenants[staging]
	p.set(t, n.World, staging, entry, "DB_PASSWORD", "another password of staging")
	n.AwaitSecret(t, app, texts{"DB_USERNAME": "user of staging", "DB_PASSWORD": "another password of staging"})
	n.AwaitReady(t, app, 2)
	for _, look := range others {
		look()
	}
}

// reachAcross has the backend of one environment name another one by mistake: its identity may
// not read that, and nothing is served of it.
func reachAcross(t *testing.T, n *harness.Tenant) {
	t.Helper()
	before := n.Secret(t, app)
	name := func(environment string) {
		var backend v1alpha1.ClusterSecretBackend
		n.Change(t, client.ObjectKey{Name: dev}, &backend, func() { backend.Spec.Infisical.Environment = environment })
	}
	name(staging)
	n.AwaitStatus(t, app, "Ready=False, being shown nothing", func(s *v1alpha1.SecretSync) string {
		// Which of the two it is, is up to the server.
		refused := []string{"NothingShown", "PermissionDenied"}
		ready := meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionReady)
		if ready == nil || ready.Status != metav1.ConditionFalse || !slices.Contains(refused, ready.Reason) {
			return "it has not"
		}
		return ""
	})
	n.Unchanged(t, before)
	name(dev)
	n.AwaitReady(t, app, 1)
	n.Unchanged(t, before)
}

// feedTogether makes one Secret of Infisical and Vault, which change apart.
func feedTogether(t *testing.T, p *platform, tenants map[string]*harness.Tenant) {
	t.Helper()
	const name, mount, path = "payments-app", "shared", "mail"
	n := tenants[dev]
	furnishShared(t, p, n.World)
	writeVault(t, n.World, mount, path, texts{"SMTP_PASSWORD": "the mail of everybody"})
	p.install(t, n.World, "shared.yaml")
	for _, environment := range environments() {
		deploy(t, tenants[environment], "two-backends.yaml")
	}
	n.AwaitSecret(t, name, texts{"DB_PASSWORD": "password of dev", "SMTP_PASSWORD": "the mail of everybody"})
	tenants[prod].AwaitSecret(t, name, texts{"DB_PASSWORD": "password of prod", "SMTP_PASSWORD": "the mail of everybody"})

	writeVault(t, n.World, mount, path, texts{"SMTP_PASSWORD": "another mail of everybody"})
	n.AwaitSecret(t, name, texts{"DB_PASSWORD": "password of dev", "SMTP_PASSWORD": "another mail of everybody"})
	p.set(t, n.World, dev, entry, "DB_PASSWORD", "another password of dev")
	n.AwaitSecret(t, name, texts{"DB_PASSWORD": "another password of dev", "SMTP_PASSWORD": "another mail of everybody"})

	s := n.AwaitReady(t, name, 3)
	var paths []string
	for _, source := range s.Status.History[0].Sources {
		paths = append(paths, source.Path)
	}
	if diff := cmp.Diff([]string{entry, path}, paths); diff != "" {
		t.Errorf("the newest revision has other sources (-want +got):\n%s", diff)
	}
	// What goes back goes back as a whole, whoever gave it.
	n.Annotate(t, name, v1alpha1.AnnotationRollbackTo, "1")
	n.AwaitSecret(t, name, texts{"DB_PASSWORD": "password of dev", "SMTP_PASSWORD": "the mail of everybody"})
	n.AwaitReady(t, name, 1)
}

// furnishShared makes in Vault what shared.yaml says that it needs.
func furnishShared(t *testing.T, p *platform, w *harness.World) {
	t.Helper()
	const role = "shared"
	harness.Must(t, w.Vault.EnableKV(t.Context(), role, 2))
	harness.Must(t, w.Vault.WritePolicy(t.Context(), role, `path "shared/data/mail" { capabilities = ["read"] }`))
	id, err := w.Vault.WriteAppRole(t.Context(), harness.AppRoleMount, cluster.AppRole{Name: role, Policies: []string{role}})
	harness.Must(t, err)
	secretID, err := w.Vault.NewSecretID(t.Context(), harness.AppRoleMount, role)
	harness.Must(t, err)
	p.identities[role], p.credentials["vault-"+role] = id, secretID
}
