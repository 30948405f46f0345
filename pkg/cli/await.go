// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// How often the answer is looked for: of one object, and of each of many.
const (
	pollOne  = 200 * time.Millisecond
	pollMany = time.Second
)

// errNoAnswer is in the chain of the error about an operator that did not answer in time.
var errNoAnswer = errors.New("no answer from the operator in time")

// errInterrupted is in the chain of the error about a wait that was ended by Ctrl-C.
var errInterrupted = errors.New("interrupted while waiting for the operator")

// check looks for the operator's answer in an object: done, or an error that says why not.
type check func(object *v1alpha1.SecretSync) (done bool, err error)

// answers are those that are waited for.
type answers struct {
	checks map[types.NamespacedName]check

	mutex sync.Mutex
	// pending says of each that is not there yet what was seen last; nil is nothing.
	pending map[types.NamespacedName]error
	// failed are those that did not end well, by namespace/name.
	failed map[string]error
}

func newAnswers(checks map[types.NamespacedName]check) *answers {
	a := &answers{checks: checks, pending: map[types.NamespacedName]error{}, failed: map[string]error{}}
	for name := range checks {
		a.pending[name] = errNoAnswer
	}
	return a
}

// await looks at SecretSyncs until every check is done, or the time is over. It returns the
// error of each that did not end well, by namespace/name.
func (s *session) await(ctx context.Context, timeout time.Duration, checks map[types.NamespacedName]check) map[string]error {
	a := newAnswers(checks)
	interval := pollMany
	if len(checks) == 1 {
		interval = pollOne
	}
	look := func(ctx context.Context) (bool, error) {
		s.look(ctx, a)
		return len(a.pending) == 0, nil
	}
	if wait.PollUntilContextTimeout(ctx, interval, timeout, true, look) != nil {
		a.giveUp(ctx.Err() != nil)
	}
	return a.failed
}

// look reads each SecretSync that is still waited for, and no other.
func (s *session) look(ctx context.Context, a *answers) {
	var group errgroup.Group
	group.SetLimit(parallel)
	for _, name := range slices.Collect(maps.Keys(a.pending)) {
		group.Go(func() error {
			object, err := s.read(ctx, name)
			if ctx.Err() == nil { // else it says nothing of the server
				a.settle(name, object, err)
			}
			return nil
		})
	}
	_ = group.Wait() // no function above returns an error
}

// settle takes what was read: an end, good or bad, or why there is none yet. An error of the
// server may pass, unless more looks cannot help.
func (a *answers) settle(name types.NamespacedName, object *v1alpha1.SecretSync, err error) {
	done, seen := false, error(nil)
	switch {
	case err != nil && lasting(err):
	case err != nil:
		seen, err = fmt.Errorf("%w: the last look at it failed: %w", errNoAnswer, err), nil
	default:
		done, err = a.checks[name](object)
		seen = fmt.Errorf("%w%s", errNoAnswer, readiness(object))
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if err != nil {
		a.failed[name.String()] = err
	}
	if done || err != nil {
		delete(a.pending, name)
		return
	}
	a.pending[name] = seen
}

// giveUp makes failures of what is still pending.
func (a *answers) giveUp(interrupted bool) {
	for name, seen := range a.pending {
		if interrupted {
			seen = errInterrupted
		}
		a.failed[name.String()] = seen
	}
}

// unanswered reports whether an error of await leaves open what becomes of the request.
func unanswered(err error) bool { return errors.Is(err, errNoAnswer) || errors.Is(err, errInterrupted) }

// lasting reports whether an error stays at the next look.
func lasting(err error) bool {
	return apierrors.IsForbidden(err) || apierrors.IsNotFound(err) || apierrors.IsUnauthorized(err)
}

// awaitOne waits for the operator's answer about one SecretSync.
func (s *session) awaitOne(ctx context.Context, object *v1alpha1.SecretSync, timeout time.Duration, answered check) error {
	err := s.await(ctx, timeout, map[types.NamespacedName]check{id(object): answered})[key(object)]
	switch {
	case err == nil:
		return nil
	case unanswered(err):
		return fmt.Errorf("%s: %w; %s", key(object), err, stands(object))
	default:
		return fmt.Errorf("%s: %w", key(object), err)
	}
}

// stands says of a request without an answer what becomes of it.
func stands(object *v1alpha1.SecretSync) string {
	return fmt.Sprintf("the request stands: see kubectl secretsync status -n %s %s", object.Namespace, object.Name)
}

// readiness says why a SecretSync is not ready, or rests; nothing if it simply serves.
func readiness(object *v1alpha1.SecretSync) string {
	ready := meta.FindStatusCondition(object.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return " (its status is empty: is the operator running?)"
	}
	if ready.Reason == "Serving" {
		return ""
	}
	return fmt.Sprintf(" (%s: %s)", ready.Reason, ready.Message)
}
