// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
)

// errRefused is in the chain of the error about what the operator does not do.
var errRefused = errors.New("the operator refuses")

// errDrifted is in the chain of the error about a Secret that is not as the status would have it.
var errDrifted = errors.New("the Secret is not as it should be")

// firstAnswer is how long an operator that works takes at most to answer an annotation. One
// that was not answered by then is told of, and waited for no longer.
const firstAnswer = 5 * time.Second

// settled returns the SecretSyncs of a scope. Where the command waits anyway, it first waits a
// moment for the answers to what was asked before, so that the plan is not made of a status
// that is about to change.
func (s *session) settled(ctx context.Context, in scope, f moveFlags, waits func(*v1alpha1.SecretSync) bool) ([]v1alpha1.SecretSync, error) {
	syncs, err := s.find(ctx, in)
	if err != nil || f.dryRun || !f.waits() {
		return syncs, err
	}
	checks := map[types.NamespacedName]check{}
	for i := range syncs {
		if waits(&syncs[i]) && !timeline.Settled(&syncs[i]) {
			checks[id(&syncs[i])] = func(now *v1alpha1.SecretSync) (bool, error) { return timeline.Settled(now), nil }
		}
	}
	if len(checks) == 0 {
		return syncs, nil
	}
	_ = s.await(ctx, min(f.timeout, firstAnswer), checks) // what has no answer is told in the plan
	return s.find(ctx, in)
}

// answered looks whether the operator has done what the move asks for.
func (m *move) answered(now *v1alpha1.SecretSync) (bool, error) {
	if text := now.Annotations[v1alpha1.AnnotationRollbackTo]; text != m.request() {
		return false, fmt.Errorf("%w: %s is %q by now", errChanged, v1alpha1.AnnotationRollbackTo, text)
	}
	if m.done(&now.Status) {
		return true, drifted(now)
	}
	if refused := m.refusal(now); refused != nil {
		return false, fmt.Errorf("%w (%s): %s; %s", errRefused, refused.Reason, refused.Message, takeBack(now))
	}
	return false, nil
}

// request is the text of the annotation that the move leaves on the object.
func (m *move) request() string {
	if m.release {
		return ""
	}
	return strconv.FormatInt(m.to, 10)
}

// done reports whether a status says that the Secret is as the move wants it. What is followed
// need not be the revision that was the newest when the move was planned, nor one that is kept.
func (m *move) done(status *v1alpha1.SecretSyncStatus) bool {
	held, serving := status.Rollback, status.ServingRevision
	if m.release {
		return held == nil && (serving == timeline.Newest(status) || serving == status.NewestRevision)
	}
	return held != nil && held.Requested == m.request() && held.Revision == m.to && status.ServingRevision == m.to
}

// refusal returns the condition by which the operator refuses this move. One that stood
// there before it was asked is about something else, unless the same was asked already.
func (m *move) refusal(now *v1alpha1.SecretSync) *metav1.Condition {
	condition := meta.FindStatusCondition(now.Status.Conditions, v1alpha1.ConditionRolledBack)
	if condition == nil || condition.Status != metav1.ConditionFalse {
		return nil
	}
	before := meta.FindStatusCondition(m.sync.Status.Conditions, v1alpha1.ConditionRolledBack)
	again := m.request() == m.sync.Annotations[v1alpha1.AnnotationRollbackTo]
	if !again && equality.Semantic.DeepEqual(before, condition) {
		return nil
	}
	return condition
}

// drifted returns an error if the Secret was changed by another hand and is left so, whatever
// revision the status names.
func drifted(now *v1alpha1.SecretSync) error {
	condition := meta.FindStatusCondition(now.Status.Conditions, v1alpha1.ConditionDrifted)
	if condition == nil || condition.Status != metav1.ConditionTrue {
		return nil
	}
	return fmt.Errorf("%w: %s", errDrifted, condition.Message)
}

// takeBack says what a rollback that cannot be done keeps from happening, and how to end that.
func takeBack(sync *v1alpha1.SecretSync) string {
	return fmt.Sprintf("the request stands and nothing newer is served; take it back with: kubectl secretsync follow -n %s %s", sync.Namespace, sync.Name)
}
