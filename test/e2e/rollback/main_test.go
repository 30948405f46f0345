// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rollback

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

var suite = harness.NewSuite(harness.Options{}) //nolint:gochecknoglobals // One world serves all tests.

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// password is the value of the nth state of an entry.
func password(n int) string { return fmt.Sprintf("password-number-%d", n) }

// write makes the nth state of an entry.
func write(t *testing.T, n *harness.Tenant, name string, number int) {
	t.Helper()
	n.Write(t, name, map[string]any{"password": password(number)})
}

// tenantWith returns a tenant with a SecretSync db that is read on request only and has
// served as many revisions, each a value of its own.
func tenantWith(t *testing.T, revisions int, edits ...harness.SyncEdit) *harness.Tenant {
	t.Helper()
	n := suite.Tenant(t)
	write(t, n, "db", 1)
	n.Sync(t, "db", append([]harness.SyncEdit{onRequest}, edits...)...)
	n.AwaitReady(t, "db", 1)
	for number := 2; number <= revisions; number++ {
		change(t, n, number)
		n.AwaitReady(t, "db", int64(number))
	}
	return n
}

func onRequest(s *v1alpha1.SecretSync) {
	s.Spec.Refresh.Interval = &metav1.Duration{}
}

// change makes the nth state of db in Vault and has it read.
func change(t *testing.T, n *harness.Tenant, number int) {
	t.Helper()
	write(t, n, "db", number)
	refresh(t, n)
}

// refresh has db read and waits for the answer.
func refresh(t *testing.T, n *harness.Tenant) {
	t.Helper()
	request := time.Now().Format(time.RFC3339Nano)
	n.Annotate(t, "db", v1alpha1.AnnotationRefresh, request)
	n.AwaitStatus(t, "db", "an answer to "+request, func(s *v1alpha1.SecretSync) string {
		if s.Status.LastHandledRefresh == nil || s.Status.LastHandledRefresh.Request != request {
			return "there is none"
		}
		return ""
	})
}

// rollback asks for a state; an empty text asks for none any more.
func rollback(t *testing.T, n *harness.Tenant, text string) {
	t.Helper()
	n.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, text)
}

// awaitHeld waits until a revision is held as the text asks, and returns the Secret.
func awaitHeld(t *testing.T, n *harness.Tenant, text string, number int) *corev1.Secret {
	t.Helper()
	n.AwaitSecret(t, "db", map[string]string{"password": password(number)})
	n.AwaitStatus(t, "db", fmt.Sprintf("a hold of %d for %q", number, text), func(s *v1alpha1.SecretSync) string {
		hold := s.Status.Rollback
		if hold == nil || hold.Requested != text || hold.Revision != int64(number) || hold.Since.IsZero() || hold.By == "" {
			return "it has not"
		}
		return ""
	})
	n.AwaitCondition(t, "db", v1alpha1.ConditionRolledBack, metav1.ConditionTrue, "Held")
	n.AwaitReady(t, "db", int64(number))
	secret := n.Secret(t, "db")
	if got := secret.Annotations[v1alpha1.AnnotationHeldFor]; got != text {
		t.Errorf("the target is held for %q, want %q", got, text)
	}
	return secret
}

// awaitFollowing waits until a revision is served and none is held.
func awaitFollowing(t *testing.T, n *harness.Tenant, number int) {
	t.Helper()
	n.AwaitSecret(t, "db", map[string]string{"password": password(number)})
	n.AwaitStatus(t, "db", "no hold", func(s *v1alpha1.SecretSync) string {
		for _, c := range s.Status.Conditions {
			if c.Type == v1alpha1.ConditionRolledBack {
				return "it has a condition RolledBack"
			}
		}
		if s.Status.Rollback != nil || s.Status.ServingRevision != int64(number) {
			return "it has one"
		}
		return ""
	})
	if text, ok := n.Secret(t, "db").Annotations[v1alpha1.AnnotationHeldFor]; ok {
		t.Errorf("the target is still held for %q", text)
	}
}

// eventNote returns what the event of a reason tells; empty if there is none.
func eventNote(t *testing.T, n *harness.Tenant, reason string) string {
	t.Helper()
	for _, event := range n.Events(t, "db") {
		if note, ok := strings.CutPrefix(event, reason+": "); ok {
			return note
		}
	}
	return ""
}
