// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package argocd

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// action is one of those that discovery returns.
type action struct {
	Disabled    bool   `json:"disabled"`
	DisplayName string `json:"displayName"`
	IconClass   string `json:"iconClass"`
}

// edit changes a SecretSync that served the revisions 3, 5 and 6, and serves 6.
type edit func(*v1alpha1.SecretSync)

func sixServed(edits ...edit) *v1alpha1.SecretSync {
	s := &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{
			Name: "payments-db", Namespace: "payments", Generation: generation,
			ManagedFields: []metav1.ManagedFieldsEntry{managed("argocd-controller", `{"f:spec":{"f:data":{".":{}}}}`)},
		},
		Spec: v1alpha1.SecretSyncSpec{Data: []v1alpha1.DataItem{{SecretKey: "A"}}},
		Status: v1alpha1.SecretSyncStatus{
			ObservedGeneration: generation, ServingRevision: 6, NewestRevision: 6,
			History: []v1alpha1.HistoryEntry{{Revision: 6}, {Revision: 5}, {Revision: 3}},
			Served:  []v1alpha1.ServedEntry{{Revision: 6}, {Revision: 5}, {Revision: 3}},
		},
	}
	for _, e := range edits {
		e(s)
	}
	return s
}

func managed(manager, fields string) metav1.ManagedFieldsEntry {
	return metav1.ManagedFieldsEntry{
		Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(fields),
	}
}

func annotated(key, text string) edit {
	return func(s *v1alpha1.SecretSync) { metav1.SetMetaDataAnnotation(&s.ObjectMeta, key, text) }
}

func suspended(s *v1alpha1.SecretSync) { s.Spec.Suspend = new(true) }

func nothingServed(s *v1alpha1.SecretSync) { s.Status = v1alpha1.SecretSyncStatus{} }

// held rolls back from 6 to 5, as of which what was served before is 6.
func held(s *v1alpha1.SecretSync) {
	annotated(v1alpha1.AnnotationRollbackTo, "5")(s)
	s.Status.ServingRevision = 5
	s.Status.Served = append([]v1alpha1.ServedEntry{{Revision: 5}}, s.Status.Served...)
}

// forgotten deletes a revision that was served.
func forgotten(number int64) edit {
	return func(s *v1alpha1.SecretSync) {
		var kept []v1alpha1.HistoryEntry
		for _, entry := range s.Status.History {
			if entry.Revision != number {
				kept = append(kept, entry)
			}
		}
		s.Status.History = kept
	}
}

// fromGit lets a manager own the annotation.
func fromGit(manager string) edit {
	return func(s *v1alpha1.SecretSync) {
		s.ManagedFields = append(s.ManagedFields, managed(manager, `{"f:metadata":{"f:annotations":{".":{},"f:secretsync.io/rollback-to":{}}}}`))
	}
}

func TestDiscovery(t *testing.T) {
	const back, forth, again = "rollback-previous", "follow", "refresh"
	cases := map[string]struct {
		reason  string
		sync    *v1alpha1.SecretSync
		enabled []string
		label   string
	}{
		"Serving":       {sync: sixServed(), enabled: []string{back, again}, label: "Roll back to revision 5"},
		"Held":          {sync: sixServed(held), enabled: []string{back, forth, again}, label: "Roll back to revision 6"},
		"HeldByNothing": {reason: "an empty text asks for nothing", sync: sixServed(annotated(v1alpha1.AnnotationRollbackTo, "")), enabled: []string{back, again}, label: "Roll back to revision 5"},
		"HoldRefused": {
			reason: "following ends the question as well",
			sync:   sixServed(annotated(v1alpha1.AnnotationRollbackTo, "99")), enabled: []string{back, forth, again}, label: "Roll back to revision 5",
		},
		"NothingServed": {sync: sixServed(nothingServed), enabled: []string{again}, label: "Roll back to the previous revision"},
		"FirstServed": {
			sync:    sixServed(func(s *v1alpha1.SecretSync) { s.Status.Served = s.Status.Served[:1] }),
			enabled: []string{again}, label: "Roll back to the previous revision",
		},
		"PreviousForgotten": {
			reason: "an older one is not what previous means", sync: sixServed(forgotten(5)),
			enabled: []string{again}, label: "Roll back to the previous revision",
		},
		"Suspended": {reason: "nothing would happen", sync: sixServed(held, suspended), label: "Roll back to revision 6"},
		"HeldFromGit": {
			reason: "the next sync would undo it", sync: sixServed(held, fromGit("argocd-controller")),
			enabled: []string{again}, label: "Roll back to revision 6",
		},
		"HeldByThePlugin": {sync: sixServed(held, fromGit("secretsync-cli")), enabled: []string{back, forth, again}, label: "Roll back to revision 6"},
	}
	script := read(t, "actions/discovery.lua")
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want := map[string]bool{back: true, forth: true, again: true}
			for _, action := range tc.enabled {
				want[action] = false
			}
			var found map[string]action
			if err := run(t, script, live(t, tc.sync, v1alpha1.KindSecretSync), &found); err != nil {
				t.Fatal(err)
			}
			disabled := map[string]bool{}
			for name, action := range found {
				disabled[name] = action.Disabled
				if action.DisplayName == "" || action.IconClass == "" {
					t.Errorf("%s has no label or no icon: %+v", name, action)
				}
			}
			if diff := cmp.Diff(want, disabled); diff != "" {
				t.Errorf("disabled: %s (-want +got):\n%s", tc.reason, diff)
			}
			if got := found[back].DisplayName; got != tc.label {
				t.Errorf("label %q, want %q", got, tc.label)
			}
		})
	}
}

// patch runs an action and returns the annotations of the merge patch that Argo CD would send.
// Anything else in the patch fails the test.
func patch(t *testing.T, name string, sync *v1alpha1.SecretSync) (map[string]*string, error) {
	t.Helper()
	before := live(t, sync, v1alpha1.KindSecretSync)
	var after map[string]any
	if err := run(t, read(t, "actions/"+name+".lua"), before, &after); err != nil {
		return nil, err
	}
	diff, err := jsonpatch.CreateMergePatch(marshal(t, before), marshal(t, emptied(after, before)))
	if err != nil {
		t.Fatal(err)
	}
	var sent map[string]map[string]map[string]*string
	if err := json.Unmarshal(diff, &sent); err != nil {
		t.Fatalf("the patch changes more than annotations: %s", diff)
	}
	annotations := sent["metadata"]["annotations"]
	if len(sent) != 1 || len(sent["metadata"]) != 1 {
		t.Fatalf("the patch changes more than annotations: %s", diff)
	}
	return annotations, nil
}

// emptied turns empty lists back into the empty objects that they were: a table of Lua does not
// say which it is. Argo CD does the same.
func emptied(after, before any) any {
	switch a := after.(type) {
	case map[string]any:
		b, _ := before.(map[string]any)
		for key := range a {
			a[key] = emptied(a[key], b[key])
		}
	case []any:
		if _, object := before.(map[string]any); object && len(a) == 0 {
			return map[string]any{}
		}
		b, _ := before.([]any)
		for i := range min(len(a), len(b)) {
			a[i] = emptied(a[i], b[i])
		}
	}
	return after
}

func marshal(t *testing.T, object any) []byte {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRollbackPrevious(t *testing.T) {
	const group, released = v1alpha1.AnnotationRollbackGroup, v1alpha1.AnnotationReleased
	cases := map[string]struct {
		reason string
		sync   *v1alpha1.SecretSync
		want   map[string]*string
	}{
		"Following": {reason: "a number, which says what it means", sync: sixServed(), want: map[string]*string{v1alpha1.AnnotationRollbackTo: new("5")}},
		"Held":      {sync: sixServed(held), want: map[string]*string{v1alpha1.AnnotationRollbackTo: new("6")}},
		"Grouped": {
			reason: "it is no part of the group any more, and held again", sync: sixServed(held, annotated(group, "g"), annotated(released, "2026-11-12T12:00:00Z")),
			want: map[string]*string{v1alpha1.AnnotationRollbackTo: new("6"), group: nil, released: nil},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := patch(t, "rollback-previous", tc.sync)
			if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
				t.Errorf("%s: error %v (-want +got):\n%s", tc.reason, err, diff)
			}
		})
	}
	for name, sync := range map[string]*v1alpha1.SecretSync{
		"NothingServed": sixServed(nothingServed), "PreviousForgotten": sixServed(forgotten(5)),
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := patch(t, "rollback-previous", sync); err == nil {
				t.Errorf("sent %v, want an error", got)
			}
		})
	}
}

func TestFollow(t *testing.T) {
	got, err := patch(t, "follow", sixServed(held, annotated(v1alpha1.AnnotationRollbackGroup, "g")))
	if err != nil {
		t.Fatal(err)
	}
	wantNow(t, got, v1alpha1.AnnotationReleased)
	want := map[string]*string{v1alpha1.AnnotationRollbackTo: nil, v1alpha1.AnnotationRollbackGroup: nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("beside the time (-want +got):\n%s", diff)
	}
}

func TestRefresh(t *testing.T) {
	for name, sync := range map[string]*v1alpha1.SecretSync{
		"First": sixServed(), "Again": sixServed(annotated(v1alpha1.AnnotationRefresh, "2026-11-12T12:00:00Z")),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := patch(t, "refresh", sync)
			if err != nil {
				t.Fatal(err)
			}
			wantNow(t, got, v1alpha1.AnnotationRefresh)
			if len(got) != 0 {
				t.Errorf("it changes %v as well", got)
			}
		})
	}
}

// wantNow takes an annotation out of a patch and checks that it is the time in UTC, as the
// operator reads it.
func wantNow(t *testing.T, annotations map[string]*string, key string) {
	t.Helper()
	text := annotations[key]
	delete(annotations, key)
	if text == nil {
		t.Fatalf("%s is not written", key)
	}
	at, err := time.Parse(time.RFC3339, *text)
	if err != nil || at.Location() != time.UTC {
		t.Fatalf("%s is %q, error %v; want a time in UTC", key, *text, err)
	}
	if away := time.Since(at).Abs(); away > time.Minute {
		t.Errorf("%s is %v away from now", key, away)
	}
}
