// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rollback

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestNewestLostWhileHeld: the newest revision is deleted by hand while another is held. It is
// read and recorded again, and following again serves what the backend holds and not what is
// left.
func TestNewestLostWhileHeld(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	rollback(t, n, "1")
	held := awaitHeld(t, n, "1", 1)
	n.Delete(t, &corev1.Secret{}, n.Revisions(t, "db")[3].Name)
	awaitRecorded(t, n, 4)
	n.Unchanged(t, held)
	rollback(t, n, "")
	n.AwaitSecret(t, "db", map[string]string{"password": password(3)})
	n.AwaitReady(t, "db", 4)
}

// TestNewestLostIsTold: as long as the backend cannot be read, nothing can record the lost
// state again, and that is told.
func TestNewestLostIsTold(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	rollback(t, n, "1")
	held := awaitHeld(t, n, "1", 1)
	n.Allow(t, "deny")
	n.Delete(t, &corev1.Secret{}, n.Revisions(t, "db")[3].Name)
	n.AwaitCondition(t, "db", v1alpha1.ConditionHistoryDegraded, metav1.ConditionTrue, "RevisionMissing")
	n.Allow(t, "read")
	refresh(t, n)
	awaitRecorded(t, n, 4)
	n.Unchanged(t, held)
}

// awaitRecorded waits until a revision is the newest one that is kept, and nothing is said to
// be wrong with the history.
func awaitRecorded(t *testing.T, n *harness.Tenant, number int64) {
	t.Helper()
	n.AwaitStatus(t, "db", fmt.Sprintf("%d as its newest revision and no complaint", number), func(s *v1alpha1.SecretSync) string {
		if meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionHistoryDegraded) != nil {
			return "it complains"
		}
		if s.Status.NewestRevision != number || s.Status.History[0].Revision != number {
			return "it has another"
		}
		return ""
	})
}

// TestNewestRefusedWhileHeld: a newer state cannot be recorded while another is held. That is
// told until it can be, and the state is not forgotten.
func TestNewestRefusedWhileHeld(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 2)
	rollback(t, n, "1")
	held := awaitHeld(t, n, "1", 1)
	full(t, n)
	change(t, n, 3)
	n.AwaitCondition(t, "db", v1alpha1.ConditionHistoryDegraded, metav1.ConditionTrue, "QuotaExceeded")
	n.AwaitReady(t, "db", 1)
	n.Unchanged(t, held)
	n.Delete(t, &corev1.ResourceQuota{}, "full")
	awaitRecorded(t, n, 3)
	rollback(t, n, "")
	awaitFollowing(t, n, 3)
}

// full allows no more Secrets than there are.
func full(t *testing.T, n *harness.Tenant) {
	t.Helper()
	n.Create(t, &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "full"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/secrets": resource.MustParse("0")}},
	})
	harness.Await(t, "the quota to be counted", func() string {
		var quota corev1.ResourceQuota
		if err := n.Client.Get(t.Context(), n.Key("full"), &quota); err != nil {
			return err.Error()
		}
		if len(quota.Status.Hard) == 0 {
			return "it is not"
		}
		return ""
	})
}

// TestOlderCopyPutBack: another hand puts the target back as it was long ago. That is drift,
// and what previous meant stays.
func TestOlderCopyPutBack(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 1)
	old := n.Secret(t, "db")
	for number := 2; number <= 4; number++ {
		change(t, n, number)
		n.AwaitReady(t, "db", int64(number))
	}
	rollback(t, n, "previous")
	awaitHeld(t, n, "previous", 3)
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data, s.Annotations = old.Data, old.Annotations })
	n.AwaitEvent(t, "db", "DriftRepaired")
	awaitHeld(t, n, "previous", 3)
}

// TestAdoptionWhileHeld: what a Secret held that is taken over is recorded, and is never what
// the backend holds.
func TestAdoptionWhileHeld(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 2)
	rollback(t, n, "1")
	awaitHeld(t, n, "1", 1)
	n.Create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "other", Annotations: map[string]string{v1alpha1.AnnotationAdoptBy: "db"}},
		StringData: map[string]string{"password": "somebody else's"},
	})
	n.Edit(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Target.Name = "other" })
	n.AwaitSecret(t, "other", map[string]string{"password": password(1)})
	n.AwaitReady(t, "db", 1)
	rollback(t, n, "")
	n.AwaitSecret(t, "other", map[string]string{"password": password(2)})
	n.AwaitReady(t, "db", 2)
}

// TestPauseKeepsWhatIsGone: a Secret that is left alone for a while is not deleted either,
// and is once the pause is over.
func TestPauseKeepsWhatIsGone(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	write(t, n, "db", 1)
	n.Sync(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Target.OnSourceGone = v1alpha1.Delete })
	n.AwaitReady(t, "db", 1)
	n.Annotate(t, "db", v1alpha1.AnnotationPauseUntil, time.Now().Add(time.Hour).Format(time.RFC3339))
	before := n.Secret(t, "db")
	if err := n.Vault.Root().KVv2(n.Namespace).DeleteMetadata(t.Context(), "db"); err != nil {
		t.Fatal(err)
	}
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionTrue, "Paused")
	reads := n.Reads(t, "db")
	harness.Await(t, "enough reads to prove it gone", func() string {
		if n.Reads(t, "db") < reads+2 {
			return "there were not"
		}
		return ""
	})
	n.Unchanged(t, before)
	n.Annotate(t, "db", v1alpha1.AnnotationPauseUntil, "")
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "SourceGone")
}
