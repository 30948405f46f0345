// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/restart"
	"github.com/secretsync/secretsync/pkg/revision"
)

// rolled is a Reconciler whose Roller works on one Deployment, which was restarted for revision 3
// and came up since or did not. It counts what is restarted.
type rolled struct {
	*Reconciler

	rung    chan struct{}
	patched int
}

func newRolled(t *testing.T, up bool) *rolled {
	t.Helper()
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "a"}}
	d.Spec.Replicas, d.Spec.Template.Annotations = new(int32(1)), map[string]string{restart.Key("db"): "3"}
	if up {
		d.Status = appsv1.DeploymentStatus{Replicas: 1, UpdatedReplicas: 1, AvailableReplicas: 1}
	}
	r := &rolled{rung: make(chan struct{}, 9)}
	server := fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).WithObjects(d).WithInterceptorFuncs(interceptor.Funcs{
		Patch: func(context.Context, client.WithWatch, client.Object, client.Patch, ...client.PatchOption) error {
			r.patched++
			return nil
		},
	}).Build()
	roller := restart.NewRoller(restart.Options{
		Live: server, Writer: server, Clock: clocktesting.NewFakeClock(now().Add(time.Hour)),
		Ring: func(types.NamespacedName) { r.rung <- struct{}{} }, Count: func(string, string) {},
	})
	keys := revision.Keys{Current: []byte("key")}
	r.Reconciler = &Reconciler{Options: Options{
		Keys: keys, Restarts: roller, History: history.NewStore(server, keys, history.NewIndex(func(types.NamespacedName) {})),
	}}
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error)
	go func() { over <- roller.Run(ctx, 1) }()
	t.Cleanup(func() {
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	return r
}

// look has what is asked for done, and returns which revision is to be taken back then.
func (r *rolled) look(t *testing.T, u *run) int64 {
	t.Helper()
	r.rollOut(t.Context(), u)
	if r.Restarts.Heard(u.key).State == "" {
		return r.failedRevision(u)
	}
	<-r.rung
	failed := r.failedRevision(u)
	r.rollOut(t.Context(), u)
	return failed
}

// noted has restarts for revision 3, which is served, noted as being in a state.
func noted(state string, failed ...string) func(*run) {
	return func(u *run) {
		u.object.Spec.Restart = &v1alpha1.Restart{
			OnFailure: v1alpha1.OnFailureRollback, Mode: v1alpha1.RestartTargets, Targets: []v1alpha1.RestartTarget{{Kind: "Deployment", Name: "a"}},
		}
		u.status.Restart = &v1alpha1.RestartStatus{Revision: 3, State: state, Failed: failed, Since: metav1.NewTime(now())}
	}
}

// TestFailedRevision: workloads that do not come up are reason to go back where that was asked for,
// and those that once did not are reason to look again.
func TestFailedRevision(t *testing.T) {
	once := noted(v1alpha1.RestartFailed, "Deployment/a")
	cases := map[string]struct {
		reason string
		mods   []func(*run)
		up     bool
		want   int64
		state  string
	}{
		"Failed":       {mods: []func(*run){once}, want: 3, state: "Failed"},
		"CameUpSince":  {mods: []func(*run){once}, up: true, state: "Done"},
		"StillRunning": {mods: []func(*run){noted(v1alpha1.RestartRunning)}, want: 3, state: "Failed"},
		"Report":       {mods: []func(*run){once, func(u *run) { u.object.Spec.Restart.OnFailure = "" }}, state: "Failed"},
		"Off":          {mods: []func(*run){once, func(u *run) { u.object.Spec.Restart = nil }}, state: "Failed"},
		"NotItsFault":  {mods: []func(*run){noted(v1alpha1.RestartFailed)}, state: "Failed"},
		"Done":         {mods: []func(*run){noted(v1alpha1.RestartDone)}, state: "Done"},
		"Held":         {mods: []func(*run){once, func(u *run) { u.status.Rollback = &v1alpha1.RollbackStatus{} }}, state: "Failed"},
		"Asked":        {mods: []func(*run){once, annotated(v1alpha1.AnnotationRollbackTo, "current")}, state: "Failed"},
		"Accepted":     {mods: []func(*run){once, annotated(v1alpha1.AnnotationAccept, "auto:3")}, state: "Failed"},
		"Older":        {reason: "it is not served", mods: []func(*run){once, func(u *run) { u.status.ServingRevision = 4 }}, state: "Failed"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u, r := newRun(tc.mods...), newRolled(t, tc.up)
			if got := r.failedRevision(u); got != 0 {
				t.Errorf("%d is taken back for what is noted", got)
			}
			if got := r.look(t, u); got != tc.want || u.status.Restart.State != tc.state {
				t.Errorf("%d is taken back, want %d; %s is noted, want %s: %s", got, tc.want, u.status.Restart.State, tc.state, tc.reason)
			}
			if r.patched > 0 {
				t.Errorf("%d restarts to look", r.patched)
			}
		})
	}
}

// TestGoesBack: only what is held in place of a failed revision.
func TestGoesBack(t *testing.T) {
	for requested, want := range map[string]bool{"auto:4": true, "3": false, "": false} {
		u := newRun(func(u *run) { u.status.Rollback = &v1alpha1.RollbackStatus{Requested: requested, Revision: 3} })
		if u.goesBack(3) != want || u.goesBack(4) {
			t.Errorf("%q: %v for what is held, %v for another", requested, u.goesBack(3), u.goesBack(4))
		}
	}
}

// TestReportGetsOld: what was found while nobody wanted to go back is no reason to, later.
func TestReportGetsOld(t *testing.T) {
	u, r := newRun(noted(v1alpha1.RestartRunning)), newRolled(t, false)
	u.object.Spec.Restart.OnFailure = ""
	if failed := r.look(t, u); failed != 0 || u.status.Restart.State != v1alpha1.RestartFailed {
		t.Fatalf("%d is taken back, and %+v noted", failed, u.status.Restart)
	}
	u.object.Spec.Restart.OnFailure = v1alpha1.OnFailureRollback
	if failed := r.failedRevision(u); failed != 0 {
		t.Errorf("%d is taken back for what was found before", failed)
	}
}

// TestLookedAtAnew: who asks for a refresh is not answered with what was found before, and what
// cannot be taken back does not have workloads looked at without end.
func TestLookedAtAnew(t *testing.T) {
	u, r := newRun(noted(v1alpha1.RestartRunning)), newRolled(t, false)
	r.look(t, u)
	for range 3 {
		r.rollOut(t.Context(), u)
	}
	if u.status.Restart.State != v1alpha1.RestartFailed || len(r.rung) > 0 {
		t.Fatalf("%+v is noted", u.status.Restart)
	}
	u.object.Annotations = map[string]string{v1alpha1.AnnotationRefresh: "now"}
	u.snapshot = &poll.Snapshot{Request: requestOfUser + "now"}
	r.rollOut(t.Context(), u)
	if u.status.Restart.State != v1alpha1.RestartPending {
		t.Errorf("%+v is noted", u.status.Restart)
	}
}
