// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
)

// hidden returns which of the revisions have a Secret though the status does not list them, as
// one that does not verify. Its error says why that could not be seen of all.
func (s *session) hidden(ctx context.Context, sync *v1alpha1.SecretSync, unlisted []int64) ([]int64, error) {
	var found []int64
	var unseen error
	for _, n := range unlisted {
		gone, err := s.gone(ctx, sync, n)
		switch {
		case err != nil:
			unseen = err
		case !gone:
			found = append(found, n)
		}
	}
	return found, unseen
}

// gone reports whether no Secret keeps a revision.
func (s *session) gone(ctx context.Context, sync *v1alpha1.SecretSync, number int64) (bool, error) {
	secret, err := s.secret(ctx, sync.Namespace, revisionName(sync, number))
	switch {
	case apierrors.IsNotFound(err):
		return true, nil
	case err != nil:
		return false, err
	default:
		return secret.Type != v1alpha1.SecretTypeRevision, nil
	}
}

// deletion is what is seen of revisions on their way out.
type deletion struct {
	// there are the Secrets that were still there at the last look.
	there []string
	// unseen is why it could not be looked for them; nil if it could.
	unseen error
}

// awaitForgotten waits until the status does not list the revisions and, as far as that can
// be looked for, their Secrets are gone: what leaked must not be called forgotten before.
func (s *session) awaitForgotten(ctx context.Context, f *forgetFlags, sync *v1alpha1.SecretSync, numbers []int64) error {
	var seen deletion
	err := s.awaitOne(ctx, sync, f.timeout, func(now *v1alpha1.SecretSync) (bool, error) {
		if refused := refusedToForget(sync, now, numbers); refused != nil {
			return false, refused
		}
		kept := timeline.Numbers(&now.Status)
		if slices.ContainsFunc(numbers, func(n int64) bool { return slices.Contains(kept, n) }) {
			return false, nil
		}
		seen = s.deletion(ctx, sync, numbers)
		return len(seen.there) == 0 && (seen.unseen == nil || apierrors.IsForbidden(seen.unseen)), nil
	})
	if unanswered(err) && len(seen.there) > 0 {
		return fmt.Errorf("%w; still there: Secret %s", err, strings.Join(seen.there, ", "))
	}
	if err != nil {
		return err
	}
	outcome := "forgot " + revisionsText(numbers)
	if seen.unseen != nil {
		outcome = fmt.Sprintf("the status does not list %s any more; that the Secrets are gone could not be checked: %v",
			revisionsText(numbers), seen.unseen)
	}
	s.say("%s: %s", key(sync), outcome)
	return nil
}

func (s *session) deletion(ctx context.Context, sync *v1alpha1.SecretSync, numbers []int64) deletion {
	var seen deletion
	for _, n := range numbers {
		gone, err := s.gone(ctx, sync, n)
		switch {
		case err != nil:
			seen.unseen = err
		case !gone:
			seen.there = append(seen.there, revisionName(sync, n))
		}
	}
	return seen
}

// errNotForgotten is in the chain of the error about a request to forget that was refused.
var errNotForgotten = errors.New("the operator does not forget them")

// refusedToForget returns an error if the operator says that it keeps a revision. What it said
// before it was asked is about something else, unless the same was asked already.
func refusedToForget(before, now *v1alpha1.SecretSync, numbers []int64) error {
	said := func(sync *v1alpha1.SecretSync) *metav1.Condition {
		return meta.FindStatusCondition(sync.Status.Conditions, v1alpha1.ConditionHistoryDegraded)
	}
	condition := said(now)
	if condition == nil || condition.Reason != "ForgetRefused" && condition.Reason != "InvalidForget" {
		return nil
	}
	again := before.Annotations[v1alpha1.AnnotationForget] == toForget(before, numbers)
	if !again && equality.Semantic.DeepEqual(said(before), condition) {
		return nil
	}
	return fmt.Errorf("%w (%s): %s; the request stands", errNotForgotten, condition.Reason, condition.Message)
}
