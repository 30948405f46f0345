// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package argocd

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/status"
)

// health is what a health check returns.
type health struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

// generation of the objects of the tests.
const generation = 7

func noon() time.Time { return time.Date(2026, time.November, 12, 12, 0, 0, 0, time.UTC) }

func failing(class fault.Class) error { return fault.New(class, "Odd", "it is odd") }

// syncOf returns a SecretSync of which a reconcile found out these facts.
func syncOf(f status.Facts) *v1alpha1.SecretSync {
	if f.Generation == 0 {
		f.Generation = generation
	}
	return &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{Name: "payments-db", Namespace: "payments", Generation: generation},
		Status: v1alpha1.SecretSyncStatus{
			ObservedGeneration: f.Generation, ServingRevision: f.Serving, Rollback: f.Hold,
			Conditions: status.Conditions(nil, f, noon()),
		},
	}
}

func TestHealthOfSecretSync(t *testing.T) {
	const served = "the Secret holds the state asked for"
	const stale = "; Stale: no good read for longer than three intervals and five minutes: it is odd"
	hold := &v1alpha1.RollbackStatus{Requested: "3", Revision: 3, Since: metav1.NewTime(noon())}
	const held = `revision 3 is held, as secretsync.io/rollback-to: "3" asks; newer states are recorded and not served`
	cases := map[string]struct {
		reason string
		facts  status.Facts
		want   health
	}{
		"Serving":        {facts: status.Facts{Serving: 3}, want: health{"Healthy", served}},
		"FirstRead":      {facts: status.Facts{}, want: health{"Progressing", "the backend is being read for the first time"}},
		"InvalidSpec":    {facts: status.Facts{Serving: 3, Err: failing(fault.InvalidSpec)}, want: health{"Degraded", "Odd: it is odd"}},
		"InvalidContent": {facts: status.Facts{Serving: 3, Err: failing(fault.InvalidContent)}, want: health{"Degraded", "Odd: it is odd"}},
		"NeverFound":     {facts: status.Facts{Err: failing(fault.NotFound)}, want: health{"Degraded", "Odd: it is odd"}},
		"Denied":         {facts: status.Facts{Serving: 3, Err: failing(fault.Denied)}, want: health{"Degraded", "Odd: it is odd"}},
		"Suspicious":     {facts: status.Facts{Serving: 3, Err: failing(fault.Suspicious)}, want: health{"Degraded", "Odd: it is odd"}},
		"NotOwned":       {facts: status.Facts{Serving: 3, Err: failing(fault.NotOwned)}, want: health{"Degraded", "Odd: it is odd"}},
		"Outage":         {facts: status.Facts{Serving: 3, Err: failing(fault.Unavailable)}, want: health{"Healthy", served}},
		"LongOutage": {
			reason: "it is told, and blocks nobody's deployment",
			facts:  status.Facts{Serving: 3, Err: failing(fault.Unavailable), FailingSince: noon().Add(-time.Hour)},
			want:   health{"Healthy", served + stale},
		},
		"OutageAtFirst": {
			reason: "it may pass, and the deployment needs the Secret",
			facts:  status.Facts{Err: failing(fault.Unavailable)}, want: health{"Progressing", "it is odd"},
		},
		"EditDuringAnOutage": {
			reason: "the edit is not served yet",
			facts:  status.Facts{Generation: generation - 1, Serving: 3, Behind: true, Err: failing(fault.Unavailable)}, want: health{"Progressing", "it is odd"},
		},
		"Edited": {
			reason: "the conditions speak of what was before",
			facts:  status.Facts{Generation: generation - 1, Serving: 3}, want: health{"Progressing", "the operator is at work on the last edit"},
		},
		"EditedWhileFailing": {
			reason: "the edit may be what helps",
			facts:  status.Facts{Generation: generation - 1, Serving: 3, Err: failing(fault.Denied)}, want: health{"Progressing", "the operator is at work on the last edit"},
		},
		"Held": {facts: status.Facts{Serving: 3, Hold: hold}, want: health{"Healthy", held}},
		"HeldDuringAnOutage": {
			facts: status.Facts{Serving: 3, Hold: hold, Err: failing(fault.Unavailable), FailingSince: noon().Add(-time.Hour)},
			want:  health{"Healthy", held + stale},
		},
		"HoldRefused": {
			reason: "what is asked for is not served",
			facts:  status.Facts{Serving: 3, Err: failing(fault.InvalidSpec), Refused: failing(fault.InvalidSpec)}, want: health{"Degraded", "Odd: it is odd"},
		},
		"HeldAndFailing": {
			reason: "a write fails: that is worse than being held",
			facts:  status.Facts{Serving: 3, Hold: hold, Err: failing(fault.Rejected)}, want: health{"Degraded", "Odd: it is odd"},
		},
		"Suspended":        {facts: status.Facts{Serving: 3, Idle: status.ReasonSuspended}, want: health{"Healthy", "spec.suspend is true: nothing is read or written"}},
		"SuspendedAtFirst": {facts: status.Facts{Idle: status.ReasonSuspended}, want: health{"Suspended", "spec.suspend is true: nothing is read or written"}},
		"Paused": {
			facts: status.Facts{Serving: 3, Idle: status.ReasonPaused}, want: health{"Healthy", "secretsync.io/pause-until is in force: the Secret is left as it is"},
		},
		"SourceGone": {
			facts: status.Facts{Idle: status.ReasonSourceGone},
			want:  health{"Degraded", "SourceGone: every entry is gone from the backend and spec.target.onSourceGone is Delete"},
		},
		"DriftReported": {
			reason: "it is left so as the spec asks",
			facts:  status.Facts{Serving: 3, Drifted: "key A was edited"},
			want: health{"Healthy", "the Secret was changed by hand and is left so, as spec.drift.policy asks; see Drifted" +
				"; Drifted: key A was edited"},
		},
		"HistoryDegraded": {
			facts: status.Facts{Serving: 3, Unrecorded: failing(fault.Rejected)}, want: health{"Healthy", served + "; HistoryDegraded: it is odd"},
		},
	}
	script := read(t, "health-secretsync.lua")
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			check(t, script, live(t, syncOf(tc.facts), v1alpha1.KindSecretSync), tc.want, tc.reason)
		})
	}
	t.Run("NotSeenYet", func(t *testing.T) {
		created := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Generation: 1}}
		check(t, script, live(t, created, v1alpha1.KindSecretSync), health{"Progressing", "the operator has not looked at it yet"}, "")
	})
}

// TestHeldCanBeSuspended tries the one line that docs/integrations/argocd.md tells people to change.
func TestHeldCanBeSuspended(t *testing.T) {
	hold := &v1alpha1.RollbackStatus{Requested: "3", Revision: 3, Since: metav1.NewTime(noon())}
	object := live(t, syncOf(status.Facts{Serving: 3, Hold: hold}), v1alpha1.KindSecretSync)
	script := strings.Replace(read(t, "health-secretsync.lua"), `"Healthy"`, `"Suspended"`, 1)
	var got health
	if err := run(t, script, object, &got); err != nil || got.Status != "Suspended" || !strings.Contains(got.Message, "revision 3 is held") {
		t.Errorf("%+v, error %v; want Suspended, and to be told of the hold", got, err)
	}
}

// TestEveryClassHasAHealth keeps the health of each class of errors, after a state was served
// and before, that of the design.
func TestEveryClassHasAHealth(t *testing.T) {
	passing := []fault.Class{fault.Unavailable, fault.Throttled, fault.Internal, fault.Conflict}
	script := read(t, "health-secretsync.lua")
	for _, class := range fault.Classes() {
		serving, first := "Degraded", "Degraded"
		if slices.Contains(passing, class) {
			serving, first = "Healthy", "Progressing"
		}
		for revision, want := range map[int64]string{4: serving, 0: first} {
			var got health
			sync := syncOf(status.Facts{Serving: revision, Err: failing(class)})
			if err := run(t, script, live(t, sync, v1alpha1.KindSecretSync), &got); err != nil || got.Status != want {
				t.Errorf("class %s, serving %d: %q, want %q; error %v", class, revision, got.Status, want, err)
			}
		}
	}
}

func TestHealthOfBackends(t *testing.T) {
	const usable = "the specification is valid and the login was accepted"
	was := status.BackendConditions(nil, status.BackendFacts{}, noon())
	cases := map[string]struct {
		reason   string
		before   []metav1.Condition
		facts    status.BackendFacts
		observed int64
		want     health
	}{
		"Usable":      {want: health{"Healthy", usable}},
		"Untried":     {facts: status.BackendFacts{Untried: true}, want: health{"Healthy", "each namespace logs in for itself; see its SecretSyncs"}},
		"Outage":      {before: was, facts: status.BackendFacts{Err: failing(fault.Unavailable)}, want: health{"Healthy", "not reachable now: it is odd"}},
		"Throttled":   {before: was, facts: status.BackendFacts{Err: failing(fault.Throttled)}, want: health{"Healthy", usable}},
		"Denied":      {before: was, facts: status.BackendFacts{Err: failing(fault.Denied)}, want: health{"Degraded", "Odd: it is odd"}},
		"InvalidSpec": {before: was, facts: status.BackendFacts{Err: failing(fault.InvalidSpec)}, want: health{"Degraded", "Odd: it is odd"}},
		"NeverReached": {
			reason: "it may be starting, perhaps by the same sync",
			facts:  status.BackendFacts{Err: failing(fault.Unavailable)}, want: health{"Progressing", "Odd: it is odd"},
		},
		"Edited": {
			reason: "the conditions speak of what was before",
			facts:  status.BackendFacts{Err: failing(fault.Denied)}, observed: generation - 1,
			want: health{"Progressing", "the operator is at work on the last edit"},
		},
	}
	script := read(t, "health-backend.lua")
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			observed := int64(generation)
			if tc.observed != 0 {
				observed = tc.observed
			}
			tc.facts.Generation = observed
			backend := &v1alpha1.SecretBackend{
				ObjectMeta: metav1.ObjectMeta{Generation: generation},
				Status:     v1alpha1.BackendStatus{ObservedGeneration: observed, Conditions: status.BackendConditions(tc.before, tc.facts, noon())},
			}
			check(t, script, live(t, backend, v1alpha1.KindSecretBackend), tc.want, tc.reason)
		})
	}
	t.Run("NotSeenYet", func(t *testing.T) {
		created := &v1alpha1.ClusterSecretBackend{ObjectMeta: metav1.ObjectMeta{Generation: 1}}
		check(t, script, live(t, created, v1alpha1.KindClusterSecretBackend), health{"Progressing", "the operator has not looked at it yet"}, "")
	})
}

func check(t *testing.T, script string, object map[string]any, want health, reason string) {
	t.Helper()
	var got health
	if err := run(t, script, object, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", reason, diff)
	}
}
