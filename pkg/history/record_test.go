// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
)

// testKeys returns keys made of one byte each.
func testKeys(current byte, previous ...byte) revision.Keys {
	keys := revision.Keys{Current: bytes.Repeat([]byte{current}, keyBytes)}
	for _, b := range previous {
		keys.Previous = bytes.Repeat([]byte{b}, keyBytes)
	}
	return keys
}

func testOwner() *v1alpha1.SecretSync {
	return &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "db", UID: "uid-1"}}
}

func testID(number int64) revision.ID {
	return revision.ID{Namespace: "payments", Name: "db", Number: number}
}

func testRecord(number int64) Record {
	return Record{
		ID: testID(number),
		Content: render.FromSecret("Opaque", map[string][]byte{
			"USER": []byte("app"), "PASSWORD": fmt.Appendf(nil, "m4rk3r-%d", number),
		}),
		ObservedAt: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC),
		Sources:    []Source{{Backend: "ClusterSecretBackend/vault", Path: "payments/db", Version: "4"}},
		Changes:    v1alpha1.KeyChanges{Changed: []string{"PASSWORD"}},
		SpecHash:   "0123456789abcdef",
	}
}

func encoded(tb testing.TB, r Record) *corev1.Secret {
	tb.Helper()
	secret, err := encode(r, testOwner(), testKeys(1))
	if err != nil {
		tb.Fatalf("encode: %v", err)
	}
	return secret
}

func TestEncode(t *testing.T) {
	secret := encoded(t, testRecord(3))
	mac := secret.Annotations[annotationMAC]
	want := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "payments", Name: "db.r3",
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "secretsync.io/v1alpha1", Kind: "SecretSync", Name: "db", UID: "uid-1", Controller: new(true),
			}},
			Annotations: map[string]string{
				"secretsync.io/owner": "payments/db", "secretsync.io/revision": "3", "secretsync.io/revision-type": "Opaque",
				"secretsync.io/observed-at": "2026-01-02T15:04:05Z", "secretsync.io/spec": "0123456789abcdef",
				"secretsync.io/sources": `[{"backend":"ClusterSecretBackend/vault","path":"payments/db","version":"4"}]`,
				"secretsync.io/keys":    `{"changed":["PASSWORD"]}`,
				"secretsync.io/mac":     mac,
			},
		},
		Immutable: new(true),
		Type:      "secretsync.io/revision",
		Data:      map[string][]byte{"USER": []byte("app"), "PASSWORD": []byte("m4rk3r-3")},
	}
	if diff := cmp.Diff(want, secret); diff != "" {
		t.Errorf("older releases must be able to read what this one writes (-want +got):\n%s", diff)
	}
	if _, labelled := secret.Labels[v1alpha1.LabelTarget]; labelled || len(mac) != 64 {
		t.Errorf("a revision must not look like a target; MAC %q", mac)
	}
}

// drawRecord draws a record as a reconcile may make it.
func drawRecord(t *rapid.T) Record {
	text := rapid.String()
	names := rapid.SliceOfN(rapid.StringMatching(`[A-Za-z0-9._-]{1,20}`), 0, 40)
	value := rapid.SliceOf(rapid.Byte())
	source := rapid.Custom(func(t *rapid.T) Source {
		return Source{Backend: text.Draw(t, "backend"), Path: text.Draw(t, "path"), Version: text.Draw(t, "version")}
	})
	return Record{
		ID:         testID(rapid.Int64Range(1, revision.MaxNumber).Draw(t, "number")),
		Content:    render.FromSecret(text.Draw(t, "type"), rapid.MapOfN(text, value, 0, 5).Draw(t, "data")),
		ObservedAt: time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")),
		Sources:    rapid.SliceOfN(source, 0, 5).Draw(t, "sources"),
		Changes: v1alpha1.KeyChanges{
			Added: names.Draw(t, "added"), Removed: names.Draw(t, "removed"), Changed: names.Draw(t, "changed"),
		},
		SpecHash: text.Draw(t, "spec"),
	}
}

func TestDecodeReturnsWhatWasEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawRecord(t)
		secret, err := encode(want, testOwner(), testKeys(1))
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		for _, checker := range []revision.Keys{testKeys(1), testKeys(2, 1)} {
			got, err := decode(throughServer(t, secret), want.ID, checker)
			if err != nil {
				t.Fatalf("decode: %v", err)
			}
			want.ObservedAt = want.ObservedAt.UTC().Truncate(time.Second)
			want.Changes = capped(want.Changes)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
		}
	})
}

// throughServer returns the Secret as it comes back from an API server, decorated by
// others on the way.
func throughServer(t *rapid.T, secret *corev1.Secret) *corev1.Secret {
	text, err := json.Marshal(secret)
	if err != nil {
		t.Fatalf("marshalling: %v", err)
	}
	var back corev1.Secret
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatalf("unmarshalling: %v", err)
	}
	back.UID, back.ResourceVersion = "uid-2", "17"
	back.Labels = map[string]string{"velero.io/restore-name": "monday"}
	back.Annotations["backup.example/at"] = "now"
	back.OwnerReferences = nil
	return &back
}

// TestDecodeRefusesWhatWasTamperedWith changes one thing at a time, as somebody may who
// can write Secrets but does not have the keys.
func TestDecodeRefusesWhatWasTamperedWith(t *testing.T) {
	other := testRecord(4)
	tampers := map[string]func(s *corev1.Secret){
		"Type":         func(s *corev1.Secret) { s.Type = corev1.SecretTypeOpaque },
		"Value":        func(s *corev1.Secret) { s.Data["USER"] = []byte("apq") },
		"ValueEmptied": func(s *corev1.Secret) { s.Data["USER"] = nil },
		"KeyAdded":     func(s *corev1.Secret) { s.Data["MORE"] = nil },
		"KeyRemoved":   func(s *corev1.Secret) { delete(s.Data, "USER") },
		"KeyRenamed":   func(s *corev1.Secret) { s.Data["USER2"] = s.Data["USER"]; delete(s.Data, "USER") },
		"DataGone":     func(s *corev1.Secret) { s.Data = nil },
		"DataSwapped":  func(s *corev1.Secret) { s.Data = encoded(t, other).Data },
		"MetaSwapped":  func(s *corev1.Secret) { s.Annotations = encoded(t, other).Annotations },
		"AllSwapped":   func(s *corev1.Secret) { *s = *encoded(t, other); s.Name = "db.r3" },
		"SameTimeInOtherWords": func(s *corev1.Secret) {
			s.Annotations[annotationObservedAt] = "2026-01-02T16:04:05+01:00"
		},
		"FractionOfASecond": func(s *corev1.Secret) { s.Annotations[annotationObservedAt] = "2026-01-02T15:04:05.9Z" },
	}
	for key := range encoded(t, testRecord(3)).Annotations {
		tampers["Edit "+key] = func(s *corev1.Secret) { s.Annotations[key] += "1" }
		tampers["Empty "+key] = func(s *corev1.Secret) { s.Annotations[key] = "" }
		tampers["Remove "+key] = func(s *corev1.Secret) { delete(s.Annotations, key) }
	}
	for name, tamper := range tampers {
		t.Run(name, func(t *testing.T) {
			secret := encoded(t, testRecord(3))
			tamper(secret)
			wantUntrusted(t, secret, testID(3), testKeys(1))
		})
	}
}

// TestDecodeIsForOneRevisionOfOneSync: a genuine revision is none of another's.
func TestDecodeIsForOneRevisionOfOneSync(t *testing.T) {
	secret := encoded(t, testRecord(3))
	for name, id := range map[string]revision.ID{
		"Number":    testID(4),
		"Name":      {Namespace: "payments", Name: "other", Number: 3},
		"Namespace": {Namespace: "other", Name: "db", Number: 3},
	} {
		t.Run(name, func(t *testing.T) { wantUntrusted(t, secret, id, testKeys(1)) })
	}
	t.Run("OtherInstallation", func(t *testing.T) { wantUntrusted(t, secret, testID(3), testKeys(2)) })
	t.Run("NoKeys", func(t *testing.T) { wantUntrusted(t, secret, testID(3), revision.Keys{}) })
}

// TestDecodeRefusesWhatCannotBeRead: texts that verify and mean nothing come from a
// release that wrote them differently.
func TestDecodeRefusesWhatCannotBeRead(t *testing.T) {
	for _, annotation := range []string{v1alpha1.AnnotationSources, annotationKeys} {
		secret, r := encoded(t, testRecord(3)), testRecord(3)
		secret.Annotations[annotation] = "no JSON"
		secret.Annotations[annotationMAC] = testKeys(1).MAC(r.sealed(secret.Annotations[v1alpha1.AnnotationSources], secret.Annotations[annotationKeys]))
		wantUntrusted(t, secret, testID(3), testKeys(1))
	}
}

func wantUntrusted(t *testing.T, secret *corev1.Secret, id revision.ID, keys revision.Keys) {
	t.Helper()
	r, err := decode(secret, id, keys)
	if !fault.Is(err, fault.Suspicious) || fault.ReasonOf(err) != ReasonUntrusted {
		t.Errorf("decode = %v, want %s", err, ReasonUntrusted)
	}
	if r.Content.Data != nil {
		t.Error("the content of an untrusted revision is handed out")
	}
	if err != nil && strings.Contains(err.Error(), "m4rk3r") {
		t.Errorf("the error shows a value: %v", err)
	}
}

func TestEntry(t *testing.T) {
	names := func(n int) []string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf("K%03d", i))
		}
		return all
	}
	sources := func(n int) (all []Source, listed []v1alpha1.SourceVersion) {
		for i := range n {
			all = append(all, Source{Backend: "SecretBackend/a", Path: fmt.Sprintf("p/%03d", i), Version: "1"})
			listed = append(listed, v1alpha1.SourceVersion{Path: fmt.Sprintf("p/%03d", i), Version: "1"})
		}
		return all, listed
	}
	all, listed := sources(40)
	at := metav1.NewTime(time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC))
	cases := map[string]struct {
		reason string
		change func(*Record)
		want   v1alpha1.HistoryEntry
	}{
		"Plain": {
			change: func(*Record) {},
			want: v1alpha1.HistoryEntry{
				Sources: []v1alpha1.SourceVersion{{Path: "payments/db", Version: "4"}}, Keys: v1alpha1.KeyChanges{Changed: []string{"PASSWORD"}},
			},
		},
		"AsManyAsFit": {
			change: func(r *Record) { r.Sources, r.Changes = all[:32], v1alpha1.KeyChanges{Added: names(32)} },
			want:   v1alpha1.HistoryEntry{Sources: listed[:32], Keys: v1alpha1.KeyChanges{Added: names(32)}},
		},
		"MoreThanFit": {
			reason: "the kinds bound the lists, and the API server would refuse the whole status",
			change: func(r *Record) {
				r.Sources, r.Changes = all, v1alpha1.KeyChanges{Added: names(33), Removed: names(40), Changed: names(50)}
			},
			want: v1alpha1.HistoryEntry{
				Sources: listed[:32], Truncated: new(true),
				Keys: v1alpha1.KeyChanges{Added: names(32), Removed: names(32), Changed: names(32)},
			},
		},
		"SameEntryTwice": {
			reason: "what is listed already leaves nothing out",
			change: func(r *Record) { r.Sources, r.Changes = append(slices.Clone(all[:32]), all[0]), v1alpha1.KeyChanges{} },
			want:   v1alpha1.HistoryEntry{Sources: listed[:32]},
		},
		"Adopted": {
			reason: "an adopted state comes from no entry",
			change: func(r *Record) { r.Sources, r.Changes = nil, v1alpha1.KeyChanges{} },
		},
		"OddTime": {
			reason: "a status holds whole seconds in UTC, so that it compares equal when it is read back",
			change: func(r *Record) {
				r.ObservedAt = r.ObservedAt.Add(999).In(time.FixedZone("", 3600))
				r.Sources, r.Changes = nil, v1alpha1.KeyChanges{}
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r := testRecord(3)
			tc.change(&r)
			tc.want.Revision, tc.want.ObservedAt = 3, at
			tc.want.Digest = testKeys(1).Digest(r.ID, r.Content.Type, r.Content.Data)
			if diff := cmp.Diff(tc.want, r.Entry(testKeys(1))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// TestEntryOfADecodedRecord: a status that is rebuilt is the one that was lost.
func TestEntryOfADecodedRecord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRecord(t)
		secret, err := encode(r, testOwner(), testKeys(1))
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		back, err := decode(secret, r.ID, testKeys(1))
		if err != nil {
			t.Fatalf("decode: %v", err)
		}
		if diff := cmp.Diff(r.Entry(testKeys(1)), back.Entry(testKeys(1)), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-before +after):\n%s", diff)
		}
	})
}

// TestAnnotationsStayBelowTheLimit: Kubernetes takes 256 KiB of annotations, and an entry
// of a backend may have thousands of fields.
func TestAnnotationsStayBelowTheLimit(t *testing.T) {
	r := testRecord(1)
	r.Changes, r.Sources = v1alpha1.KeyChanges{}, nil
	for i := range 10_000 {
		r.Changes.Added = append(r.Changes.Added, fmt.Sprintf("%s-%d", strings.Repeat("K", 60), i))
	}
	for i := range 64 {
		r.Sources = append(r.Sources, Source{Backend: "ClusterSecretBackend/vault", Path: strings.Repeat("p", 1024), Version: fmt.Sprint(i)})
	}
	size := 0
	for key, value := range maps.All(encoded(t, r).Annotations) {
		size += len(key) + len(value)
	}
	if size > 256<<10 {
		t.Errorf("the annotations are %d bytes", size)
	}
}

// FuzzDecode holds for any texts: without the key nothing is believed.
func FuzzDecode(f *testing.F) {
	genuine := encoded(f, testRecord(3))
	f.Add(genuine.Annotations[v1alpha1.AnnotationSources], genuine.Annotations[annotationKeys], "2026-01-02T15:04:05Z", "Opaque", []byte("x"))
	f.Add("", "null", "9999-12-31T23:59:59Z", "", []byte(nil))
	f.Fuzz(func(t *testing.T, sources, changes, at, secretType string, value []byte) {
		secret := genuine.DeepCopy()
		maps.Copy(secret.Annotations, map[string]string{
			v1alpha1.AnnotationSources: sources, annotationKeys: changes, annotationObservedAt: at, v1alpha1.AnnotationRevisionType: secretType,
		})
		secret.Data["PASSWORD"] = value
		if cmp.Equal(secret, genuine) {
			return
		}
		if _, err := decode(secret, testID(3), testKeys(1)); !fault.Is(err, fault.Suspicious) {
			t.Fatalf("decode = %v", err)
		}
	})
}
