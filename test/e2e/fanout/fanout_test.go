// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fanout

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/controllers/clustersecretsync"
	"github.com/secretsync/secretsync/pkg/status"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/e2e/rights"
)

// TestTheLifeOfAFanOut: SecretSyncs come and go with namespaces and labels, each with the paths
// of its namespace; what people change is put back, and what they ask for by annotation stays.
func TestTheLifeOfAFanOut(t *testing.T) {
	f := newFan(t)
	first, second, third := f.open(t, "first", true), f.open(t, "second", true), f.open(t, "third", false)
	f.Write(t, "common", map[string]any{"CERT": "for all"})
	f.Write(t, "teams/blue", map[string]any{"TEAM": "of blue"})
	f.Write(t, "teams/red", map[string]any{"TEAM": "of red"})
	for _, n := range []*harness.Tenant{first, second, third} {
		f.Write(t, "own/"+n.Namespace, map[string]any{"OWN": "of " + n.Namespace})
	}
	values := func(n *harness.Tenant, team string) map[string]string {
		return map[string]string{"CERT": "for all", "OWN": "of " + n.Namespace, "TEAM": "of " + team}
	}
	f.declare(t, nil, "common", "own/{namespace}", "teams/{label:"+team+"}")
	first.AwaitSecret(t, "shared", values(first, "blue"))
	kept := second.AwaitSecret(t, "shared", values(second, "blue"))
	f.await(t, 2, 2, 0, status.ReasonFannedOut)
	if err := f.Client.Get(t.Context(), third.Key("shared"), &corev1.Secret{}); !apierrors.IsNotFound(err) {
		t.Fatalf("a namespace that is not selected has the Secret (error %v)", err)
	}

	f.label(t, third, group, f.name)
	f.label(t, second, group, "")
	f.label(t, first, team, "red")
	third.AwaitSecret(t, "shared", values(third, "blue"))
	first.AwaitSecret(t, "shared", values(first, "red"))
	awaitGone(t, second)
	f.await(t, 2, 2, 0, status.ReasonFannedOut)
	second.SameBytes(t, kept)

	// A revision of another team is not gone back to, and one of the own is.
	first.Annotate(t, "shared", v1alpha1.AnnotationRollbackTo, "1")
	first.AwaitCondition(t, "shared", v1alpha1.ConditionRolledBack, metav1.ConditionFalse, "NotAllowed")
	first.Annotate(t, "shared", v1alpha1.AnnotationRollbackTo, "2")
	f.Write(t, "common", map[string]any{"CERT": "for all, second"})
	first.AwaitStatus(t, "shared", "a third revision", func(s *v1alpha1.SecretSync) string {
		if s.Status.NewestRevision < 3 {
			return "there is none"
		}
		return ""
	})
	first.Edit(t, "shared", func(s *v1alpha1.SecretSync) { s.Spec.Suspend, s.Spec.DataFrom = new(true), entries("other") })
	first.AwaitStatus(t, "shared", "the edit to be undone", func(s *v1alpha1.SecretSync) string {
		if s.Spec.Suspend != nil || len(s.Spec.DataFrom) != 3 || s.Annotations[v1alpha1.AnnotationRollbackTo] != "2" {
			return "the specification is still edited, or the annotation is gone"
		}
		return ""
	})
	first.AwaitSecret(t, "shared", values(first, "red"))

	f.edit(t, func(spec *v1alpha1.ClusterSecretSyncSpec) { spec.SecretSync.Spec.DataFrom = entries("common") })
	third.AwaitSecret(t, "shared", map[string]string{"CERT": "for all, second"})
	f.await(t, 2, 2, 0, status.ReasonFannedOut)

	before := third.Secret(t, "shared")
	harness.Must(t, f.Client.Delete(t.Context(), &v1alpha1.ClusterSecretSync{ObjectMeta: metav1.ObjectMeta{Name: f.name}}))
	f.Write(t, "common", map[string]any{"CERT": "for all, again"})
	third.AwaitSecret(t, "shared", map[string]string{"CERT": "for all, again"})
	if before.UID != third.Secret(t, "shared").UID {
		t.Error("the Secret was replaced when the ClusterSecretSync was deleted")
	}
	f.rightsAreUsed(t)
}

// rightsAreUsed fails the test if the chart grants more for a fan-out than was used. That list is
// used where the API server streams none, and that the admission policies ask for update and
// rollback, package rbac and the policies themselves prove.
func (f *fan) rightsAreUsed(t *testing.T) {
	t.Helper()
	granted, err := rights.Of(f.Chart, harness.OperatorAccount)
	harness.Must(t, err)
	granted = slices.DeleteFunc(granted, func(r rights.Right) bool {
		return r.Group != v1alpha1.GroupName || slices.Contains([]string{"list", "update", "rollback"}, r.Verb) ||
			!slices.Contains([]string{"secretsyncs", "clustersecretsyncs", "clustersecretsyncs/status"}, r.Resource)
	})
	if len(granted) != 6 {
		t.Fatalf("the chart grants %v", granted)
	}
	harness.Await(t, "every right to be used", func() string {
		requests := rights.Requests(t, f.Cluster.AuditLogPath(), harness.OperatorUser)
		if left := rights.Unneeded(granted, requests, harness.Home); len(left) > 0 {
			return fmt.Sprintf("not needed: %v", left)
		}
		return ""
	})
}

// TestForeignSecretSyncsAreLeftAlone: what has the name and belongs to somebody else is neither
// changed nor deleted, and said to be in the way.
func TestForeignSecretSyncsAreLeftAlone(t *testing.T) {
	f := newFan(t)
	n := f.open(t, "taken", true)
	f.Write(t, "common", map[string]any{"CERT": "for all"})
	n.Create(t, &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Name: "shared"}, Spec: v1alpha1.SecretSyncSpec{DataFrom: entries("own/x")}})
	foreign := n.Get(t, "shared")
	f.declare(t, nil, "common")
	told := f.await(t, 1, 0, 1, status.ReasonNamespacesFailed)
	if failure := told.Status.Failures[0]; failure.Namespace != n.Namespace || failure.Reason != clustersecretsync.ReasonNotOwned {
		t.Errorf("got failure %+v", failure)
	}
	f.edit(t, func(spec *v1alpha1.ClusterSecretSyncSpec) { spec.Namespaces = nil })
	f.await(t, 0, 0, 0, status.ReasonFannedOut)
	if now := n.Get(t, "shared"); now.UID != foreign.UID || now.Generation != foreign.Generation || len(now.Labels) > 0 {
		t.Errorf("the foreign SecretSync was touched: %+v", now.ObjectMeta)
	}
}

// TestABrokenTemplateStops: a change that fails reaches the first few namespaces, whose Secrets
// stay; the fix waits for the end of a pause, also if another operator runs by then, and reaches all.
func TestABrokenTemplateStops(t *testing.T) {
	f := newFan(t)
	f.Write(t, "common", map[string]any{"CERT": "for all"})
	f.Write(t, "other", map[string]any{"CERT": "the other"})
	var all []*harness.Tenant
	for _, name := range []string{"a", "b", "c", "d"} {
		all = append(all, f.open(t, name, true))
	}
	f.declare(t, func(spec *v1alpha1.ClusterSecretSyncSpec) { spec.Rollout.MaxPercent = new(int32(50)) }, "common")
	f.await(t, 4, 4, 0, status.ReasonFannedOut)

	f.edit(t, func(spec *v1alpha1.ClusterSecretSyncSpec) { spec.SecretSync.Spec.DataFrom = entries("absent") })
	f.await(t, 4, 2, 2, status.ReasonRolloutStopped)
	for i, n := range all {
		n.AwaitSecret(t, "shared", map[string]string{"CERT": "for all"})
		if path := n.Get(t, "shared").Spec.DataFrom[0].Entry.Path; (path == "absent") != (i < 2) {
			t.Errorf("namespace %s reads %q", n.Namespace, path)
		}
	}
	f.edit(t, func(spec *v1alpha1.ClusterSecretSyncSpec) { spec.Rollout.Pause = new(true) })
	f.edit(t, func(spec *v1alpha1.ClusterSecretSyncSpec) { spec.SecretSync.Spec.DataFrom = entries("other") })
	f.await(t, 4, 2, 2, status.ReasonRolloutPaused)
	f.operator.Kill()
	run(t, suite.Get(t), "after-the-pause")
	f.edit(t, func(spec *v1alpha1.ClusterSecretSyncSpec) { spec.Rollout.Pause = nil })
	f.await(t, 4, 4, 0, status.ReasonFannedOut)
	for _, n := range all {
		n.AwaitSecret(t, "shared", map[string]string{"CERT": "the other"})
	}
}

// TestManyNamespacesCostOneRead: however many namespaces take one entry, Vault is asked once per
// interval; and while nothing changes, the API server is asked for nothing.
func TestManyNamespacesCostOneRead(t *testing.T) {
	const many = 40
	f := newFan(t)
	f.Write(t, "common", map[string]any{"CERT": "for all"})
	var last *harness.Tenant
	for i := range many {
		last = f.open(t, "n"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+string(rune('a'+i/26)), true)
	}
	begin := time.Now()
	f.declare(t, nil, "common")
	f.await(t, many, many, 0, status.ReasonFannedOut)
	f.Write(t, "common", map[string]any{"CERT": "for all, again"})
	last.AwaitSecret(t, "shared", map[string]string{"CERT": "for all, again"})
	f.await(t, many, many, 0, status.ReasonFannedOut)
	// One more at the start, and one that confirms each of the two contents.
	if reads, intervals := f.Reads(t, "common"), int(time.Since(begin)/harness.Interval); reads > intervals+4 {
		t.Errorf("%d reads in %d intervals", reads, intervals)
	}

	var since time.Time
	harness.Await(t, "all to be quiet", func() string {
		since = time.Now()
		before := f.Reads(t, "common")
		harness.Await(t, "two more reads", func() string {
			if f.Reads(t, "common") < before+2 {
				return "not yet"
			}
			return ""
		})
		return strings.Join(f.requests(t, since), "\n")
	})
}

// TestPreviewNamespaces: a namespace is served as soon as it is there, and nothing of it is left
// when it is gone.
func TestPreviewNamespaces(t *testing.T) {
	f := newFan(t)
	f.Write(t, "common", map[string]any{"CERT": "for all"})
	f.declare(t, nil, "common")
	f.await(t, 0, 0, 0, status.ReasonFannedOut)
	preview := f.open(t, "preview", true)
	preview.AwaitSecret(t, "shared", map[string]string{"CERT": "for all"})
	f.await(t, 1, 1, 0, status.ReasonFannedOut)
	harness.Must(t, f.Client.Delete(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: preview.Namespace}}))
	harness.Await(t, "the namespace to go", func() string {
		if err := f.Client.Get(t.Context(), client.ObjectKey{Name: preview.Namespace}, &corev1.Namespace{}); !apierrors.IsNotFound(err) {
			return "it is there"
		}
		return ""
	})
	f.await(t, 0, 0, 0, status.ReasonFannedOut)
	var left v1alpha1.SecretSyncList
	harness.Must(t, f.Client.List(t.Context(), &left))
	if slices.ContainsFunc(left.Items, func(s v1alpha1.SecretSync) bool { return s.Namespace == preview.Namespace }) {
		t.Error("a SecretSync is left")
	}
}
