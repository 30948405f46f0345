// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/restart"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/sensitive"
	"github.com/secretsync/secretsync/pkg/target"
)

func passwords(secretType, password string) render.Content {
	return render.Content{Type: secretType, Data: map[string]sensitive.Value{"password": sensitive.FromString(password)}}
}

// looked returns the target db as it is found: ours at revision 3 unless edited.
func looked(t *testing.T, u *run, content render.Content, edits ...func(*corev1.Secret)) target.Live {
	t.Helper()
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db", Annotations: map[string]string{
			v1alpha1.AnnotationOwner: "shop/db", v1alpha1.AnnotationRevision: "3",
		}, Labels: map[string]string{v1alpha1.LabelTarget: "true"}},
		Type: corev1.SecretType(content.Type), Data: content.Reveal(),
	}
	for _, edit := range edits {
		edit(secret)
	}
	writer := target.NewWriter(fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).WithObjects(secret).Build())
	live, err := writer.Look(t.Context(), u.want(3), u.servedBefore())
	if err != nil {
		t.Fatal(err)
	}
	return live
}

// TestRestarting: only other data than Pods could read before restarts them.
func TestRestarting(t *testing.T) {
	keys := revision.Keys{Current: []byte("key")}
	old, changed := passwords("Opaque", "old"), passwords("Opaque", "new")
	foreign := func(s *corev1.Secret) { s.Annotations, s.Labels = nil, nil }
	invited := func(s *corev1.Secret) {
		s.Labels, s.Annotations = nil, map[string]string{v1alpha1.AnnotationAdoptBy: "db"}
	}
	edited := func(s *corev1.Secret) { s.Data = changed.Reveal() }
	cases := map[string]struct {
		reason  string
		off     bool
		serving int64
		number  int64
		content render.Content
		found   []func(*corev1.Secret)
		absent  bool
		lost    bool // the status knows no digests
		renamed bool // spec.target.name was another until now
		want    int64
	}{
		"Changed":     {serving: 3, number: 4, content: changed, want: 4},
		"Back":        {serving: 3, number: 2, content: changed, want: 2},
		"Off":         {off: true, serving: 3, number: 4, content: changed},
		"First":       {reason: "nothing ran with another", number: 1, content: changed, absent: true},
		"Repair":      {serving: 3, number: 3, content: old, found: []func(*corev1.Secret){edited}},
		"Deleted":     {reason: "it is put back", serving: 3, number: 3, content: old, absent: true},
		"DeletedThen": {serving: 3, number: 4, content: changed, absent: true, want: 4},
		"SameData":    {reason: "another number for the same", serving: 3, number: 4, content: old},
		"OtherType":   {reason: "Pods see no type", serving: 3, number: 4, content: passwords("example.com/x", "old")},
		"EditedToIt": {
			reason: "by hand, and no Pod was restarted for that", serving: 3, number: 4, content: changed, found: []func(*corev1.Secret){edited}, want: 4,
		},
		"Foreign":      {renamed: true, serving: 3, number: 4, content: changed, found: []func(*corev1.Secret){foreign}},
		"Adopted":      {renamed: true, reason: "it was somebody else's until now", serving: 3, number: 4, content: changed, found: []func(*corev1.Secret){invited}},
		"LostAndOther": {lost: true, serving: 3, number: 4, content: changed, want: 4},
		"LostAndSame":  {reason: "the Secret itself tells", lost: true, serving: 3, number: 4, content: passwords("other", "old")},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(func(u *run) {
				u.known.Serving, u.status.ServingRevision = tc.serving, tc.serving
				if tc.renamed {
					u.status.Target = "before"
				}
				if !tc.off {
					u.object.Spec.Restart = &v1alpha1.Restart{}
				}
				if !tc.lost {
					u.status.History = []v1alpha1.HistoryEntry{{Revision: 3, Digest: keys.Digest(u.id(3), old.Type, old.Data)}}
				}
			})
			var live target.Live
			if !tc.absent {
				live = looked(t, u, old, tc.found...)
			}
			r := &Reconciler{Options: Options{Keys: keys}}
			if got := r.restarting(u, live, tc.number, tc.content); got != tc.want {
				t.Errorf("restarting = %d, want %d: %s", got, tc.want, tc.reason)
			}
		})
	}
}

// TestToRestart: what was written just now counts, then the target, then what was noted.
func TestToRestart(t *testing.T) {
	noted := func(state string) func(*run) {
		return func(u *run) { u.status.Restart = &v1alpha1.RestartStatus{Revision: 2, State: state} }
	}
	written := func(u *run) { u.restart = 4 }
	cases := map[string]struct {
		mods []func(*run)
		want int64
	}{
		"Nothing":   {},
		"Written":   {mods: []func(*run){written, noted(v1alpha1.RestartRunning)}, want: 4},
		"Unended":   {mods: []func(*run){noted(v1alpha1.RestartRunning)}, want: 2},
		"Pending":   {mods: []func(*run){noted(v1alpha1.RestartPending)}, want: 2},
		"Over":      {mods: []func(*run){noted(v1alpha1.RestartDone)}},
		"OverBadly": {mods: []func(*run){noted(v1alpha1.RestartFailed)}},
	}
	for name, tc := range cases {
		if got := newRun(tc.mods...).toRestart(); got != tc.want {
			t.Errorf("%s: %d, want %d", name, got, tc.want)
		}
	}
}

// TestFailedRevision: only workloads that do not come up are reason to go back, and only where
// that was asked for.
func TestFailedRevision(t *testing.T) {
	noted := func(state string, failed ...string) *v1alpha1.RestartStatus {
		return &v1alpha1.RestartStatus{Revision: 3, State: state, Failed: failed}
	}
	back := &v1alpha1.Restart{OnFailure: v1alpha1.OnFailureRollback}
	cases := map[string]struct {
		spec  *v1alpha1.Restart
		noted *v1alpha1.RestartStatus
		want  int64
	}{
		"Failed":       {spec: back, noted: noted(v1alpha1.RestartFailed, "Deployment/a"), want: 3},
		"Report":       {spec: &v1alpha1.Restart{}, noted: noted(v1alpha1.RestartFailed, "Deployment/a")},
		"Off":          {noted: noted(v1alpha1.RestartFailed, "Deployment/a")},
		"NotItsFault":  {spec: back, noted: noted(v1alpha1.RestartFailed)},
		"StillRunning": {spec: back, noted: noted(v1alpha1.RestartRunning, "Deployment/a")},
		"Done":         {spec: back, noted: noted(v1alpha1.RestartDone)},
		"Nothing":      {spec: back},
	}
	for name, tc := range cases {
		u := newRun(func(u *run) { u.object.Spec.Restart, u.status.Restart = tc.spec, tc.noted })
		r := &Reconciler{Options: Options{Restarts: restart.NewRoller(restart.Options{Clock: clock.RealClock{}})}}
		if got := r.failedRevision(u); got != tc.want {
			t.Errorf("%s: %d, want %d", name, got, tc.want)
		}
	}
}

// TestRestartsThatAreOff: who asks for what the operator may not do is told how to allow it.
func TestRestartsThatAreOff(t *testing.T) {
	u := newRun(func(u *run) { u.object.Spec.Restart = &v1alpha1.Restart{} })
	(&Reconciler{}).rollOut(context.Background(), u)
	if e := fault.As(u.unrestarted); e == nil || e.Reason != "RestartsDisabled" || !strings.Contains(e.Message, "restarts.enabled=true") {
		t.Errorf("told is %v", u.unrestarted)
	}
	u.object.Spec.Restart, u.unrestarted, u.status.Restart = nil, nil, &v1alpha1.RestartStatus{}
	(&Reconciler{}).rollOut(context.Background(), u)
	if u.unrestarted != nil || u.status.Restart != nil {
		t.Error("nobody asks any more, and it is told all the same")
	}
}

// TestRestartsAreTold once when they begin and once when they end.
func TestRestartsAreTold(t *testing.T) {
	report := func(state string, total int, failed ...string) restart.Report {
		return restart.Report{Revision: 3, State: state, Total: total, Done: total - len(failed), Failed: failed, Message: strings.Repeat("m", 2000)}
	}
	u := newRun()
	var told []string
	for _, r := range []restart.Report{
		{Revision: 3, State: v1alpha1.RestartPending},
		report(v1alpha1.RestartRunning, 40), report(v1alpha1.RestartRunning, 40, "Deployment/a"),
		report(v1alpha1.RestartFailed, 40, strings.Split(strings.Repeat("Deployment/a ", 20), " ")...),
	} {
		u.noteRestart(r, now())
	}
	for _, e := range u.events {
		told = append(told, e.Reason)
	}
	if diff := cmp.Diff([]string{"RestartsBegun", "RestartsFailed"}, told); diff != "" {
		t.Error(diff)
	}
	if s := u.status.Restart; len(s.Failed) != 10 || len(s.Message) != 1024 || !s.Since.Time.Equal(now()) {
		t.Errorf("more is noted than a status takes: %+v", s)
	}
	u = newRun()
	u.noteRestart(restart.Report{Revision: 3, State: v1alpha1.RestartDone}, now())
	if len(u.events) != 0 {
		t.Errorf("nothing uses the Secret, and %v is told", u.events)
	}
}
