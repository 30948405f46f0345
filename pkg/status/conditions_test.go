// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// at returns a moment of the tests' day.
func at(clock string) time.Time {
	parsed, err := time.Parse(time.TimeOnly, clock)
	if err != nil {
		panic(err)
	}
	return parsed.AddDate(2026, 0, 0)
}

// told is what a condition says, apart from its times.
type told struct{ Type, Status, Reason, Message string }

func toldBy(conditions []metav1.Condition) []told {
	var all []told
	for _, c := range conditions {
		all = append(all, told{c.Type, string(c.Status), c.Reason, c.Message})
	}
	return all
}

func TestConditions(t *testing.T) {
	failing := func(class fault.Class) error { return fault.New(class, "Odd", "it is odd") }
	now := at("12:00:00")
	const served = "the Secret holds the state asked for"
	ready := func(status, reason, message string) told { return told{"Ready", status, reason, message} }
	serving := ready("True", "Serving", served)
	odd := ready("False", "Odd", "it is odd")
	stalled := told{"Stalled", "True", "Odd", "it is odd"}
	retrying := told{"Reconciling", "True", "Retrying", "it is odd"}
	stale := func(cause string) told {
		return told{"Stale", "True", "ReadsFail", "no good read for longer than three intervals and five minutes" + cause}
	}
	cases := map[string]struct {
		reason string
		before []metav1.Condition
		facts  Facts
		want   []told
	}{
		"Serving": {facts: Facts{Serving: 3}, want: []told{serving}},
		"FirstRead": {
			facts: Facts{}, want: []told{ready("Unknown", "Reading", "the backend is being read for the first time")},
		},
		"InvalidSpec":        {facts: Facts{Serving: 3, Err: failing(fault.InvalidSpec)}, want: []told{odd, stalled}},
		"InvalidSpecAtFirst": {facts: Facts{Err: failing(fault.InvalidSpec)}, want: []told{odd, stalled}},
		"InvalidContent":     {facts: Facts{Serving: 3, Err: failing(fault.InvalidContent)}, want: []told{odd}},
		"NotFound":           {facts: Facts{Serving: 3, Err: failing(fault.NotFound)}, want: []told{odd}},
		"Denied":             {facts: Facts{Serving: 3, Err: failing(fault.Denied)}, want: []told{odd}},
		"Suspicious":         {facts: Facts{Serving: 3, Err: failing(fault.Suspicious)}, want: []told{odd}},
		"NotOwned":           {facts: Facts{Serving: 3, Err: failing(fault.NotOwned)}, want: []told{odd}},
		"Rejected":           {facts: Facts{Serving: 3, Err: failing(fault.Rejected)}, want: []told{odd}},
		"Unavailable":        {reason: "an outage blocks nobody's deployment", facts: Facts{Serving: 3, Err: failing(fault.Unavailable)}, want: []told{serving}},
		"Throttled":          {facts: Facts{Serving: 3, Err: failing(fault.Throttled)}, want: []told{serving}},
		"EditDuringAnOutage": {
			reason: "the edit is not served, and people should see why",
			facts:  Facts{Serving: 3, Behind: true, Err: failing(fault.Unavailable)}, want: []told{serving, retrying},
		},
		"Internal":             {facts: Facts{Serving: 3, Err: failing(fault.Internal)}, want: []told{serving}},
		"UnavailableAtFirst":   {facts: Facts{Err: failing(fault.Unavailable)}, want: []told{odd, retrying}},
		"ThrottledAtFirst":     {facts: Facts{Err: failing(fault.Throttled)}, want: []told{odd, retrying}},
		"NotFoundAtFirst":      {reason: "it does not pass by itself", facts: Facts{Err: failing(fault.NotFound)}, want: []told{odd}},
		"ConflictAtFirst":      {reason: "a conflict is never shown", facts: Facts{Err: failing(fault.Conflict)}, want: []told{ready("Unknown", "Reading", "the backend is being read for the first time")}},
		"ConflictWhileServing": {facts: Facts{Serving: 3, Err: failing(fault.Conflict)}, want: []told{serving}},
		"ConflictAfterTrouble": {
			reason: "what was said stands until a try succeeds or fails for a reason",
			before: []metav1.Condition{
				{Type: "Ready", Status: metav1.ConditionFalse, Reason: "Odd", Message: "it is odd"},
				{Type: "Stalled", Status: metav1.ConditionTrue, Reason: "Odd", Message: "it is odd"},
			},
			facts: Facts{Serving: 3, Err: failing(fault.Conflict), FailingSince: at("06:00:00")}, want: []told{odd, stalled},
		},
		"Unclassed": {
			reason: "the text of an error that nobody classed may hold anything",
			facts:  Facts{Err: errors.New("m4rk3r")},
			want: []told{
				ready("False", "Internal", "an internal error; see the operator's log"),
				{"Reconciling", "True", "Retrying", "an internal error; see the operator's log"},
			},
		},
		"CauseIsNotTold": {
			facts: Facts{Serving: 3, Err: fmt.Errorf("m4rk3r: %w", fault.New(fault.Denied, "Odd", "it is odd").Because(errors.New("m4rk3r")))},
			want:  []told{odd},
		},
		"Suspended": {
			facts: Facts{Serving: 3, Idle: ReasonSuspended}, want: []told{ready("True", "Suspended", "spec.suspend is true: nothing is read or written")},
		},
		"SuspendedAtFirst": {
			facts: Facts{Idle: ReasonSuspended}, want: []told{ready("False", "Suspended", "spec.suspend is true: nothing is read or written")},
		},
		"SuspendedWithABadPause": {
			reason: "an object that asks for nothing fails in nothing",
			facts:  Facts{Serving: 3, Idle: ReasonSuspended, Err: failing(fault.InvalidSpec), FailingSince: at("06:00:00")},
			want:   []told{ready("True", "Suspended", "spec.suspend is true: nothing is read or written")},
		},
		"Paused": {
			facts: Facts{Serving: 3, Idle: ReasonPaused},
			want:  []told{ready("True", "Paused", "secretsync.io/pause-until is in force: the Secret is left as it is")},
		},
		"PausedAndInvalid": {
			reason: "a pause does not hide that an edit is needed: Stalled beside Ready would contradict it",
			facts:  Facts{Serving: 3, Idle: ReasonPaused, Err: failing(fault.InvalidSpec)}, want: []told{odd, stalled},
		},
		"SourceGone": {
			facts: Facts{Idle: ReasonSourceGone, Err: failing(fault.NotFound)},
			want:  []told{ready("False", "SourceGone", "every entry is gone from the backend and spec.target.onSourceGone is Delete")},
		},
		"NotStaleYet": {
			facts: Facts{Serving: 3, Err: failing(fault.Unavailable), FailingSince: at("11:55:01"), Interval: time.Minute}, want: []told{serving},
		},
		"Stale": {
			facts: Facts{Serving: 3, Err: failing(fault.Unavailable), FailingSince: at("11:55:00"), Interval: time.Minute},
			want:  []told{serving, stale(": it is odd")},
		},
		"NotStaleWithALongInterval": {
			facts: Facts{Serving: 3, Err: failing(fault.Unavailable), FailingSince: at("09:00:01"), Interval: time.Hour}, want: []told{serving},
		},
		"StaleWithALongInterval": {
			facts: Facts{Serving: 3, Err: failing(fault.Unavailable), FailingSince: at("09:00:00"), Interval: time.Hour},
			want:  []told{serving, stale(": it is odd")},
		},
		"StaleWhileAWriteFails": {
			reason: "Ready speaks of the write; it is not why reads fail",
			facts:  Facts{Serving: 3, Err: failing(fault.Rejected), FailingSince: at("06:00:00")}, want: []told{odd, stale("")},
		},
		"Drifted": {
			facts: Facts{Serving: 3, Drifted: "the Secret differs"},
			want:  []told{ready("True", "Serving", "the Secret was changed by hand and is left so, as spec.drift.policy asks; see Drifted"), {"Drifted", "True", "DriftReported", "the Secret differs"}},
		},
		"Unrecorded": {
			facts: Facts{Serving: 3, Unrecorded: failing(fault.Rejected)}, want: []told{serving, {"HistoryDegraded", "True", "Odd", "it is odd"}},
		},
		"Everything": {
			facts: Facts{Err: failing(fault.Unavailable), FailingSince: at("06:00:00"), Drifted: "x", Unrecorded: failing(fault.Suspicious)},
			want:  []told{odd, retrying, stale(": it is odd"), {"Drifted", "True", "DriftReported", "x"}, {"HistoryDegraded", "True", "Odd", "it is odd"}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.facts.Generation = 7
			got := Conditions(tc.before, tc.facts, now)
			if diff := cmp.Diff(tc.want, toldBy(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// classes is the table of the design: what each class does to an object that serves, and
// to one that never did, in the words of kstatus.
func classes() map[fault.Class]struct{ serving, first string } {
	return map[fault.Class]struct{ serving, first string }{
		"":                   {"Current", "InProgress"},
		fault.InvalidSpec:    {"Failed", "Failed"},
		fault.InvalidContent: {"InProgress", "InProgress"},
		fault.NotFound:       {"InProgress", "InProgress"},
		fault.Denied:         {"InProgress", "InProgress"},
		fault.Throttled:      {"Current", "InProgress"},
		fault.Unavailable:    {"Current", "InProgress"},
		fault.Suspicious:     {"InProgress", "InProgress"},
		fault.NotOwned:       {"InProgress", "InProgress"},
		fault.Rejected:       {"InProgress", "InProgress"},
		fault.Conflict:       {"Current", "InProgress"},
		fault.Internal:       {"Current", "InProgress"},
	}
}

// kstatus computes what tools that wait for an object make of it, by the rules of
// sigs.k8s.io/cli-utils/pkg/kstatus/status for kinds that it does not know.
func kstatus(generation, observed int64, conditions []metav1.Condition) string {
	switch {
	case observed != generation:
		return "InProgress"
	case meta.IsStatusConditionTrue(conditions, "Reconciling"):
		return "InProgress"
	case meta.IsStatusConditionTrue(conditions, "Stalled"):
		return "Failed"
	case meta.IsStatusConditionTrue(conditions, "Ready"):
		return "Current"
	default:
		return "InProgress"
	}
}

func TestEveryClassAgreesWithKstatus(t *testing.T) {
	table := classes()
	for _, class := range fault.Classes() {
		if _, listed := table[class]; !listed {
			t.Errorf("class %s is not in the table", class)
		}
	}
	for class, want := range table {
		facts := Facts{Generation: 2}
		if class != "" {
			facts.Err = fault.New(class, "Reason", "message")
		}
		for serving, want := range map[int64]string{0: want.first, 4: want.serving} {
			facts.Serving = serving
			if got := kstatus(2, 2, Conditions(nil, facts, at("12:00:00"))); got != want {
				t.Errorf("class %q, serving %d: %s, want %s", class, serving, got, want)
			}
		}
	}
}

// drawFacts draws what a reconcile may find out.
func drawFacts(t *rapid.T) Facts {
	drawErr := func(label string) error {
		classes := append([]fault.Class{"", "", "unclassed"}, fault.Classes()...)
		switch class := rapid.SampledFrom(classes).Draw(t, label); class {
		case "":
			return nil
		case "unclassed":
			return errors.New("m4rk3r")
		default:
			return fmt.Errorf("m4rk3r: %w", fault.New(class, string(class)+"Reason", "message of %s", class).Because(errors.New("m4rk3r")))
		}
	}
	f := Facts{
		Generation: rapid.Int64Range(1, 3).Draw(t, "generation"), Serving: rapid.Int64Range(0, 2).Draw(t, "serving"),
		Behind: rapid.Bool().Draw(t, "behind"), Err: drawErr("error"), Unrecorded: drawErr("unrecorded"),
		Idle:     rapid.SampledFrom([]string{"", "", ReasonSuspended, ReasonPaused, ReasonSourceGone}).Draw(t, "idle"),
		Interval: rapid.SampledFrom([]time.Duration{0, 5 * time.Second, time.Minute, time.Hour}).Draw(t, "interval"),
		Drifted:  rapid.SampledFrom([]string{"", "the Secret differs"}).Draw(t, "drifted"),
	}
	if f.Err != nil && rapid.Bool().Draw(t, "reads fail") {
		f.FailingSince = at("12:00:00").Add(-time.Duration(rapid.Int64Range(0, int64(5*time.Hour)).Draw(t, "for")))
	}
	return f
}

// TestConditionsConform is the checker: whatever is found out, one after the other, the
// conditions say nothing that contradicts them, Kubernetes or each other.
func TestConditionsConform(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var before []metav1.Condition
		now := at("12:00:00")
		for range rapid.IntRange(1, 6).Draw(t, "reconciles") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "later")))
			f := drawFacts(t)
			after := Conditions(before, f, now)
			checkForm(t, after)
			if !fault.Is(f.Err, fault.Conflict) {
				checkMeaning(t, f, after)
			}
			checkTransitions(t, before, after, now)
			again := Conditions(after, f, now.Add(time.Second))
			if diff := cmp.Diff(after, again); diff != "" && !becomesStale(f, now) {
				t.Fatalf("the same facts a second later change the status (-before +after):\n%s", diff)
			}
			before = after
		}
	})
}

func becomesStale(f Facts, now time.Time) bool {
	wait := UntilStale(f, now)
	return wait > 0 && wait <= time.Second
}

// checkForm holds what the API server demands, and what no reader should see.
func checkForm(t *rapid.T, conditions []metav1.Condition) {
	seen := map[string]bool{}
	for _, c := range conditions {
		if seen[c.Type] {
			t.Fatalf("two conditions of type %s", c.Type)
		}
		seen[c.Type] = true
		if !regexp.MustCompile(`^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$`).MatchString(c.Reason) || len(c.Reason) > 1024 {
			t.Fatalf("the API server refuses the reason %q", c.Reason)
		}
		if c.Message == "" || strings.Contains(c.Message, "m4rk3r") || strings.ContainsAny(c.Message, "\n\r") {
			t.Fatalf("%s says %q", c.Type, c.Message)
		}
		if c.Type != "Ready" && c.Status != metav1.ConditionTrue {
			t.Fatalf("%s is there and not True", c.Type)
		}
		if c.LastTransitionTime.IsZero() || c.LastTransitionTime.Nanosecond() != 0 {
			t.Fatalf("%s has a time that does not come back as it was sent", c.Type)
		}
	}
	if !seen["Ready"] {
		t.Fatal("Ready is missing")
	}
}

// checkMeaning holds the rules of the design.
func checkMeaning(t *rapid.T, f Facts, conditions []metav1.Condition) {
	is := func(conditionType string) bool { return meta.IsStatusConditionTrue(conditions, conditionType) }
	ready := meta.FindStatusCondition(conditions, "Ready")
	for _, c := range conditions {
		if c.ObservedGeneration != f.Generation {
			t.Fatalf("%s speaks of generation %d", c.Type, c.ObservedGeneration)
		}
	}
	invalid := fault.Is(f.Err, fault.InvalidSpec) && f.Idle != ReasonSuspended
	if is("Stalled") != invalid || is("Stalled") && (ready.Status != metav1.ConditionFalse || is("Reconciling")) {
		t.Fatalf("Stalled contradicts the facts or the others: %v", toldBy(conditions))
	}
	if is("Reconciling") && ready.Status == metav1.ConditionTrue && !f.Behind {
		t.Fatalf("Reconciling beside Ready: %v", toldBy(conditions))
	}
	if ready.Status == metav1.ConditionTrue && f.Serving == 0 {
		t.Fatalf("Ready, and nothing is served: %v", toldBy(conditions))
	}
	outage := fault.Is(f.Err, fault.Throttled, fault.Unavailable, fault.Internal)
	if outage && f.Serving > 0 && f.Idle != ReasonSourceGone && ready.Status != metav1.ConditionTrue {
		t.Fatalf("an outage turns Ready off: %v", toldBy(conditions))
	}
	if is("Drifted") != (f.Drifted != "") || is("HistoryDegraded") != (f.Unrecorded != nil) {
		t.Fatalf("Drifted or HistoryDegraded contradicts the facts: %v", toldBy(conditions))
	}
}

// checkTransitions holds LastTransitionTime to changes of the status.
func checkTransitions(t *rapid.T, before, after []metav1.Condition, now time.Time) {
	for _, c := range after {
		old := meta.FindStatusCondition(before, c.Type)
		want := metav1.NewTime(now.Truncate(time.Second))
		if old != nil && old.Status == c.Status {
			want = old.LastTransitionTime
		}
		if !c.LastTransitionTime.Equal(&want) {
			t.Fatalf("%s moved at %s, want %s", c.Type, c.LastTransitionTime, want)
		}
	}
}

// TestStaleAgreesWithItsRequeue: the reconcile comes back when it is time to say so.
func TestStaleAgreesWithItsRequeue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, now := drawFacts(t), at("12:00:00")
		f.Idle, f.Err = "", fault.New(fault.Unavailable, "Down", "down")
		wait := UntilStale(f, now)
		if wait < 0 || f.FailingSince.IsZero() && wait != 0 {
			t.Fatalf("UntilStale = %s", wait)
		}
		stale := func(at time.Time) bool { return meta.IsStatusConditionTrue(Conditions(nil, f, at), "Stale") }
		if !f.FailingSince.IsZero() && !stale(now.Add(wait)) {
			t.Fatalf("not stale after %s", wait)
		}
		if wait > 0 && stale(now.Add(wait-1)) {
			t.Fatalf("stale before %s are over", wait)
		}
		if stale(now) != (!f.FailingSince.IsZero() && wait == 0) {
			t.Fatal("stale now, and yet to wait for")
		}
	})
}

func TestStaleAfter(t *testing.T) {
	for interval, want := range map[time.Duration]time.Duration{
		0: 5 * time.Minute, time.Minute: 5 * time.Minute, 100 * time.Second: 5 * time.Minute, 2 * time.Minute: 6 * time.Minute, time.Hour: 3 * time.Hour,
	} {
		if got := StaleAfter(interval); got != want {
			t.Errorf("StaleAfter(%s) = %s, want %s", interval, got, want)
		}
	}
}

func TestBackendConditions(t *testing.T) {
	now, usable := at("12:00:00"), []metav1.Condition{{Type: "Ready", Status: metav1.ConditionTrue}}
	table := map[fault.Class]struct{ ready, readyBefore, reachable, stalled string }{
		"":                   {"True", "True", "True", ""},
		fault.InvalidSpec:    {"False", "False", "", "True"},
		fault.InvalidContent: {"False", "False", "True", ""},
		fault.NotFound:       {"False", "False", "True", ""},
		fault.Denied:         {"False", "False", "True", ""},
		fault.Throttled:      {"False", "True", "True", ""},
		fault.Unavailable:    {"False", "True", "False", ""},
		fault.Internal:       {"False", "True", "False", ""},
	}
	for class, want := range table {
		t.Run("Class"+string(class), func(t *testing.T) {
			facts := BackendFacts{Generation: 3}
			if class != "" {
				facts.Err = fault.New(class, "Odd", "it is odd")
			}
			for ready, before := range map[string][]metav1.Condition{want.ready: nil, want.readyBefore: usable} {
				wantStatuses(t, BackendConditions(before, facts, now), map[string]string{
					"Ready": ready, "Reachable": want.reachable, "Stalled": want.stalled,
				})
			}
		})
	}
	wantStatuses(t, BackendConditions(nil, BackendFacts{Untried: true}, now), map[string]string{"Ready": "True"})
}

// wantStatuses compares the statuses by type; an empty one is absent.
func wantStatuses(t *testing.T, conditions []metav1.Condition, want map[string]string) {
	t.Helper()
	for _, conditionType := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionReachable, v1alpha1.ConditionStalled} {
		got := ""
		if c := meta.FindStatusCondition(conditions, conditionType); c != nil {
			got = string(c.Status)
		}
		if got != want[conditionType] {
			t.Errorf("%s = %q, want %q", conditionType, got, want[conditionType])
		}
	}
	if slices.ContainsFunc(conditions, func(c metav1.Condition) bool { return c.Reason == "" || c.Message == "" }) {
		t.Errorf("a condition without reason or message: %v", toldBy(conditions))
	}
}
