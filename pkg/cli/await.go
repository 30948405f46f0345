// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// How often the answer is looked for: of one object, and of many by a list.
const (
	pollOne  = 200 * time.Millisecond
	pollMany = time.Second
)

// errNoAnswer is in the chain of the error about an operator that did not answer in time.
var errNoAnswer = errors.New("no answer from the operator in time")

// check looks for the operator's answer in an object: done, or an error that says why not.
type check func(sync *v1alpha1.SecretSync) (done bool, err error)

// await looks at a scope until every check is done, or the time is over. It returns the
// error of each that did not end well, by namespace/name.
func (s *session) await(ctx context.Context, in scope, timeout time.Duration, checks map[string]check) map[string]error {
	pending := make(map[string]error, len(checks))
	for name := range checks {
		pending[name] = errNoAnswer
	}
	failed := map[string]error{}
	interval := pollMany
	if in.name != "" {
		interval = pollOne
	}
	look := func(ctx context.Context) (bool, error) {
		syncs, err := s.find(ctx, in)
		if err != nil {
			return false, fatal(err)
		}
		settle(syncs, checks, pending, failed)
		return len(pending) == 0, nil
	}
	if err := wait.PollUntilContextTimeout(ctx, interval, timeout, true, look); err != nil {
		for name, reason := range pending {
			failed[name] = fmt.Errorf("%w; the request stands: see `kubectl secretsync status`", reason)
			if !wait.Interrupted(err) {
				failed[name] = err
			}
		}
	}
	return failed
}

// fatal lets pass what may be better at the next look.
func fatal(err error) error {
	if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) || apierrors.IsUnauthorized(err) {
		return err
	}
	return nil
}

// settle moves what is decided out of pending, and notes of the rest what its status says.
func settle(syncs []v1alpha1.SecretSync, checks map[string]check, pending, failed map[string]error) {
	for i := range syncs {
		sync := &syncs[i]
		if _, waiting := pending[key(sync)]; !waiting {
			continue
		}
		done, err := checks[key(sync)](sync)
		switch {
		case err != nil:
			failed[key(sync)] = err
			delete(pending, key(sync))
		case done:
			delete(pending, key(sync))
		default:
			pending[key(sync)] = fmt.Errorf("%w%s", errNoAnswer, readiness(sync))
		}
	}
}

// readiness says why a SecretSync is not ready, or rests; nothing if it simply serves.
func readiness(sync *v1alpha1.SecretSync) string {
	ready := meta.FindStatusCondition(sync.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return " (its status is empty: is the operator running?)"
	}
	if ready.Reason == "Serving" {
		return ""
	}
	return fmt.Sprintf(" (%s: %s)", ready.Reason, ready.Message)
}
