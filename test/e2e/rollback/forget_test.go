// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rollback

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestForget deletes revisions for good; their numbers stay burnt.
func TestForget(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 4)
	n.Annotate(t, "db", v1alpha1.AnnotationForget, "2, 3")
	harness.Await(t, "the revisions to be gone", func() string {
		if got := n.Numbers(t, "db"); !slices.Equal(got, []int64{1, 4}) {
			return "there are others"
		}
		return ""
	})
	n.AwaitEvent(t, "db", "Forgotten")
	rollback(t, n, "2")
	awaitRefused(t, n, "RevisionUnknown")
	rollback(t, n, "")
	awaitFollowing(t, n, 4)
	change(t, n, 5)
	n.AwaitReady(t, "db", 5)
}

// TestForgetWhatIsNeeded is refused and told, and done when it is needed no more.
func TestForgetWhatIsNeeded(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	rollback(t, n, "1")
	awaitHeld(t, n, "1", 1)
	refused := func(number string) {
		n.Annotate(t, "db", v1alpha1.AnnotationForget, number)
		n.AwaitStatus(t, "db", "the refusal", func(s *v1alpha1.SecretSync) string {
			c := meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionHistoryDegraded)
			if c == nil || c.Reason != "ForgetRefused" || !strings.Contains(c.Message, "revision "+number) {
				return "there is none"
			}
			return ""
		})
	}
	refused("3")
	refused("1")
	rollback(t, n, "")
	awaitFollowing(t, n, 3)
	harness.Await(t, "revision 1 to be gone", func() string {
		if got := n.Numbers(t, "db"); !slices.Equal(got, []int64{2, 3}) {
			return "it is not"
		}
		return ""
	})
	n.Annotate(t, "db", v1alpha1.AnnotationForget, "the second")
	n.AwaitCondition(t, "db", v1alpha1.ConditionHistoryDegraded, metav1.ConditionTrue, "InvalidForget")
}

// TestDestroyedInTheBackend flags in history what the backend no longer has, and goes back
// to it all the same.
func TestDestroyedInTheBackend(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	n.Destroy(t, "db", 1)
	refresh(t, n)
	n.AwaitStatus(t, "db", "revision 1 to be flagged", func(s *v1alpha1.SecretSync) string {
		for _, entry := range s.Status.History {
			if destroyed := ptr.Deref(entry.Sources[0].Destroyed, false); destroyed != (entry.Revision == 1) {
				return "it is not, or another one is"
			}
		}
		return ""
	})
	n.AwaitEvent(t, "db", "SourceDestroyed")
	rollback(t, n, "1")
	awaitHeld(t, n, "1", 1)
	n.AwaitSecret(t, "db", map[string]string{"password": password(1)})

	n.Destroy(t, "db", 3)
	refresh(t, n)
	n.AwaitStatus(t, "db", "revision 3 to be flagged", func(s *v1alpha1.SecretSync) string {
		if entry := s.Status.History[0]; entry.Revision != 3 || !ptr.Deref(entry.Sources[0].Destroyed, false) {
			return "it is not"
		}
		return ""
	})
	change(t, n, 4)
	rollback(t, n, "")
	awaitFollowing(t, n, 4)
}
