// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// awaitReads waits until Vault was asked for an entry that many times more.
func awaitReads(t *testing.T, n *harness.Tenant, path string, more int) {
	t.Helper()
	before := n.Reads(t, path)
	harness.Await(t, "reads of "+path, func() string {
		if n.Reads(t, path) < before+more {
			return "there were not enough"
		}
		return ""
	})
}

// TestSuspend: nothing is read or written for the object until it goes on.
func TestSuspend(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Write(t, "witness", fields{"password": "some-password"})
	n.Sync(t, "db")
	n.Sync(t, "witness")
	n.AwaitReady(t, "db", 1)
	n.AwaitReady(t, "witness", 1)
	n.Edit(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Suspend = new(true) })
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionTrue, "Suspended")
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
	edited := n.Secret(t, "db")
	n.Write(t, "db", fields{"password": "second-password"})
	reads := n.Reads(t, "db")
	awaitReads(t, n, "witness", 3)
	if now := n.Reads(t, "db"); now != reads {
		t.Errorf("it was read %d times while suspended", now-reads)
	}
	n.Unchanged(t, edited)

	n.Edit(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Suspend = new(false) })
	n.AwaitSecret(t, "db", texts{"password": "second-password"})
	n.AwaitReady(t, "db", 2)
}

// TestPause: the target is left as it is until the time comes, and then moves by itself.
func TestPause(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	n.Annotate(t, "db", v1alpha1.AnnotationPauseUntil, time.Now().Add(time.Hour).Format(time.RFC3339))
	n.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("break the glass") })
	edited := n.Secret(t, "db")
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionTrue, "Paused")
	n.Write(t, "db", fields{"password": "second-password"})
	awaitReads(t, n, "db", 2)
	n.Unchanged(t, edited)

	until := time.Now().Add(5 * time.Second).Truncate(time.Second)
	n.Annotate(t, "db", v1alpha1.AnnotationPauseUntil, until.Format(time.RFC3339))
	n.AwaitSecret(t, "db", texts{"password": "second-password"})
	if now := time.Now(); now.Before(until) {
		t.Errorf("it was written to %s before the pause ended", until.Sub(now))
	}
	n.AwaitReady(t, "db", 2)
}

// TestPauseThatIsNone is not in force, and the status says that the annotation needs an edit.
func TestPauseThatIsNone(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	for name, text := range map[string]string{
		"unreadable": "tomorrow noon",
		"endless":    time.Now().Add(25 * time.Hour).Format(time.RFC3339),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n.Write(t, name, fields{"password": "first-password"})
			n.Sync(t, name)
			n.AwaitReady(t, name, 1)
			n.Annotate(t, name, v1alpha1.AnnotationPauseUntil, text)
			s := n.AwaitCondition(t, name, v1alpha1.ConditionReady, metav1.ConditionFalse, "InvalidPause")
			if message := readyMessage(s); !strings.Contains(message, text) {
				t.Errorf("the message does not repeat what is wrong: %q", message)
			}
			n.Write(t, name, fields{"password": "second-password"})
			n.AwaitSecret(t, name, texts{"password": "second-password"})
			n.Annotate(t, name, v1alpha1.AnnotationPauseUntil, "")
			n.AwaitReady(t, name, 2)
		})
	}
}

// TestPauseThatIsOver changes nothing.
func TestPauseThatIsOver(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db", annotated(v1alpha1.AnnotationPauseUntil, time.Now().Add(-time.Hour).Format(time.RFC3339)))
	n.AwaitReady(t, "db", 1)
}

// TestRequestedRefresh reads once, at once, and is acknowledged whatever comes of it; with
// an interval of 0s nothing else reads.
func TestRequestedRefresh(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Write(t, "witness", fields{"password": "some-password"})
	n.Sync(t, "db", onRequest)
	n.Sync(t, "witness")
	n.AwaitReady(t, "db", 1)
	n.Write(t, "db", fields{"password": "second-password"})
	reads := n.Reads(t, "db")
	awaitReads(t, n, "witness", 3)
	if now := n.Reads(t, "db"); now != reads {
		t.Errorf("it was read %d times without a request", now-reads)
	}

	n.Annotate(t, "db", v1alpha1.AnnotationRefresh, "number one")
	awaitAcknowledged(t, n, "number one", "Changed")
	n.AwaitSecret(t, "db", texts{"password": "second-password"})
	n.AwaitReady(t, "db", 2)
	served := n.Secret(t, "db")

	n.Annotate(t, "db", v1alpha1.AnnotationRefresh, "number two")
	awaitAcknowledged(t, n, "number two", "Unchanged")
	n.Unchanged(t, served)

	if err := n.Vault.Root().KVv2(n.Namespace).Delete(t.Context(), "db"); err != nil {
		t.Fatal(err)
	}
	n.Annotate(t, "db", v1alpha1.AnnotationRefresh, "number three")
	awaitAcknowledged(t, n, "number three", "EntryDeleted")
	n.Unchanged(t, served)
}

func awaitAcknowledged(t *testing.T, n *harness.Tenant, request, result string) {
	t.Helper()
	n.AwaitStatus(t, "db", "refresh "+request+" acknowledged", func(s *v1alpha1.SecretSync) string {
		handled := s.Status.LastHandledRefresh
		if handled == nil || handled.Request != request {
			return "it is not"
		}
		if handled.Result != result {
			t.Fatalf("refresh %q: want result %s, got %s", request, result, handled.Result)
		}
		return ""
	})
}

// TestRefreshWhilePaused is carried out and acknowledged, though nothing is written.
func TestRefreshWhilePaused(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db", onRequest)
	n.AwaitReady(t, "db", 1)
	before := n.Secret(t, "db")
	n.Annotate(t, "db", v1alpha1.AnnotationPauseUntil, time.Now().Add(time.Hour).Format(time.RFC3339))
	n.Write(t, "db", fields{"password": "second-password"})
	n.Annotate(t, "db", v1alpha1.AnnotationRefresh, "while paused")
	awaitAcknowledged(t, n, "while paused", "Changed")
	n.Unchanged(t, before)
	n.Annotate(t, "db", v1alpha1.AnnotationPauseUntil, "")
	n.AwaitSecret(t, "db", texts{"password": "second-password"})
	n.AwaitReady(t, "db", 2)
}
