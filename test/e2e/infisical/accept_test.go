// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/infisical"
)

func fourKeys() texts {
	return texts{"A": "the-value-of-a", "B": "the-value-of-b", "C": "the-value-of-c", "D": "the-value-of-d"}
}

// TestHiddenKeysAreLetGo: keys that were hidden on purpose go once a person accepts it, with the
// plugin, and the guard against shrinking asks no second time. It holds for the one SecretSync and
// the one loss.
func TestHiddenKeysAreLetGo(t *testing.T) {
	t.Parallel()
	n := newTenant(t, infisical.Options{}, nil)
	n.create(t, "db", fourKeys())
	n.Sync(t, "db")
	n.Sync(t, "other", func(s *v1alpha1.SecretSync) { s.Spec.DataFrom[0].Entry.Path = "db" })
	held, other := n.AwaitSecret(t, "db", fourKeys()), n.AwaitSecret(t, "other", fourKeys())

	n.permit(t, allowed(hidden("/db", "B"), hidden("/db", "C"), hidden("/db", "D"))...)
	first := n.awaitOffer(t, "db", "PermissionDenied", "B", "C", "D")
	n.awaitOffer(t, "other", "PermissionDenied", "B", "C", "D")
	n.Annotate(t, "db", v1alpha1.AnnotationAccept, "another-token")
	n.refresh(t, "db", "with another token")
	n.Unchanged(t, held)

	n.accept(t, "db")
	n.AwaitSecret(t, "db", texts{"A": "the-value-of-a"})
	if s := n.AwaitReady(t, "db", 2); s.Status.Blocked != nil {
		t.Errorf("it still says that something is blocked: %+v", s.Status.Blocked)
	}
	n.Unchanged(t, other)

	n.permit(t, allowed()...)
	again := n.AwaitSecret(t, "db", fourKeys())
	n.permit(t, allowed(hidden("/db", "B"), hidden("/db", "C"), hidden("/db", "D"))...)
	if second := n.awaitOffer(t, "db", "PermissionDenied", "B", "C", "D"); second == first {
		t.Error("the token of one loss is that of a later one")
	}
	n.refresh(t, "db", "with the token of before")
	n.Unchanged(t, again)
}

// TestHiddenFolderIsLetGo: what a find found goes as a whole when that is accepted, also while
// another folder comes; a folder of which every secret was deleted goes by itself.
func TestHiddenFolderIsLetGo(t *testing.T) {
	t.Parallel()
	n := newTenant(t, infisical.Options{}, nil)
	n.create(t, "pay/db", texts{"PASSWORD": "db-password"})
	n.create(t, "pay/mq", texts{"TOKEN": "mq-token"})
	n.create(t, "pay/old", texts{"KEY": "old-key"})
	n.Sync(t, "found", func(s *v1alpha1.SecretSync) {
		s.Spec.DataFrom = []v1alpha1.DataFrom{{
			Find:    &v1alpha1.FindSource{Path: "pay", Keys: v1alpha1.KeysPathAndField},
			Shaping: v1alpha1.Shaping{Prefix: "PAY_"},
		}}
	})
	held := texts{"PAY_db_PASSWORD": "db-password", "PAY_mq_TOKEN": "mq-token", "PAY_old_KEY": "old-key"}
	n.AwaitSecret(t, "found", held)

	harness.Must(t, n.admin.DeleteSecret(t.Context(), n.at("pay/old"), "KEY"))
	delete(held, "PAY_old_KEY")
	n.AwaitSecret(t, "found", held)

	n.permit(t, allowed(hidden("/pay/mq", "TOKEN"))...)
	n.awaitOffer(t, "found", "NothingShown", "PAY_mq_TOKEN")
	n.accept(t, "found")
	delete(held, "PAY_mq_TOKEN")
	n.AwaitSecret(t, "found", held)
	n.create(t, "pay/new", texts{"NAME": "new-name"})
	held["PAY_new_NAME"] = "new-name"
	n.AwaitSecret(t, "found", held)
}

// TestHiddenKeyIsEditedAway: a key that spec.data names cannot be done without, and says so; an
// edit that takes it no more needs nobody's word, neither there nor with exclude.
func TestHiddenKeyIsEditedAway(t *testing.T) {
	t.Parallel()
	n := newTenant(t, infisical.Options{}, nil)
	n.create(t, "db", texts{"A": "the-value-of-a", "B": "the-value-of-b"})
	from := func(field string) v1alpha1.DataItem {
		return v1alpha1.DataItem{SecretKey: field, From: v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{Path: "db"}, Field: field}}
	}
	n.Sync(t, "named", func(s *v1alpha1.SecretSync) {
		s.Spec.DataFrom, s.Spec.Data = nil, []v1alpha1.DataItem{from("A"), from("B")}
	})
	n.Sync(t, "all", func(s *v1alpha1.SecretSync) { s.Spec.DataFrom[0].Entry.Path = "db" })
	for _, name := range []string{"named", "all"} {
		n.AwaitSecret(t, name, texts{"A": "the-value-of-a", "B": "the-value-of-b"})
	}
	n.permit(t, allowed(hidden("/db", "B"))...)
	s := n.AwaitCondition(t, "named", v1alpha1.ConditionReady, metav1.ConditionFalse, "PermissionDenied")
	if message := readyMessage(s); !strings.Contains(message, "spec.data") || s.Status.Blocked != nil {
		t.Errorf("want the item to be taken away and nothing to accept, got %+v and %q", s.Status.Blocked, message)
	}
	n.awaitOffer(t, "all", "PermissionDenied", "B")
	n.Edit(t, "named", func(s *v1alpha1.SecretSync) { s.Spec.Data = s.Spec.Data[:1] })
	n.Edit(t, "all", func(s *v1alpha1.SecretSync) { s.Spec.DataFrom[0].Exclude = []string{"B"} })
	for _, name := range []string{"named", "all"} {
		n.AwaitSecret(t, name, texts{"A": "the-value-of-a"})
	}
}

// awaitOffer waits until a SecretSync says that these keys are not shown, and returns the token
// that accepts their loss, which the message tells, too.
func (n *tenant) awaitOffer(t *testing.T, name, reason string, keys ...string) (token string) {
	t.Helper()
	s := n.AwaitCondition(t, name, v1alpha1.ConditionReady, metav1.ConditionFalse, reason)
	if blocked := s.Status.Blocked; blocked == nil || !slices.Equal(blocked.Keys, keys) || !strings.Contains(readyMessage(s), v1alpha1.AnnotationAccept+"="+blocked.Token) {
		t.Fatalf("want the keys %q and the token told, got %+v and %q", keys, blocked, readyMessage(s))
	}
	return s.Status.Blocked.Token
}

func readyMessage(s *v1alpha1.SecretSync) string {
	return meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionReady).Message
}

// refresh has a SecretSync read now, and waits for the answer.
func (n *tenant) refresh(t *testing.T, name, request string) {
	t.Helper()
	n.Annotate(t, name, v1alpha1.AnnotationRefresh, request)
	n.AwaitStatus(t, name, "an answer to the refresh", func(s *v1alpha1.SecretSync) string {
		if handled := s.Status.LastHandledRefresh; handled == nil || handled.Request != request {
			return "there is none"
		}
		return ""
	})
}

// accept lets what is blocked through with the plugin.
func (n *tenant) accept(t *testing.T, name string) {
	t.Helper()
	var out bytes.Buffer
	command := cli.New(cli.Options{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &out}, Clock: clock.RealClock{}, Zone: time.UTC,
	})
	command.SetArgs([]string{"accept", name, "--yes", "--wait", "--timeout", "2m", "--kubeconfig", n.Cluster.Kubeconfig(), "-n", n.Namespace})
	if err := command.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
}
