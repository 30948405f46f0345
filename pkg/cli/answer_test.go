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

func TestAnswered(t *testing.T) {
	hold := map[string]any{v1alpha1.AnnotationRollbackTo: "2"}
	cases := map[string]struct {
		reason  string
		before  *v1alpha1.SecretSync
		release bool
		now     *v1alpha1.SecretSync
		done    bool
		refused bool
	}{
		"NotYet":     {before: state(3, "", ""), now: state(3, "2", "")},
		"Held":       {before: state(3, "", ""), now: holding(state(2, "2", ""), 2), done: true},
		"NotServed":  {reason: "the hold is noted, the Secret not written", before: state(3, "", ""), now: holding(state(3, "2", ""), 2)},
		"HeldBefore": {reason: "another revision is still held", before: holding(state(1, "1", ""), 1), now: holding(state(1, "2", ""), 1)},
		"Refused":    {before: state(3, "", ""), now: state(3, "2", "NotAllowed"), refused: true},
		"OldRefusal": {reason: "it was about another request", before: state(3, "9", "RevisionUnknown"), now: state(3, "2", "RevisionUnknown")},
		"NewRefusal": {before: state(3, "9", "RevisionUnknown"), now: state(3, "2", "NotAllowed"), refused: true},
		"SameAgain":  {reason: "the operator has no cause to answer anew", before: state(3, "2", "NotAllowed"), now: state(3, "2", "NotAllowed"), refused: true},
		"Releasing":  {release: true, before: holding(state(2, "2", ""), 2), now: holding(state(2, "", ""), 2)},
		"Released":   {release: true, before: holding(state(2, "2", ""), 2), now: state(3, "", ""), done: true},
		"HalfWay":    {release: true, reason: "the Secret is not written yet", before: holding(state(2, "2", ""), 2), now: state(2, "", "")},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			m := move{sync: tc.before, to: 2, release: tc.release, annotations: hold}
			done, err := m.answered(tc.now)
			if done != tc.done || (err != nil) != tc.refused {
				t.Errorf("%s: want done %v, refused %v; got %v, %v", tc.reason, tc.done, tc.refused, done, err)
			}
		})
	}
}

func TestSettle(t *testing.T) {
	named := func(name string) v1alpha1.SecretSync {
		return v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: name}}
	}
	errBoom := errors.New("boom")
	checks := map[string]check{
		"n/done":    func(*v1alpha1.SecretSync) (bool, error) { return true, nil },
		"n/failed":  func(*v1alpha1.SecretSync) (bool, error) { return false, errBoom },
		"n/waiting": func(*v1alpha1.SecretSync) (bool, error) { return false, nil },
		"n/gone":    func(*v1alpha1.SecretSync) (bool, error) { return true, nil },
	}
	pending, failed := map[string]error{}, map[string]error{}
	for name := range checks {
		pending[name] = errNoAnswer
	}
	settle([]v1alpha1.SecretSync{named("done"), named("failed"), named("waiting"), named("stranger")}, checks, pending, failed)

	if len(failed) != 1 || !errors.Is(failed["n/failed"], errBoom) {
		t.Errorf("want the one failure, got %v", failed)
	}
	if len(pending) != 2 || !errors.Is(pending["n/waiting"], errNoAnswer) || !errors.Is(pending["n/gone"], errNoAnswer) {
		t.Errorf("want waiting and gone to be pending, got %v", pending)
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
