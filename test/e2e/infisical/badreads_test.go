// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/faultproxy"
	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

// TestBadReadsKeepTheLastGoodState: whatever the backend shows instead of what it has, the
// Secret stays as it is, the condition says why, and what is right again is followed.
func TestBadReadsKeepTheLastGoodState(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil  func(*testing.T, *tenant)
		reason string
		mend   func(*testing.T, *tenant)
	}{
		"KeyHiddenByAPermission": {
			spoil: func(t *testing.T, n *tenant) {
				t.Helper()
				n.permit(t, allowed(hidden("/db", "B"))...)
			},
			reason: "PermissionDenied",
			mend:   func(t *testing.T, n *tenant) { t.Helper(); n.permit(t, allowed()...) },
		},
		"ValuesHidden": {
			spoil: func(t *testing.T, n *tenant) {
				t.Helper()
				n.permit(t, admin.Rule{Subject: "secrets", Action: []string{"describeSecret"}})
			},
			reason: "PermissionDenied",
			mend:   func(t *testing.T, n *tenant) { t.Helper(); n.permit(t, allowed()...) },
		},
		"EverythingHidden": {
			spoil: func(t *testing.T, n *tenant) {
				t.Helper()
				n.permit(t, allowed(hidden("/db", "A"), hidden("/db", "B"))...)
			},
			reason: "NothingShown",
			mend:   func(t *testing.T, n *tenant) { t.Helper(); n.permit(t, allowed()...) },
		},
		"EnvironmentRenamed": {
			spoil: func(t *testing.T, n *tenant) { t.Helper(); n.rename(t, environment, "production") },
			// A folder that is missing and an environment that is read the same.
			reason: "EntryNotFound",
			mend:   func(t *testing.T, n *tenant) { t.Helper(); n.rename(t, "production", environment) },
		},
		"LeftTheProject": {
			spoil: func(t *testing.T, n *tenant) {
				t.Helper()
				harness.Must(t, n.admin.Leave(t.Context(), n.project.ID, n.identity.ID))
			},
			reason: "PermissionDenied",
			mend: func(t *testing.T, n *tenant) {
				t.Helper()
				harness.Must(t, n.admin.Join(t.Context(), n.project.ID, n.identity.ID, "reader"))
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, infisical.Options{}, nil)
			n.create(t, "db", texts{"A": "the-value-of-a", "B": "the-value-of-b"})
			n.Sync(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Safety.MaxKeyLossPercent = new(int32(100)) })
			held := n.AwaitSecret(t, "db", texts{"A": "the-value-of-a", "B": "the-value-of-b"})
			n.AwaitReady(t, "db", 1)

			tc.spoil(t, n)
			n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, tc.reason)
			n.Unchanged(t, held)

			tc.mend(t, n)
			n.Annotate(t, "db", v1alpha1.AnnotationRefresh, "mended")
			n.AwaitReady(t, "db", 1)
			n.set(t, "db", "A", "the-new-value-of-a")
			n.AwaitSecret(t, "db", texts{"A": "the-new-value-of-a", "B": "the-value-of-b"})
		})
	}
}

// TestDeletedKeyIsFollowed: a key that is really gone leaves the Secret.
func TestDeletedKeyIsFollowed(t *testing.T) {
	t.Parallel()
	n := newTenant(t, infisical.Options{}, nil)
	n.create(t, "db", texts{"A": "the-value-of-a", "B": "the-value-of-b"})
	n.Sync(t, "db")
	n.AwaitSecret(t, "db", texts{"A": "the-value-of-a", "B": "the-value-of-b"})
	harness.Must(t, n.admin.DeleteSecret(t.Context(), n.at("db"), "B"))
	n.AwaitSecret(t, "db", texts{"A": "the-value-of-a"})
}

// TestServerDown: nothing that is served needs the backend, and drift is repaired without it.
func TestServerDown(t *testing.T) {
	t.Parallel()
	n := newTenant(t, infisical.Options{}, nil)
	held := texts{"PASSWORD": "the-lasting-password"}
	n.create(t, "db", held)
	n.Sync(t, "db")
	n.AwaitSecret(t, "db", held)
	n.AwaitReady(t, "db", 1)
	n.sim.Faults.Set(faultproxy.Reset())
	var b v1alpha1.SecretBackend
	harness.Await(t, "the backend to be told unreachable", func() string {
		harness.Must(t, n.Client.Get(t.Context(), n.Key(harness.Backend), &b))
		for _, c := range b.Status.Conditions {
			if c.Type == v1alpha1.ConditionReachable && c.Status == metav1.ConditionFalse {
				return ""
			}
		}
		return "it is not"
	})
	n.Delete(t, &corev1.Secret{}, "db")
	n.AwaitSecret(t, "db", held)
	n.AwaitReady(t, "db", 1)
	n.sim.Faults.Set(faultproxy.Pass())
	n.set(t, "db", "PASSWORD", "the-password-after-it")
	n.AwaitSecret(t, "db", texts{"PASSWORD": "the-password-after-it"})
}

// TestGuardOfACluster: through a ClusterSecretBackend a namespace is given neither what an
// import nor what a reference brings from outside its paths.
func TestGuardOfACluster(t *testing.T) {
	t.Parallel()
	suite.NeedsClusterBackends(t)
	n := newTenant(t, infisical.Options{}, nil)
	n.create(t, "others", texts{"FOREIGN": "somebody-elses-value"})
	n.create(t, "apps/imports", texts{"OWN": "my-own-value"})
	n.create(t, "apps/refers", texts{"OWN": "my-own-value", "REFERS": "${" + environment + ".others.FOREIGN}"})
	_, err := n.admin.Import(t.Context(), n.at("apps/imports"), n.at("others"))
	harness.Must(t, err)
	// Imported twice, it looks as if it lay in the first of the folders.
	n.create(t, "apps/twice", texts{"OWN": "my-own-value"})
	_, err = n.admin.Import(t.Context(), n.at("apps/twice"), n.at("apps/imports"))
	harness.Must(t, err)
	shared := n.clusterBackend(t, "apps/**")
	for name, reason := range map[string]string{"imports": "NotAllowed", "twice": "NotAllowed", "refers": "ReferenceNotExpanded"} {
		path := "apps/" + name
		n.Sync(t, name, shared, func(s *v1alpha1.SecretSync) { s.Spec.DataFrom[0].Entry.Path = path })
		n.AwaitCondition(t, name, v1alpha1.ConditionReady, metav1.ConditionFalse, reason)
		n.Sync(t, name+"-own", shared, func(s *v1alpha1.SecretSync) {
			s.Spec.DataFrom, s.Spec.Data = nil, []v1alpha1.DataItem{
				{SecretKey: "OWN", From: v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{Path: path}, Field: "OWN"}},
			}
		})
		n.AwaitSecret(t, name+"-own", texts{"OWN": "my-own-value"})
	}
	n.create(t, "apps/shared", texts{"SHARED": "a-shared-value"})
	n.create(t, "apps/once", texts{"OWN": "my-own-value"})
	_, err = n.admin.Import(t.Context(), n.at("apps/once"), n.at("apps/shared"))
	harness.Must(t, err)
	n.Sync(t, "once", shared, func(s *v1alpha1.SecretSync) { s.Spec.DataFrom[0].Entry.Path = "apps/once" })
	n.AwaitSecret(t, "once", texts{"OWN": "my-own-value", "SHARED": "a-shared-value"})
	n.Sync(t, "others", shared)
	n.AwaitCondition(t, "others", v1alpha1.ConditionReady, metav1.ConditionFalse, "NotAllowed")
}

// permit changes what the identity may do.
func (n *tenant) permit(t *testing.T, rules ...admin.Rule) {
	t.Helper()
	if rules == nil {
		rules = []admin.Rule{}
	}
	harness.Must(t, n.admin.ChangeRole(t.Context(), n.project.ID, n.roleID, rules...))
}

// rename renames an environment.
func (n *tenant) rename(t *testing.T, from, to string) {
	t.Helper()
	for _, e := range n.project.Environments {
		if e.Slug == from || e.Slug == environment && from != environment {
			harness.Must(t, n.admin.RenameEnvironment(t.Context(), n.project.ID, e.ID, to))
			return
		}
	}
	t.Fatalf("no environment %q", from)
}

// clusterBackend makes a ClusterSecretBackend that serves the tenant's namespace those paths
// of its project, and returns what makes a SecretSync read it.
func (n *tenant) clusterBackend(t *testing.T, paths ...string) harness.SyncEdit {
	t.Helper()
	token, err := n.admin.GiveToken(t.Context(), n.identity.ID, admin.Tokens{})
	harness.Must(t, err)
	n.Remember(token)
	name := n.Namespace + "-shared"
	n.Create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: harness.Home, Name: name, Labels: map[string]string{v1alpha1.LabelCredential: "true"}},
		StringData: texts{"token": token},
	})
	var own v1alpha1.SecretBackend
	harness.Must(t, n.Client.Get(t.Context(), n.Key(harness.Backend), &own))
	b := &v1alpha1.ClusterSecretBackend{ObjectMeta: metav1.ObjectMeta{Name: name}}
	b.Spec.BackendSpec = own.Spec
	b.Spec.Infisical.Auth = v1alpha1.InfisicalAuth{Token: &v1alpha1.InfisicalTokenAuth{SecretRef: v1alpha1.SecretKeyRef{Name: name, Key: "token"}}}
	b.Spec.Allow = v1alpha1.Allow{Namespaces: &v1alpha1.NamespaceSelection{Names: []string{n.Namespace}}, Paths: paths}
	harness.Must(t, n.Client.Create(t.Context(), b))
	t.Cleanup(func() {
		if err := n.Client.Delete(context.WithoutCancel(t.Context()), b); client.IgnoreNotFound(err) != nil {
			t.Error(err)
		}
	})
	return func(s *v1alpha1.SecretSync) {
		s.Spec.BackendRef = &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: name}
	}
}
