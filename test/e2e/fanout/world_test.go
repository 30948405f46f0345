// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fanout

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
	process "github.com/secretsync/secretsync/test/operator"
)

// suite is one installation for all tests, with the admission policies, which bind the operator, too.
var suite = harness.NewInstalledSuite(cluster.AuditMetadata).With(map[string]any{ //nolint:gochecknoglobals // One installation serves all tests.
	"clusterSecretSyncs": map[string]any{"enabled": true},
	"admissionPolicies":  map[string]any{"enabled": true},
})

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// group is the label that the tests' ClusterSecretSyncs select by, team one that paths name.
const (
	group = "example.test/group"
	team  = "example.test/team"
)

// fan is a ClusterSecretSync, and a tenant whose engine it reads.
type fan struct {
	*harness.Tenant

	name, backend string
	operator      *process.Operator
}

// newFan runs an operator, and makes the tenant and a ClusterSecretBackend that serves the
// fan's namespaces what is for all, their own and their team's.
func newFan(t *testing.T) *fan {
	t.Helper()
	suite.NeedsClusterBackends(t)
	w := suite.Get(t)
	f := &fan{operator: run(t, w, ""), Tenant: w.Tenant(t, harness.TenantOptions{})}
	f.name = f.Namespace
	f.backend = f.ClusterBackend(t, "shared", func(b *v1alpha1.ClusterSecretBackend) {
		b.Spec.Allow = v1alpha1.Allow{
			Namespaces:    &v1alpha1.NamespaceSelection{Selector: f.selector()},
			Paths:         []string{"common", "other", "absent", "own/{namespace}", "teams/{label:" + team + "}"},
			TrustedLabels: []string{team},
		}
	})
	return f
}

// run runs an operator, with a log of that name.
func run(t *testing.T, w *harness.Installed, name string) *process.Operator {
	t.Helper()
	return w.Run(t, harness.RunOptions{Name: name, Args: []string{"--leader-elect=false"}})
}

func (f *fan) selector() *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{group: f.name}}
}

// open makes a namespace, selected or not.
func (f *fan) open(t *testing.T, name string, selected bool) *harness.Tenant {
	t.Helper()
	n := f.In(t, f.name+"-"+name)
	labels := map[string]string{team: "blue"}
	if selected {
		labels[group] = f.name
	}
	f.Create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: n.Namespace, Labels: labels}})
	return n
}

// label sets a label of a namespace; an empty value removes it.
func (f *fan) label(t *testing.T, n *harness.Tenant, key, value string) {
	t.Helper()
	var namespace corev1.Namespace
	f.Change(t, client.ObjectKey{Name: n.Namespace}, &namespace, func() {
		namespace.Labels[key] = value
		if value == "" {
			delete(namespace.Labels, key)
		}
	})
}

// declare creates the ClusterSecretSync, which takes the entries of those paths, changed by edit.
func (f *fan) declare(t *testing.T, edit func(*v1alpha1.ClusterSecretSyncSpec), paths ...string) {
	t.Helper()
	object := &v1alpha1.ClusterSecretSync{ObjectMeta: metav1.ObjectMeta{Name: f.name}, Spec: v1alpha1.ClusterSecretSyncSpec{
		Namespaces: &v1alpha1.FanOutNamespaces{NamespaceSelection: v1alpha1.NamespaceSelection{Selector: f.selector()}},
		SecretSync: v1alpha1.SecretSyncTemplate{Name: "shared", Spec: v1alpha1.SecretSyncSpec{
			BackendRef: &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: f.backend},
			Refresh:    v1alpha1.Refresh{Interval: &metav1.Duration{Duration: harness.Interval}},
			DataFrom:   entries(paths...),
		}},
	}}
	if edit != nil {
		edit(&object.Spec)
	}
	harness.Must(t, f.Client.Create(t.Context(), object))
	t.Cleanup(func() {
		err := f.Client.Delete(context.WithoutCancel(t.Context()), &v1alpha1.ClusterSecretSync{ObjectMeta: metav1.ObjectMeta{Name: f.name}})
		harness.Must(t, client.IgnoreNotFound(err))
	})
}

func entries(paths ...string) []v1alpha1.DataFrom {
	var all []v1alpha1.DataFrom
	for _, path := range paths {
		all = append(all, v1alpha1.DataFrom{Entry: &v1alpha1.EntrySource{Path: path}})
	}
	return all
}

// edit changes the specification.
func (f *fan) edit(t *testing.T, edit func(*v1alpha1.ClusterSecretSyncSpec)) {
	t.Helper()
	var object v1alpha1.ClusterSecretSync
	f.Change(t, client.ObjectKey{Name: f.name}, &object, func() { edit(&object.Spec) })
}

// await waits until the status of the newest specification counts so many namespaces selected,
// ready and failed, and Ready has that reason.
func (f *fan) await(t *testing.T, selected, ready, failed int32, reason string) *v1alpha1.ClusterSecretSync {
	t.Helper()
	var object v1alpha1.ClusterSecretSync
	harness.Await(t, fmt.Sprintf("%d selected, %d ready, %d failed, %s", selected, ready, failed, reason), func() string {
		harness.Must(t, f.Client.Get(t.Context(), client.ObjectKey{Name: f.name}, &object))
		condition, counts := meta.FindStatusCondition(object.Status.Conditions, v1alpha1.ConditionReady), object.Status.Namespaces
		if object.Status.ObservedGeneration == object.Generation && condition != nil && condition.Reason == reason &&
			*counts.Selected == selected && *counts.Ready == ready && *counts.Failed == failed {
			return ""
		}
		text, err := yaml.Marshal(object.Status)
		harness.Must(t, err)
		return string(text)
	})
	return &object
}

// awaitGone waits until a namespace has no SecretSync.
func awaitGone(t *testing.T, n *harness.Tenant) {
	t.Helper()
	harness.Await(t, "the SecretSync of "+n.Namespace+" to go", func() string {
		var list v1alpha1.SecretSyncList
		harness.Must(t, n.Client.List(t.Context(), &list, client.InNamespace(n.Namespace)))
		if len(list.Items) > 0 {
			return "it is there"
		}
		return ""
	})
}

// requests returns what operators asked of the API server since then, but for what one at rest
// does.
func (f *fan) requests(t *testing.T, since time.Time) []string {
	t.Helper()
	var requests []string
	for event, err := range cluster.ReadAudit(f.Cluster.AuditLogPath()) {
		harness.Must(t, err)
		rest := event.Verb == "watch" || event.ObjectRef == nil || event.ObjectRef.Resource == "leases"
		if !rest && !event.At.Before(since) && strings.HasPrefix(event.UserAgent, "secretsync/") {
			requests = append(requests, event.Verb+" "+event.RequestURI)
		}
	}
	return slices.Compact(requests)
}
