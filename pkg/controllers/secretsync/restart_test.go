// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/poll"
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

// TestRefusedWriteRestartsNothing: Pods would start with what was served before, and be taken for
// restarted once the write succeeds.
func TestRefusedWriteRestartsNothing(t *testing.T) {
	for name, refusal := range map[string]error{"Refused": errors.New("m4rk3r"), "Written": nil} {
		u := newRun(func(u *run) {
			u.known.Serving, u.object.Spec.Restart, u.decision.Serve = 3, &v1alpha1.Restart{}, 4
		})
		live := looked(t, u, passwords("Opaque", "old"))
		c := fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).WithInterceptorFuncs(interceptor.Funcs{
			Update: func(context.Context, client.WithWatch, client.Object, ...client.UpdateOption) error { return refusal },
		}).Build()
		r := &Reconciler{Options: Options{Keys: revision.Keys{Current: []byte("key")}, Targets: target.NewWriter(c)}}
		err := r.correct(t.Context(), u, live, passwords("Opaque", "new"))
		if (err != nil) != (refusal != nil) || (u.restart == 4) != (refusal == nil) {
			t.Errorf("%s: workloads are restarted for %d (%v)", name, u.restart, err)
		}
	}
}

// TestToRestart: what was written just now counts, then the target, then what was noted.
func TestToRestart(t *testing.T) {
	noted := func(state string) func(*run) {
		return func(u *run) { u.status.Restart = &v1alpha1.RestartStatus{Revision: 2, State: state} }
	}
	written := func(u *run) { u.restart = 4 }
	says := func(number string) func(*run) {
		return func(u *run) {
			u.observed = target.ObservedOf(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db", Annotations: map[string]string{
				v1alpha1.AnnotationOwner: "shop/db", v1alpha1.AnnotationRevision: "3", v1alpha1.AnnotationRestart: number,
			}, Labels: map[string]string{v1alpha1.LabelTarget: "true"}}})
		}
	}
	cases := map[string]struct {
		mods []func(*run)
		want int64
	}{
		"Nothing":     {},
		"Written":     {mods: []func(*run){written, noted(v1alpha1.RestartRunning)}, want: 4},
		"Unended":     {mods: []func(*run){noted(v1alpha1.RestartRunning)}, want: 2},
		"Pending":     {mods: []func(*run){noted(v1alpha1.RestartPending)}, want: 2},
		"Over":        {mods: []func(*run){noted(v1alpha1.RestartDone)}},
		"OverBadly":   {mods: []func(*run){noted(v1alpha1.RestartFailed)}},
		"Told":        {mods: []func(*run){says("3")}, want: 3},
		"ToldAndOver": {mods: []func(*run){says("3"), noted(v1alpha1.RestartDone)}, want: 3},
		"Older":       {mods: []func(*run){says("2"), noted(v1alpha1.RestartRunning)}, want: 2},
		"ByHand":      {mods: []func(*run){says("999")}},
		"OlderByHand": {mods: []func(*run){says("1"), noted(v1alpha1.RestartDone)}},
	}
	for name, tc := range cases {
		if got := newRun(tc.mods...).toRestart(); got != tc.want {
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
	for state, kept := range map[string]bool{
		v1alpha1.RestartPending: false, v1alpha1.RestartRunning: false, v1alpha1.RestartDone: true, v1alpha1.RestartFailed: true,
	} {
		u.object.Spec.Restart, u.unrestarted, u.status.Restart = nil, nil, &v1alpha1.RestartStatus{Revision: 3, State: state}
		(&Reconciler{}).rollOut(context.Background(), u)
		if u.unrestarted != nil || (u.status.Restart != nil) != kept {
			t.Errorf("nobody asks any more, and of what is %s there is %+v, %v", state, u.status.Restart, u.unrestarted)
		}
	}
}

// TestWhyItWentBack: what failed is told before the restarts of the way back take its place.
func TestWhyItWentBack(t *testing.T) {
	u := newRun(func(u *run) {
		u.status.Restart = &v1alpha1.RestartStatus{Revision: 4, State: v1alpha1.RestartRunning, Since: metav1.NewTime(now())}
	})
	u.noteRestart(restart.Report{Revision: 4, State: v1alpha1.RestartFailed, Failed: []string{"Deployment/a"}, Message: "Deployment/a: no"}, now())
	u.decision.Hold = revision.Hold{Request: "auto:4", Number: 3}
	u.hold()
	if hold := u.status.Rollback; hold == nil || hold.Why != "Deployment/a: no" {
		t.Errorf("the hold is %+v", hold)
	}
	var told []string
	for _, e := range u.events {
		told = append(told, e.Reason)
		if !strings.Contains(e.Note, "Deployment/a: no") {
			t.Errorf("%s does not say why: %s", e.Reason, e.Note)
		}
	}
	if diff := cmp.Diff([]string{"RestartsFailed", "TakenBack"}, told); diff != "" {
		t.Error(diff)
	}
	u.noteRestart(restart.Report{Revision: 3, State: v1alpha1.RestartPending}, now())
	if why := u.whyFailed(4); why != "" || u.status.Rollback.Why == "" {
		t.Errorf("it is forgotten: %+v", u.status.Rollback)
	}
}

// TestNothingToGoBackTo is told where it was asked for.
func TestNothingToGoBackTo(t *testing.T) {
	failed := func(u *run) {
		u.status.Restart = &v1alpha1.RestartStatus{Revision: 4, State: v1alpha1.RestartFailed, Message: "Deployment/a: no"}
		u.decided, u.known.Failed = true, 4
	}
	cases := map[string]struct {
		edit func(*run)
		want bool
	}{
		"NothingKept": {edit: func(*run) {}, want: true},
		"NotAsked":    {edit: func(u *run) { u.known.Failed = 0 }},
		"TakenBack":   {edit: func(u *run) { u.decision.Hold.Number = 3 }},
		"Accepted":    {edit: func(u *run) { u.known.Accepted = "auto:4" }},
		"Suspended":   {edit: func(u *run) { u.decided = false }},
	}
	for name, tc := range cases {
		err := newRun(failed, tc.edit).failedRestart()
		if e := fault.As(err); e == nil || strings.Contains(e.Message, "not taken back") != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLookAgain: who asks for a refresh has workloads looked at once more that did not come up.
func TestLookAgain(t *testing.T) {
	cases := map[string]struct {
		state, request, answered string
		want                     bool
	}{
		"Asked":    {state: v1alpha1.RestartFailed, request: "now", answered: "user/now", want: true},
		"NotYet":   {state: v1alpha1.RestartFailed, request: "now", answered: "user/before"},
		"Nobody":   {state: v1alpha1.RestartFailed, answered: "user/"},
		"WellDone": {state: v1alpha1.RestartDone, request: "now", answered: "user/now"},
	}
	for name, tc := range cases {
		u := newRun(func(u *run) {
			u.object.Annotations = map[string]string{v1alpha1.AnnotationRefresh: tc.request}
			u.status.Restart, u.snapshot = &v1alpha1.RestartStatus{State: tc.state}, &poll.Snapshot{Request: tc.answered}
		})
		if got := u.lookAgain(); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
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
