// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/manifests"
)

const (
	home      = "platform"
	namespace = "payments"
)

// shared is one cluster for all tests.
var shared = cluster.NewShared(cluster.Options{ControllerManager: true}) //nolint:gochecknoglobals // One cluster serves all tests.

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// world is a cluster in which the chart is installed with its policies.
type world struct {
	cluster *cluster.Cluster
	client  client.Client
	names   atomic.Int64
}

// newWorld installs the chart, if it is the first time, and waits until it is in force.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{cluster: shared.Get(t)}
	var err error
	if w.client, err = client.New(w.cluster.Config(), client.Options{Scheme: operator.NewScheme()}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{home, namespace} {
		err := w.client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
	chart, err := manifests.RenderChart(t.Context(), home, map[string]any{"replicas": 0, "admissionPolicies": map[string]any{"enabled": true}})
	if err != nil {
		t.Fatal(err)
	}
	if err := chart.Install(t.Context(), w.client); err != nil {
		t.Fatal(err)
	}
	w.awaitPolicies(t)
	return w
}

// awaitPolicies waits until both policies act: on trial, one stamps what is asked for, and
// the other refuses who may not ask.
func (w *world) awaitPolicies(t *testing.T) {
	t.Helper()
	stranger := w.as(t, "stranger", rule("create"))
	await(t, "the policies to be in force", func() bool {
		sync := w.newSync(map[string]string{v1alpha1.AnnotationRollbackTo: "1"})
		if err := w.client.Create(t.Context(), sync, client.DryRunAll); err != nil {
			t.Fatal(err)
		}
		err := stranger.Create(t.Context(), w.newSync(map[string]string{v1alpha1.AnnotationRollbackTo: "1"}), client.DryRunAll)
		return sync.Annotations[v1alpha1.AnnotationRollbackBy] != "" && apierrors.IsForbidden(err)
	})
}

func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, 30*time.Second, true, func(context.Context) (bool, error) { return is(), nil })
	if err != nil {
		t.Fatalf("waiting for %s: %v", what, err)
	}
}

// rule grants verbs on SecretSyncs.
func rule(verbs ...string) []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{{APIGroups: []string{v1alpha1.GroupName}, Resources: []string{"secretsyncs"}, Verbs: verbs}}
}

// as returns a client of a user who has a role of these rules in the namespace.
func (w *world) as(t *testing.T, user string, rules []rbacv1.PolicyRule) client.Client {
	t.Helper()
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: user}, Rules: rules}
	if err := w.client.Create(t.Context(), role); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	return w.bound(t, user, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: user})
}

// with returns a client of a user to whom a ClusterRole is bound in the namespace.
func (w *world) with(t *testing.T, user, clusterRole string) client.Client {
	t.Helper()
	return w.bound(t, user, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: clusterRole})
}

func (w *world) bound(t *testing.T, user string, role rbacv1.RoleRef) client.Client {
	t.Helper()
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: user}, RoleRef: role,
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: user}},
	}
	if err := w.client.Create(t.Context(), binding); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	config, err := w.cluster.UserConfig(user)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(config, client.Options{Scheme: operator.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newSync returns a SecretSync of a name that is not used yet.
func (w *world) newSync(annotations map[string]string) *v1alpha1.SecretSync {
	return &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("db-%d", w.names.Add(1)), Annotations: annotations},
		Spec:       v1alpha1.SecretSyncSpec{DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "payments/db"}}}},
	}
}

// sync creates a SecretSync as an administrator.
func (w *world) sync(t *testing.T, annotations map[string]string) *v1alpha1.SecretSync {
	t.Helper()
	sync := w.newSync(annotations)
	sync.GenerateName, sync.Name = "db-", ""
	if err := w.client.Create(t.Context(), sync); err != nil {
		t.Fatal(err)
	}
	return sync
}

// read returns a SecretSync as it is now.
func (w *world) read(t *testing.T, sync *v1alpha1.SecretSync) *v1alpha1.SecretSync {
	t.Helper()
	var now v1alpha1.SecretSync
	if err := w.client.Get(t.Context(), client.ObjectKeyFromObject(sync), &now); err != nil {
		t.Fatal(err)
	}
	return &now
}

// patch changes a SecretSync as a user does, with the verb patch.
func patch(t *testing.T, as client.Client, sync *v1alpha1.SecretSync, edit func(*v1alpha1.SecretSync)) error {
	t.Helper()
	edited := sync.DeepCopy()
	if edited.Annotations == nil {
		edited.Annotations = map[string]string{}
	}
	edit(edited)
	return as.Patch(t.Context(), edited, client.MergeFrom(sync))
}
