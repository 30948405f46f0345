// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestEveryKindOfValueArrives maps each kind of value in Vault to the bytes of the Secret.
func TestEveryKindOfValueArrives(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "app", fields{
		"text": "plain text\nwith lines", "empty": "", "whole": json.Number("1234567890123"),
		"fraction": json.Number("1.25"), "yes": true, "list": []any{"a", json.Number("1")},
		"object": map[string]any{"port": json.Number("5432"), "tls": map[string]any{"a/b": "inside the object"}},
		"json":   `{"user":"from json text"}`, "base64": "c2VjcmV0IGJ5dGVz",
	})
	n.Write(t, "other", fields{"text": "of the other entry", "extra": "only there"})
	n.Sync(t, "values", func(s *v1alpha1.SecretSync) {
		pointer := func(p string) func(*v1alpha1.DataItem) {
			return func(i *v1alpha1.DataItem) { i.From.JSONPointer = p }
		}
		s.Spec.DataFrom = []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "other"}}}
		s.Spec.Data = []v1alpha1.DataItem{
			item("text", "app", "text"), item("empty", "app", "empty"), item("whole", "app", "whole"),
			item("fraction", "app", "fraction"), item("yes", "app", "yes"), item("list", "app", "list"),
			item("object", "app", "object"), item("inside", "app", "object", pointer("/tls/a~1b")),
			item("user", "app", "json", pointer("/user")),
			item("decoded", "app", "base64", func(i *v1alpha1.DataItem) { i.Decode = v1alpha1.DecodeBase64 }),
		}
	})
	n.AwaitSecret(t, "values", texts{
		"text": "plain text\nwith lines", "empty": "", "whole": "1234567890123", "fraction": "1.25", "yes": "true",
		"list": `["a",1]`, "object": `{"port":5432,"tls":{"a/b":"inside the object"}}`, "inside": "inside the object",
		"user": "from json text", "decoded": "secret bytes", "extra": "only there",
	})
	n.AwaitReady(t, "values", 1)
}

// TestChangeInVaultArrives within an interval and a second of it being made.
func TestChangeInVaultArrives(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	n.AwaitSecret(t, "db", texts{"password": "first-password"})
	n.Write(t, "db", fields{"password": "second-password", "user": "newcomer"})
	n.AwaitSecret(t, "db", texts{"password": "second-password", "user": "newcomer"})
	s := n.AwaitReady(t, "db", 2)
	if got := n.Numbers(t, "db"); len(got) != 2 || got[0] != 1 || got[1] != 2 {
		t.Errorf("want revisions 1 and 2, got %v", got)
	}
	newest := s.Status.History[0]
	if want := []v1alpha1.SourceVersion{{Path: "db", Version: "2"}}; !cmp.Equal(newest.Sources, want) {
		t.Errorf("want version 2 of db as the source, got %v", newest.Sources)
	}
	if keys := newest.Keys; strings.Join(keys.Added, ",") != "user" || strings.Join(keys.Changed, ",") != "password" {
		t.Errorf("want user added and password changed, got %+v", keys)
	}
}

func TestPins(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "password-one"})
	n.Write(t, "db", fields{"password": "password-two"})
	n.Write(t, "db", fields{"password": "password-three"})
	pinned := func(version string) harness.SyncEdit {
		return data(item("password", "db", "password", func(i *v1alpha1.DataItem) { i.From.Version = version }))
	}
	n.Sync(t, "pinned", pinned("2"))
	n.AwaitSecret(t, "pinned", texts{"password": "password-two"})
	n.AwaitReady(t, "pinned", 1)

	n.Edit(t, "pinned", pinned("7"))
	s := n.AwaitCondition(t, "pinned", v1alpha1.ConditionReady, metav1.ConditionFalse, "VersionNotFound")
	if message := readyMessage(s); !strings.Contains(message, "3, 2, 1") {
		t.Errorf("the message does not list the versions that exist: %q", message)
	}
	n.AwaitSecret(t, "pinned", texts{"password": "password-two"})

	n.Edit(t, "pinned", pinned("1"))
	n.AwaitSecret(t, "pinned", texts{"password": "password-one"})
	n.AwaitReady(t, "pinned", 2)
}

// TestContentThatNoSecretCanHold is refused before anything is written, and keeps what was
// served before.
func TestContentThatNoSecretCanHold(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	good := fields{"good": "good value"}
	with := func(more fields) fields {
		all := maps.Clone(good)
		maps.Copy(all, more)
		return all
	}
	for name, tc := range map[string]struct {
		reason  string
		bad     fields
		edit    harness.SyncEdit
		because string
		names   string
	}{
		"null":      {reason: "no Secret holds null", bad: with(fields{"nothing": nil}), because: "NullValue", names: "nothing"},
		"illegal":   {reason: "the field is no key", bad: with(fields{"a/b": "some value"}), because: "InvalidKey", names: "a/b"},
		"large":     {reason: "over 1 MiB", bad: with(fields{"blob": strings.Repeat("0123456789abcdef", 1<<16)}), because: "TooLarge"},
		"missing":   {reason: "the field is gone", bad: fields{"other": "other value"}, edit: data(item("good", "missing", "good")), because: "FieldNotFound", names: "good"},
		"nobase64":  {reason: "it is to be decoded", bad: fields{"good": "!not base64!"}, edit: decoded("nobase64"), because: "InvalidBase64", names: "good"},
		"duplicate": {reason: "two entries have one key", bad: with(fields{"twice": "one value"}), edit: twoEntries("duplicate", "rival"), because: "DuplicateKey", names: "twice"},
		"emptied":   {reason: "an entry without keys", bad: fields{}, because: "EntryEmpty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := good
			if name == "nobase64" {
				first = fields{"good": "Z29vZCB2YWx1ZQ=="}
			}
			n.Write(t, name, first)
			if name == "duplicate" {
				n.Write(t, "rival", fields{"twice": "of the rival"})
			}
			edits := []harness.SyncEdit{}
			if tc.edit != nil {
				edits = append(edits, tc.edit)
			}
			n.Sync(t, name, edits...)
			n.AwaitReady(t, name, 1)
			before := n.Secret(t, name)
			n.Write(t, name, tc.bad)
			s := n.AwaitCondition(t, name, v1alpha1.ConditionReady, metav1.ConditionFalse, tc.because)
			if message := readyMessage(s); !strings.Contains(message, tc.names) {
				t.Errorf("%s: the message does not name %q: %q", tc.reason, tc.names, message)
			}
			n.Unchanged(t, before)
			if got := n.Numbers(t, name); len(got) != 1 {
				t.Errorf("%s: it became a revision: %v", tc.reason, got)
			}
			n.Write(t, name, first)
			n.AwaitReady(t, name, 1)
			n.Unchanged(t, before)
		})
	}
}

func decoded(path string) harness.SyncEdit {
	return data(item("good", path, "good", func(i *v1alpha1.DataItem) { i.Decode = v1alpha1.DecodeBase64 }))
}

func twoEntries(paths ...string) harness.SyncEdit {
	return func(s *v1alpha1.SecretSync) {
		s.Spec.DataFrom = nil
		for _, path := range paths {
			s.Spec.DataFrom = append(s.Spec.DataFrom, v1alpha1.DataFrom{Entry: &v1alpha1.EntrySource{Path: path}})
		}
	}
}

// TestNothingIsCreatedFromABadFirstRead: there is no Secret rather than a wrong one.
func TestNothingIsCreatedFromABadFirstRead(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Sync(t, "absent")
	n.AwaitCondition(t, "absent", v1alpha1.ConditionReady, metav1.ConditionFalse, "EntryNotFound")
	if err := n.Client.Get(t.Context(), n.Key("absent"), &corev1.Secret{}); !apierrors.IsNotFound(err) {
		t.Errorf("want no Secret, got %v", err)
	}
	n.Write(t, "absent", fields{"key": "now it is there"})
	n.AwaitSecret(t, "absent", texts{"key": "now it is there"})
	n.AwaitReady(t, "absent", 1)
}

func readyMessage(s *v1alpha1.SecretSync) string {
	if ready := meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		return ready.Message
	}
	return ""
}
