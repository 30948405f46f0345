// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/workload"
)

// secretValue must never show in a plan.
const secretValue = "hush"

func at(hour int) time.Time { return time.Date(2026, time.November, 12, hour, 0, 0, 0, time.UTC) }

func content(pairs ...string) *render.Content {
	data := map[string][]byte{}
	for i := 0; i < len(pairs); i += 2 {
		data[pairs[i]] = []byte(secretValue + pairs[i+1])
	}
	c := render.FromSecret("Opaque", data)
	return &c
}

func newSync(edits ...func(*v1alpha1.SecretSync)) *v1alpha1.SecretSync {
	entry := func(number int64, hour int, version string) v1alpha1.HistoryEntry {
		return v1alpha1.HistoryEntry{
			Revision: number, ObservedAt: metav1.NewTime(at(hour)),
			Sources: []v1alpha1.SourceVersion{{Path: "shop/db", Version: version}},
		}
	}
	s := &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db"},
		Status: v1alpha1.SecretSyncStatus{
			ServingRevision: 6, NewestRevision: 6,
			History: []v1alpha1.HistoryEntry{entry(6, 14, "9"), entry(3, 10, "4")},
			Served:  []v1alpha1.ServedEntry{{Revision: 6, From: metav1.NewTime(at(14))}},
		},
	}
	for _, edit := range edits {
		edit(s)
	}
	return s
}

// reader returns a Deployment that reads a key of the Secret db, or all of it.
func reader(name, key string) workload.Workload {
	c := corev1.Container{Name: "app"}
	ref := corev1.LocalObjectReference{Name: "db"}
	if key == "" {
		c.EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: ref}}}
	} else {
		c.Env = []corev1.EnvVar{{ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: ref, Key: key}}}}
	}
	return workload.Workload{Kind: workload.KindDeployment, Namespace: "shop", Name: name, Pod: corev1.PodSpec{Containers: []corev1.Container{c}}}
}

func input() Input {
	return Input{
		Sync: newSync(), To: 3, Now: at(15),
		Before:    content("PASSWORD", "6", "URL", "u", "USER", "x"),
		After:     content("PASSWORD", "3", "USER", "x"),
		Workloads: []workload.Workload{reader("web", "URL"), reader("api", "USER"), reader("all", "")},
	}
}

func TestWrite(t *testing.T) {
	var text strings.Builder
	if err := New(input()).Write(&text); err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(`
shop/db: hold revision 3 (Secret "db")

       REVISION   OBSERVED               LIVE SINCE             SOURCES
from   6          2026-11-12T14:00:00Z   2026-11-12T14:00:00Z   shop/db@9
to     3          2026-11-12T10:00:00Z   -                      shop/db@4

Keys changed: PASSWORD
Keys REMOVED: URL
  WARNING: Deployment web needs URL (app: env URL): its Pods DO NOT START without it, from the next start on.
  Warning: Deployment all loses URL (app: envFrom).

Consumers:
  KIND         NAME   READS IT BY     AFTERWARDS
  Deployment   web    app: env URL    NOT restarted, because its new Pods would not start
  Deployment   api    app: env USER   not concerned
  Deployment   all    app: envFrom    needs a restart

`, "\n") + NotUndone + "\n"
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Error(diff)
	}
}

func TestWriteGroup(t *testing.T) {
	unknown := input()
	unknown.Sync = newSync(func(s *v1alpha1.SecretSync) { s.Name = "cache" })
	unknown.After, unknown.Workloads, unknown.Gaps = nil, nil, []string{"which keys change is not known"}

	var text strings.Builder
	if err := WriteGroup(&text, []Plan{New(input()), New(unknown)}); err != nil {
		t.Fatal(err)
	}
	want := strings.TrimPrefix(`
NAMESPACE   NAME    FROM   LIVE SINCE             TO    LIVE SINCE   SOURCES THEN   KEYS             RESTARTS
shop        db      6      2026-11-12T14:00:00Z   3     -            shop/db@4      -URL ~PASSWORD   1
shop        cache   6      2026-11-12T14:00:00Z   3     -            shop/db@4      not known        0

shop/db:
  WARNING: Deployment web needs URL (app: env URL): its Pods DO NOT START without it, from the next start on.
  Warning: Deployment all loses URL (app: envFrom).
Note on shop/cache: which keys change is not known.

These need a restart:
  Deployment shop/all

These keep old values and are NOT restarted, because their new Pods would not start:
  Deployment shop/web

`, "\n") + NotUndone + "\n"
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Error(diff)
	}
}

// TestWriteGroupTellsANoteOnce: a right that is missing for a thousand is told once.
func TestWriteGroupTellsANoteOnce(t *testing.T) {
	var plans []Plan
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		in := input()
		in.Sync = newSync(func(s *v1alpha1.SecretSync) { s.Name = name })
		in.Gaps = []string{"no right"}
		plans = append(plans, New(in))
	}
	var text strings.Builder
	if err := WriteGroup(&text, plans); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "\nNote on shop/a, shop/b, shop/c, 2 more: no right.\n") || strings.Count(text.String(), "no right") != 1 {
		t.Error(text.String())
	}
}

// TestLiveSince: the time at which the revision was live that is gone back to.
func TestLiveSince(t *testing.T) {
	in := input()
	in.Sync = newSync(func(s *v1alpha1.SecretSync) {
		for _, hour := range []int{12, 11, 10} {
			s.Status.Served = append(s.Status.Served, v1alpha1.ServedEntry{Revision: 2 + int64(hour%2), From: metav1.NewTime(at(hour))})
		}
		s.Status.Served = append(s.Status.Served, v1alpha1.ServedEntry{Revision: 3, From: metav1.NewTime(at(9))})
	})
	if got := New(in).To.LiveSince; !got.Equal(at(11)) {
		t.Errorf("want the last time, got %s", got)
	}
	in.At = at(9)
	if got := New(in).To.LiveSince; !got.Equal(at(9)) {
		t.Errorf("want the time gone back to, got %s", got)
	}
}

func TestNotes(t *testing.T) {
	managed := func(manager, fields string) func(*v1alpha1.SecretSync) {
		return func(s *v1alpha1.SecretSync) {
			s.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubectl", FieldsV1: metav1.NewFieldsV1("{}")}, {
				Manager: manager, FieldsV1: metav1.NewFieldsV1(fields),
			}}
		}
	}
	annotated := func(key, value string) func(*v1alpha1.SecretSync) {
		return func(s *v1alpha1.SecretSync) { metav1.SetMetaDataAnnotation(&s.ObjectMeta, key, value) }
	}
	cases := map[string]struct {
		reason string
		edit   func(*v1alpha1.SecretSync)
		want   string // empty wants no note
	}{
		"Plain":     {edit: func(*v1alpha1.SecretSync) {}},
		"Suspended": {edit: func(s *v1alpha1.SecretSync) { s.Spec.Suspend = new(true) }, want: "spec.suspend"},
		"Paused":    {edit: annotated(v1alpha1.AnnotationPauseUntil, "2026-11-12T16:00:00Z"), want: "paused until 2026-11-12T16:00:00Z; to end that: kubectl secretsync pause -n shop db --off"},
		"PauseOver": {edit: annotated(v1alpha1.AnnotationPauseUntil, "2026-11-12T14:59:00Z")},
		"PauseBad":  {reason: "it is not in force", edit: annotated(v1alpha1.AnnotationPauseUntil, "later")},
		"Drifted": {
			edit: func(s *v1alpha1.SecretSync) {
				s.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionDrifted, Status: metav1.ConditionTrue}}
			},
			want: "edited by hand",
		},
		"NotAnswered": {edit: annotated(v1alpha1.AnnotationRollbackTo, "3"), want: "has not answered"},
		"EndNotAnswered": {
			edit: func(s *v1alpha1.SecretSync) { s.Status.Rollback = &v1alpha1.RollbackStatus{Requested: "6"} },
			want: "has not answered what was asked last (the end of the hold)",
		},
		"Held": {
			edit: func(s *v1alpha1.SecretSync) {
				metav1.SetMetaDataAnnotation(&s.ObjectMeta, v1alpha1.AnnotationRollbackTo, "6")
				s.Status.Rollback = &v1alpha1.RollbackStatus{Requested: "6", Revision: 6}
			},
			want: `held at present, for "6"`,
		},
		"Flux":   {edit: managed("kustomize-controller", "{}"), want: "Flux"},
		"Helm":   {edit: managed("helm-controller", "{}"), want: "Flux"},
		"ArgoCD": {edit: managed("argocd-controller", "{}"), want: "Replace=true"},
		"Other":  {edit: managed("terraform", "{}")},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			in := input()
			in.Sync = newSync(tc.edit)
			got := strings.Join(New(in).Notes, "\n")
			if (tc.want == "") != (got == "") || !strings.Contains(got, tc.want) {
				t.Errorf("%s: want %q, got %q", tc.reason, tc.want, got)
			}
		})
	}
}

func TestSetFromGit(t *testing.T) {
	owns := `{"f:metadata":{"f:annotations":{"f:secretsync.io/rollback-to":{}}}}`
	cases := map[string]struct{ manager, fields, want string }{
		"FluxSetsIt":    {manager: "kustomize-controller", fields: owns, want: "kustomize-controller"},
		"ArgoSetsIt":    {manager: "argocd-controller", fields: owns, want: "argocd-controller"},
		"FluxSetsOther": {manager: "kustomize-controller", fields: `{"f:spec":{}}`},
		"PersonSetsIt":  {manager: "secretsync-cli", fields: owns},
		"Unreadable":    {manager: "kustomize-controller", fields: "?"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newSync(func(s *v1alpha1.SecretSync) {
				s.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: tc.manager, FieldsV1: metav1.NewFieldsV1(tc.fields)}}
			})
			if got := SetFromGit(s); got != tc.want {
				t.Errorf("want %q, got %q", tc.want, got)
			}
		})
	}
}

func TestTypeChange(t *testing.T) {
	in := input()
	in.After = new(render.FromSecret("kubernetes.io/tls", nil))
	if got := strings.Join(New(in).Notes, ""); !strings.Contains(got, "recreate: Allowed, and it is not set") {
		t.Errorf("the change of type goes unsaid: %q", got)
	}
	in.Sync.Spec.Target.Recreate = v1alpha1.RecreateAllowed
	if got := strings.Join(New(in).Notes, ""); !strings.Contains(got, "deleted and created") || strings.Contains(got, "not set") {
		t.Errorf("got %q", got)
	}
}

func TestNothingChanges(t *testing.T) {
	in := input()
	in.After = in.Before
	p := New(in)
	var text strings.Builder
	if err := p.Write(&text); err != nil {
		t.Fatal(err)
	}
	if !p.Same() || len(p.Restarts()) > 0 || strings.Contains(text.String(), NotUndone) {
		t.Errorf("a plan that changes nothing says otherwise:\n%s", text.String())
	}
}

// TestNoValueShows: nothing that a plan says holds a value.
func TestNoValueShows(t *testing.T) {
	var text strings.Builder
	p := New(input())
	if err := p.Write(&text); err != nil {
		t.Fatal(err)
	}
	if err := WriteGroup(&text, []Plan{p}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), secretValue) || slices.ContainsFunc(p.Notes, func(n string) bool { return strings.Contains(n, secretValue) }) {
		t.Error("a value shows")
	}
}
