// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rollback

import (
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestHold: what is asked for is served and held while newer states come, which are
// recorded; without the annotation the newest is served.
func TestHold(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	rollback(t, n, "1")
	held := awaitHeld(t, n, "1", 1)
	change(t, n, 4)
	n.AwaitStatus(t, "db", "a fourth revision", func(s *v1alpha1.SecretSync) string {
		if s.Status.NewestRevision != 4 || s.Status.History[0].Revision != 4 {
			return "it has none"
		}
		return ""
	})
	n.Unchanged(t, held)
	rollback(t, n, "")
	awaitFollowing(t, n, 4)
	if got := n.Numbers(t, "db"); !slices.Equal(got, []int64{1, 2, 3, 4}) {
		t.Errorf("kept are %v", got)
	}
}

// TestHoldOtherRevision: one hold follows another without the newest in between.
func TestHoldOtherRevision(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	for _, step := range []struct {
		text   string
		number int
	}{{"1", 1}, {"2", 2}, {"3", 3}} {
		rollback(t, n, step.text)
		awaitHeld(t, n, step.text, step.number)
	}
	var served []int64
	for _, entry := range n.Get(t, "db").Status.Served {
		served = append(served, entry.Revision)
	}
	if !slices.Equal(served, []int64{3, 2, 1, 3, 2, 1}) {
		t.Errorf("served were %v, the newest first", served)
	}
}

// TestPrevious is resolved once and kept while the text stands; removed and asked for
// again, it is resolved anew.
func TestPrevious(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	rollback(t, n, "previous")
	held := awaitHeld(t, n, "previous", 2)
	change(t, n, 4)
	refresh(t, n)
	n.Unchanged(t, held)
	rollback(t, n, "")
	awaitFollowing(t, n, 4)
	rollback(t, n, "previous")
	awaitHeld(t, n, "previous", 2)
}

// TestCurrent freezes what is served.
func TestCurrent(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 2)
	rollback(t, n, "current")
	held := awaitHeld(t, n, "current", 2)
	change(t, n, 3)
	n.Unchanged(t, held)
	rollback(t, n, "")
	awaitFollowing(t, n, 3)
}

// TestCurrentLeavesReportedEdit: where an edit by hand is only to be reported, freezing what is
// served leaves it, and so does the end of that; it goes with the next content that is asked for.
func TestCurrentLeavesReportedEdit(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 2, func(s *v1alpha1.SecretSync) { s.Spec.Drift.Policy = v1alpha1.DriftReport })
	byHand := func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") }
	n.EditSecret(t, "db", byHand)
	edited := n.Secret(t, "db")
	freeze := func() *corev1.Secret {
		rollback(t, n, "current")
		n.AwaitCondition(t, "db", v1alpha1.ConditionRolledBack, metav1.ConditionTrue, "Held")
		n.AwaitCondition(t, "db", v1alpha1.ConditionDrifted, metav1.ConditionTrue, "DriftReported")
		n.SameBytes(t, edited)
		held := n.Secret(t, "db")
		if got := held.Annotations[v1alpha1.AnnotationHeldFor]; got != "current" {
			t.Errorf("the target is held for %q", got)
		}
		return held
	}
	n.AwaitCondition(t, "db", v1alpha1.ConditionDrifted, metav1.ConditionTrue, "DriftReported")
	freeze()
	rollback(t, n, "")
	n.AwaitStatus(t, "db", "no hold", func(s *v1alpha1.SecretSync) string {
		if s.Status.Rollback != nil {
			return "it has one"
		}
		return ""
	})
	n.SameBytes(t, edited)
	held := freeze()
	change(t, n, 3)
	n.Unchanged(t, held)
	rollback(t, n, "")
	awaitFollowing(t, n, 3)

	n.EditSecret(t, "db", byHand)
	n.AwaitCondition(t, "db", v1alpha1.ConditionDrifted, metav1.ConditionTrue, "DriftReported")
	rollback(t, n, "3")
	awaitHeld(t, n, "3", 3)
}

// TestTime goes back to what the target held then.
func TestTime(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 1)
	change(t, n, 2)
	s := n.AwaitReady(t, "db", 2)
	// Whole seconds are noted, so the second must not become live in the second of the first.
	from := s.Status.Served[0].From.Time
	harness.Await(t, "the next second", func() string {
		if time.Now().Before(from.Add(2 * time.Second)) {
			return "not yet"
		}
		return ""
	})
	change(t, n, 3)
	n.AwaitReady(t, "db", 3)
	text := from.Add(time.Second).Format(time.RFC3339)
	rollback(t, n, text)
	awaitHeld(t, n, text, 2)
}

// TestBackWithoutBackend: going back needs no backend: not the version, which is destroyed,
// nor the entry, which is gone, nor a login.
func TestBackWithoutBackend(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3, func(s *v1alpha1.SecretSync) { s.Spec.Target.OnSourceGone = v1alpha1.Delete })
	n.Allow(t, "deny")
	reads := n.Reads(t, "db")
	rollback(t, n, "1")
	awaitHeld(t, n, "1", 1)
	rollback(t, n, "previous")
	awaitHeld(t, n, "previous", 3)
	if got := n.Reads(t, "db"); got != reads {
		t.Errorf("Vault was read %d times", got-reads)
	}
}

// TestHoldIsRepaired: drift of a held target is put right from the revision that is held,
// and ends no hold.
func TestHoldIsRepaired(t *testing.T) {
	t.Parallel()
	edits := map[string]func(*corev1.Secret){
		"data":     func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") },
		"request":  func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.AnnotationHeldFor) },
		"revision": func(s *corev1.Secret) { s.Annotations[v1alpha1.AnnotationRevision] = "3" },
		"both": func(s *corev1.Secret) {
			s.Annotations[v1alpha1.AnnotationRevision], s.Annotations[v1alpha1.AnnotationHeldFor] = "2", "2"
		},
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := tenantWith(t, 3)
			rollback(t, n, "previous")
			held := awaitHeld(t, n, "previous", 2)
			n.EditSecret(t, "db", edit)
			n.AwaitRepaired(t, "db", func(s *corev1.Secret) bool {
				return string(s.Data["password"]) == password(2) && s.ResourceVersion != held.ResourceVersion &&
					s.Annotations[v1alpha1.AnnotationRevision] == "2" && s.Annotations[v1alpha1.AnnotationHeldFor] == "previous"
			})
			awaitHeld(t, n, "previous", 2)
		})
	}
}

// TestHeldDeletedTarget is created again as it was held.
func TestHeldDeletedTarget(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	rollback(t, n, "1")
	held := awaitHeld(t, n, "1", 1)
	n.Delete(t, &corev1.Secret{}, "db")
	n.AwaitRepaired(t, "db", func(s *corev1.Secret) bool { return s.UID != held.UID })
	awaitHeld(t, n, "1", 1)
}

// TestHoldSurvivesItsStatus: the target tells what is held, and what previous meant.
func TestHoldSurvivesItsStatus(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	rollback(t, n, "previous")
	awaitHeld(t, n, "previous", 2)
	var s v1alpha1.SecretSync
	if err := n.Client.Get(t.Context(), n.Key("db"), &s); err != nil {
		t.Fatal(err)
	}
	s.Status = v1alpha1.SecretSyncStatus{}
	if err := n.Client.Status().Update(t.Context(), &s); err != nil {
		t.Fatal(err)
	}
	n.Annotate(t, "db", "example.com/wake", "up")
	awaitHeld(t, n, "previous", 2)
	change(t, n, 4)
	awaitHeld(t, n, "previous", 2)
}

// TestPausedRollback waits for the end of the pause.
func TestPausedRollback(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 2)
	before := n.Secret(t, "db")
	n.Annotate(t, "db", v1alpha1.AnnotationPauseUntil, time.Now().Add(time.Hour).Format(time.RFC3339))
	rollback(t, n, "1")
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionTrue, "Paused")
	n.Unchanged(t, before)
	n.Annotate(t, "db", v1alpha1.AnnotationPauseUntil, "")
	awaitHeld(t, n, "1", 1)
}
