// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// state returns a SecretSync that serves a revision, is asked for a rollback or not, and
// has been refused for a reason or not.
func state(serving int64, request, refusal string) *v1alpha1.SecretSync {
	s := &v1alpha1.SecretSync{Status: v1alpha1.SecretSyncStatus{ServingRevision: serving, NewestRevision: 3}}
	if request != "" {
		s.Annotations = map[string]string{v1alpha1.AnnotationRollbackTo: request}
	}
	if refusal != "" {
		s.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionRolledBack, Status: metav1.ConditionFalse, Reason: refusal}}
	}
	return s
}

func holding(s *v1alpha1.SecretSync, number int64) *v1alpha1.SecretSync {
	s.Status.Rollback = &v1alpha1.RollbackStatus{Requested: s.Annotations[v1alpha1.AnnotationRollbackTo], Revision: number}
	return s
}

func drifting(s *v1alpha1.SecretSync) *v1alpha1.SecretSync {
	s.Status.Conditions = append(s.Status.Conditions, metav1.Condition{
		Type: v1alpha1.ConditionDrifted, Status: metav1.ConditionTrue, Message: "the Secret differs",
	})
	return s
}

func TestAnswered(t *testing.T) {
	restored := state(2, "", "")
	restored.Status.NewestRevision = 9
	restored.Status.History = []v1alpha1.HistoryEntry{
		{Revision: 9, ObservedAt: metav1.Unix(1, 0)}, {Revision: 2, ObservedAt: metav1.Unix(2, 0)},
	}
	byWord := holding(state(2, "2", ""), 2)
	byWord.Status.Rollback.Requested = "previous"
	cases := map[string]struct {
		reason  string
		before  *v1alpha1.SecretSync
		release bool
		now     *v1alpha1.SecretSync
		done    bool
		err     error
	}{
		"NotYet":      {before: state(3, "", ""), now: state(3, "2", "")},
		"Held":        {before: state(3, "", ""), now: holding(state(2, "2", ""), 2), done: true},
		"NotServed":   {reason: "the hold is noted, the Secret not written", before: state(3, "", ""), now: holding(state(3, "2", ""), 2)},
		"HeldBefore":  {reason: "another revision is still held", before: holding(state(1, "1", ""), 1), now: holding(state(1, "2", ""), 1)},
		"HeldByWord":  {reason: "the answer is still that to another text", before: byWord, now: byWord},
		"Refused":     {before: state(3, "", ""), now: state(3, "2", "NotAllowed"), err: errRefused},
		"OldRefusal":  {reason: "it was about another request", before: state(3, "9", "RevisionUnknown"), now: state(3, "2", "RevisionUnknown")},
		"NewRefusal":  {before: state(3, "9", "RevisionUnknown"), now: state(3, "2", "NotAllowed"), err: errRefused},
		"SameAgain":   {reason: "the operator has no cause to answer anew", before: state(3, "2", "NotAllowed"), now: state(3, "2", "NotAllowed"), err: errRefused},
		"Drifted":     {before: state(3, "", ""), now: drifting(holding(state(2, "2", ""), 2)), done: true, err: errDrifted},
		"DriftedNow":  {reason: "the drift is put right with the hold", before: drifting(state(3, "", "")), now: drifting(state(3, "2", ""))},
		"Overwritten": {before: state(3, "", ""), now: holding(state(1, "1", ""), 1), err: errChanged},
		"Releasing":   {release: true, before: holding(state(2, "2", ""), 2), now: holding(state(2, "", ""), 2)},
		"Released":    {release: true, before: holding(state(2, "2", ""), 2), now: state(3, "", ""), done: true},
		"Restored":    {release: true, reason: "what was observed last has no high number", before: holding(state(9, "2", ""), 9), now: restored, done: true},
		"HalfWay":     {release: true, reason: "the Secret is not written yet", before: holding(state(2, "2", ""), 2), now: state(2, "", "")},
		"HeldAnew":    {release: true, before: holding(state(2, "2", ""), 2), now: state(2, "1", ""), err: errChanged},
		"FreeDrifted": {release: true, before: holding(state(2, "2", ""), 2), now: drifting(state(3, "", "")), done: true, err: errDrifted},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			m := move{sync: tc.before, to: 2, release: tc.release}
			done, err := m.answered(tc.now)
			if done != tc.done || !errors.Is(err, tc.err) {
				t.Errorf("%s: want done %v, %v; got %v, %v", tc.reason, tc.done, tc.err, done, err)
			}
		})
	}
}

// TestRefusalSaysHowToTakeItBack: what was asked for in vain freezes what is served.
func TestRefusalSaysHowToTakeItBack(t *testing.T) {
	now := state(3, "2", "NotAllowed")
	now.Namespace, now.Name = "shop", "db"
	_, err := (&move{sync: state(3, "", ""), to: 2}).answered(now)
	if err == nil || !strings.Contains(err.Error(), "nothing newer is served; take it back with: kubectl secretsync follow -n shop db") {
		t.Errorf("got %v", err)
	}
}

func TestChanged(t *testing.T) {
	grouped := state(3, "2", "")
	grouped.Annotations[v1alpha1.AnnotationRollbackGroup] = "g"
	anew := state(3, "2", "")
	anew.UID = "other"
	cases := map[string]struct {
		now  *v1alpha1.SecretSync
		want error
	}{
		"Same":       {now: state(3, "2", "")},
		"Conditions": {now: drifting(state(3, "2", ""))},
		"Request":    {now: state(3, "1", ""), want: errChanged},
		"Released":   {now: state(3, "", ""), want: errChanged},
		"Group":      {now: grouped, want: errChanged},
		"Served":     {now: state(2, "2", ""), want: errChanged},
		"Anew":       {now: anew, want: errChanged},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := (&move{sync: state(3, "2", ""), to: 1}).changed(tc.now); !errors.Is(err, tc.want) {
				t.Errorf("want %v, got %v", tc.want, err)
			}
		})
	}
}

func TestSettle(t *testing.T) {
	errBoom := errors.New("boom")
	forbidden := apierrors.NewForbidden(schema.GroupResource{Resource: "x"}, "y", nil)
	answer := func(done bool, err error) check {
		return func(*v1alpha1.SecretSync) (bool, error) { return done, err }
	}
	cases := map[string]struct {
		reason  string
		check   check
		read    error
		failed  error // nil if it did not fail
		pending error // nil if it is not pending
	}{
		"Done":      {check: answer(true, nil)},
		"Failed":    {check: answer(false, errBoom), failed: errBoom},
		"DoneWrong": {check: answer(true, errBoom), failed: errBoom},
		"Waiting":   {check: answer(false, nil), pending: errNoAnswer},
		"Forbidden": {reason: "more looks do not help", read: forbidden, failed: forbidden},
		"Hiccup":    {reason: "it may pass, and is told if it does not", read: errBoom, pending: errBoom},
	}
	name := types.NamespacedName{Namespace: "n", Name: "s"}
	for title, tc := range cases {
		t.Run(title, func(t *testing.T) {
			a := newAnswers(map[types.NamespacedName]check{name: tc.check})
			a.settle(name, state(3, "", ""), tc.read)
			pending, still := a.pending[name]
			if !errors.Is(a.failed["n/s"], tc.failed) || still != (tc.pending != nil) || !errors.Is(pending, tc.pending) {
				t.Errorf("%s: got failed %v, pending %v", tc.reason, a.failed, a.pending)
			}
			a.giveUp(true)
			if err := a.failed["n/s"]; still && (!errors.Is(err, errInterrupted) || !unanswered(err)) {
				t.Errorf("an interruption is told as %v", err)
			}
		})
	}
}

func TestLacking(t *testing.T) {
	forbidden := apierrors.NewForbidden(schema.GroupResource{Resource: "x"}, "y", nil)
	other := errors.New("boom")
	cases := map[string]struct {
		err   error
		right right
		want  string
	}{
		"Other":     {err: other, right: secrets("shop"), want: "boom"},
		"Namespace": {err: forbidden, right: secrets("shop"), want: `Role in namespace "shop" with the rule {apiGroups: [""], resources: ["secrets"], verbs: ["get"]}`},
		"Cluster":   {err: forbidden, right: secretSyncs("list", ""), want: `ClusterRole with the rule {apiGroups: ["secretsync.io"], resources: ["secretsyncs"], verbs: ["list"]}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := lacking(tc.err, tc.right)
			if !errors.Is(got, tc.err) || !strings.Contains(got.Error(), tc.want) {
				t.Errorf("want %q, got %v", tc.want, got)
			}
		})
	}
}

func TestToForget(t *testing.T) {
	s := state(3, "", "")
	for _, n := range []int64{3, 2, 1} {
		s.Status.History = append(s.Status.History, v1alpha1.HistoryEntry{Revision: n})
	}
	cases := map[string]struct {
		reason, pending string
		numbers         []int64
		want            string
	}{
		"First":       {numbers: []int64{2}, want: "2"},
		"Added":       {pending: "1", numbers: []int64{2}, want: "1,2"},
		"Twice":       {pending: "2", numbers: []int64{2}, want: "2"},
		"Gone":        {reason: "what is forgotten leaves the list", pending: "7, 1,x,", numbers: []int64{2}, want: "1,2"},
		"SeveralAsks": {numbers: []int64{2, 1}, want: "1,2"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s.Annotations = map[string]string{v1alpha1.AnnotationForget: tc.pending}
			if diff := cmp.Diff(tc.want, toForget(s, tc.numbers)); diff != "" {
				t.Errorf("%s: %s", tc.reason, diff)
			}
		})
	}
}

func TestRefusedToForget(t *testing.T) {
	told := func(forget, reason, message string) *v1alpha1.SecretSync {
		s := state(3, "", "")
		s.Annotations = map[string]string{v1alpha1.AnnotationForget: forget}
		s.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionHistoryDegraded, Status: metav1.ConditionTrue, Reason: reason, Message: message}}
		return s
	}
	cases := map[string]struct {
		reason      string
		before, now *v1alpha1.SecretSync
		want        error
	}{
		"Nothing":   {before: state(3, "", ""), now: state(3, "", "")},
		"Refused":   {before: state(3, "", ""), now: told("2", "ForgetRefused", "2 is served"), want: errNotForgotten},
		"Invalid":   {before: state(3, "", ""), now: told("2", "InvalidForget", "no list"), want: errNotForgotten},
		"Other":     {before: state(3, "", ""), now: told("2", "RevisionUntrusted", "1 does not verify")},
		"Old":       {reason: "it was about another request", before: told("1", "ForgetRefused", "1"), now: told("1,2", "ForgetRefused", "1")},
		"SameAgain": {before: told("2", "ForgetRefused", "2"), now: told("2", "ForgetRefused", "2"), want: errNotForgotten},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := refusedToForget(tc.before, tc.now, []int64{2}); !errors.Is(err, tc.want) {
				t.Errorf("%s: want %v, got %v", tc.reason, tc.want, err)
			}
		})
	}
}

func TestHolds(t *testing.T) {
	long := state(3, strings.Repeat("ä", 300), "RevisionUnknown")
	cases := map[string]struct {
		sync *v1alpha1.SecretSync
		want string
	}{
		"Nothing":     {sync: state(3, "", "")},
		"Held":        {sync: holding(state(2, "2", ""), 2), want: "2"},
		"Refused":     {sync: state(3, "7", "RevisionUnknown"), want: "7 (refused)"},
		"NotAnswered": {sync: state(3, "7", "")},
		"Long":        {sync: long, want: strings.Repeat("ä", maxRequest) + "... (refused)"},
	}
	both := holding(state(2, "2", "RevisionUnknown"), 2)
	both.Annotations[v1alpha1.AnnotationRollbackTo] = "7"
	cases["Both"] = struct {
		sync *v1alpha1.SecretSync
		want string
	}{sync: both, want: "2, 7 (refused)"}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := holds(tc.sync); got != tc.want {
				t.Errorf("want %q, got %q", tc.want, got)
			}
		})
	}
}

func TestUrgency(t *testing.T) {
	with := func(s *v1alpha1.SecretSync, kind string, status metav1.ConditionStatus) *v1alpha1.SecretSync {
		s.Status.Conditions = append(s.Status.Conditions, metav1.Condition{Type: kind, Status: status})
		return s
	}
	ready := func(s *v1alpha1.SecretSync) *v1alpha1.SecretSync {
		return with(s, v1alpha1.ConditionReady, metav1.ConditionTrue)
	}
	cases := map[string]struct {
		sync *v1alpha1.SecretSync
		want int
	}{
		"NotReady":    {sync: with(state(3, "", ""), v1alpha1.ConditionReady, metav1.ConditionFalse), want: 0},
		"Unknown":     {sync: with(state(3, "", ""), v1alpha1.ConditionReady, metav1.ConditionUnknown), want: 1},
		"NoStatus":    {sync: state(0, "", ""), want: 1},
		"Stale":       {sync: with(ready(state(3, "", "")), v1alpha1.ConditionStale, metav1.ConditionTrue), want: 2},
		"Refused":     {sync: ready(state(3, "9", "RevisionUnknown")), want: 2},
		"Held":        {sync: with(holding(ready(state(2, "2", "")), 2), v1alpha1.ConditionRolledBack, metav1.ConditionTrue), want: 3},
		"Good":        {sync: ready(state(3, "", "")), want: 4},
		"StaleNoMore": {sync: with(ready(state(3, "", "")), v1alpha1.ConditionStale, metav1.ConditionFalse), want: 4},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := urgency(tc.sync); got != tc.want {
				t.Errorf("want %d, got %d", tc.want, got)
			}
		})
	}
}
