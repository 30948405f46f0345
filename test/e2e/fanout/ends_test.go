// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fanout

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/status"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// deletes has everything go that can.
func deletes(spec *v1alpha1.ClusterSecretSyncSpec) {
	spec.OnDelete, spec.SecretSync.Spec.Target.OnDelete = v1alpha1.Delete, v1alpha1.Delete
}

// awaitNoSecret waits until a namespace has neither the SecretSync nor its Secret.
func awaitNoSecret(t *testing.T, n *harness.Tenant) {
	t.Helper()
	awaitGone(t, n)
	harness.Await(t, "the Secret of "+n.Namespace+" to go", func() string {
		if err := n.Client.Get(t.Context(), n.Key("shared"), &corev1.Secret{}); !apierrors.IsNotFound(err) {
			return "it is there"
		}
		return ""
	})
}

// served waits until all of those namespaces have the Secret, and returns them.
func (f *fan) served(t *testing.T, names ...string) []*harness.Tenant {
	t.Helper()
	var all []*harness.Tenant
	for _, name := range names {
		all = append(all, f.open(t, name, true))
	}
	f.await(t, int32(len(all)), int32(len(all)), 0, status.ReasonFannedOut) //nolint:gosec // a few
	return all
}

// TestDeleteMeansDelete: where both are asked to, SecretSync and Secret go with the selection of a
// namespace, and with the ClusterSecretSync; what is beside them, was taken over, or copied with its
// owner, stays.
func TestDeleteMeansDelete(t *testing.T) {
	f := newFan(t)
	f.Write(t, "common", map[string]any{"CERT": "for all"})
	f.declare(t, deletes, "common")
	all := f.served(t, "a", "b", "c")
	beside := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Name: "beside"}, Spec: v1alpha1.SecretSyncSpec{
		BackendRef: &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: f.backend}, DataFrom: entries("common"),
	}}
	all[1].Create(t, beside)
	stays := all[1].AwaitSecret(t, "beside", map[string]string{"CERT": "for all"})

	f.label(t, all[0], group, "")
	awaitNoSecret(t, all[0])
	f.await(t, 2, 2, 0, status.ReasonFannedOut)
	kept := takeOver(t, all[1], all[2])
	f.await(t, 2, 1, 1, status.ReasonNamespacesFailed)
	harness.Must(t, f.Client.Delete(t.Context(), &v1alpha1.ClusterSecretSync{ObjectMeta: metav1.ObjectMeta{Name: f.name}}))
	harness.Await(t, "the generated SecretSync to go", func() string {
		err := all[1].Client.Get(t.Context(), all[1].Key("shared"), &v1alpha1.SecretSync{})
		if secretErr := all[1].Client.Get(t.Context(), all[1].Key("shared"), &corev1.Secret{}); !apierrors.IsNotFound(err) || !apierrors.IsNotFound(secretErr) {
			return "it, or its Secret, is there"
		}
		return ""
	})
	all[1].SameBytes(t, stays)
	for _, sync := range kept {
		if now := all[0].In(t, sync.Namespace).Get(t, sync.Name); now.UID != sync.UID || !now.DeletionTimestamp.IsZero() {
			t.Errorf("SecretSync %s/%s is going", sync.Namespace, sync.Name)
		}
	}
}

// takeOver copies the SecretSync of one namespace with its owner, once with the label and once
// without, takes the label off that of another, and returns them when none has an owner any more.
func takeOver(t *testing.T, copied, taken *harness.Tenant) []*v1alpha1.SecretSync {
	t.Helper()
	made := copied.Get(t, "shared")
	for name, labels := range map[string]map[string]string{"copied": made.Labels, "unlabelled": nil} {
		copied.Create(t, &v1alpha1.SecretSync{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels, Annotations: made.Annotations, OwnerReferences: made.OwnerReferences},
			Spec:       made.Spec,
		})
	}
	taken.Edit(t, "shared", func(s *v1alpha1.SecretSync) { s.Labels = nil })
	var kept []*v1alpha1.SecretSync
	for _, key := range []client.ObjectKey{copied.Key("copied"), copied.Key("unlabelled"), taken.Key("shared")} {
		sync := &v1alpha1.SecretSync{}
		harness.Await(t, "the owner of "+key.String()+" to be taken off", func() string {
			harness.Must(t, copied.Client.Get(t.Context(), key, sync))
			if len(sync.OwnerReferences) > 0 {
				return "it is there"
			}
			return ""
		})
		kept = append(kept, sync)
	}
	return kept
}

// TestAnAccidentDeletesNothing: a selector that selects nothing any more holds everything back, though
// all is told to go; mended, nothing was lost; accepted, exactly that goes.
func TestAnAccidentDeletesNothing(t *testing.T) {
	f := newFan(t)
	f.Write(t, "common", map[string]any{"CERT": "for all"})
	f.declare(t, deletes, "common")
	all := f.served(t, "a", "b", "c", "d")
	var before []*corev1.Secret
	for _, n := range all {
		before = append(before, n.Secret(t, "shared"))
	}
	slip := func(spec *v1alpha1.ClusterSecretSyncSpec) {
		spec.Namespaces.Selector.MatchLabels = map[string]string{group: f.name + "-typo"}
	}
	mend := func(spec *v1alpha1.ClusterSecretSyncSpec) { spec.Namespaces.Selector = f.selector() }

	f.edit(t, slip)
	told := f.await(t, 0, 0, 0, status.ReasonRemovalsBlocked)
	if blocked := told.Status.Blocked; *blocked.Count != 4 || len(blocked.Namespaces) != 4 {
		t.Errorf("blocked are %+v", blocked)
	}
	f.edit(t, mend)
	if told := f.await(t, 4, 4, 0, status.ReasonFannedOut); told.Status.Blocked != nil {
		t.Errorf("blocked are %+v", told.Status.Blocked)
	}
	for i, n := range all {
		n.Unchanged(t, before[i])
	}

	// One at a time goes, whatever the guard.
	f.label(t, all[0], group, "")
	awaitNoSecret(t, all[0])
	f.edit(t, slip)
	f.accept(t, f.await(t, 0, 0, 0, status.ReasonRemovalsBlocked).Status.Blocked.Token)
	for _, n := range all[1:] {
		awaitNoSecret(t, n)
	}
	f.await(t, 0, 0, 0, status.ReasonFannedOut)
}

// accept says that the deletions with a token are meant.
func (f *fan) accept(t *testing.T, token string) {
	t.Helper()
	var object v1alpha1.ClusterSecretSync
	f.Change(t, client.ObjectKey{Name: f.name}, &object, func() {
		object.Annotations = map[string]string{v1alpha1.AnnotationAccept: token}
	})
}

// TestTenants do what they may with a generated SecretSync: nothing of that reaches another
// namespace, and what they made themselves stays.
func TestTenants(t *testing.T) {
	f := newFan(t)
	f.Write(t, "common", map[string]any{"CERT": "for all"})
	full := f.open(t, "full", false)
	full.Create(t, &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "none"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/secretsyncs.secretsync.io": resource.MustParse("0")}},
	})
	f.label(t, full, group, f.name)
	f.declare(t, nil, "common")
	tenant, other := f.open(t, "tenant", true), f.open(t, "other", false)
	f.await(t, 2, 1, 1, status.ReasonNamespacesFailed)

	made := tenant.Get(t, "shared")
	for _, in := range []*harness.Tenant{tenant, other} {
		mine := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Name: "copied", Labels: made.Labels, Annotations: made.Annotations}, Spec: made.Spec}
		in.Create(t, mine)
	}
	harness.Must(t, tenant.Client.Delete(t.Context(), made))
	harness.Await(t, "it to be made again", func() string {
		var again v1alpha1.SecretSync
		err := tenant.Client.Get(t.Context(), tenant.Key("shared"), &again)
		if harness.Must(t, client.IgnoreNotFound(err)); err != nil || again.UID == made.UID {
			return "it is not"
		}
		return ""
	})
	tenant.Edit(t, "shared", func(s *v1alpha1.SecretSync) { delete(s.Labels, v1alpha1.LabelFanOut) })
	f.await(t, 2, 0, 2, status.ReasonNamespacesFailed)
	tenant.Edit(t, "shared", func(s *v1alpha1.SecretSync) { s.Labels = map[string]string{v1alpha1.LabelFanOut: f.name} })
	f.await(t, 2, 1, 1, status.ReasonNamespacesFailed)
	harness.Must(t, full.Client.Delete(t.Context(), &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: full.Namespace, Name: "none"}}))
	f.edit(t, func(spec *v1alpha1.ClusterSecretSyncSpec) { // Another template is tried at once.
		spec.SecretSync.Metadata.Labels = map[string]v1alpha1.LabelValue{"second": "try"}
	})
	f.await(t, 2, 2, 0, status.ReasonFannedOut)
	for _, in := range []*harness.Tenant{tenant, other} {
		if copied := in.Get(t, "copied"); copied.Labels["second"] != "" {
			t.Errorf("a copy in %s was changed", in.Namespace)
		}
	}
}
