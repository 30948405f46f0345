// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
)

// TestSettle: values that are given back must have become something, or be read again.
func TestSettle(t *testing.T) {
	rejected := fault.New(fault.Rejected, "Forbidden", "refused")
	cases := map[string]struct {
		reason  string
		decided bool
		record  int64
		err     error
		again   bool
	}{
		"Served":        {decided: true, record: 4},
		"Unchanged":     {decided: true},
		"NotRecorded":   {reason: "the API server refuses the revision", decided: true, record: 4, err: rejected, again: true},
		"NotDecided":    {reason: "the API server refuses a read before anything is decided", err: rejected, again: true},
		"NotWritten":    {reason: "it is recorded, and served from there", decided: true, err: rejected},
		"ConflictFirst": {reason: "the values are not given back", err: fault.New(fault.Conflict, "Conflict", "quicker")},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r := &Reconciler{
				Options: Options{Poller: poll.New(poll.Options{Wake: func(types.NamespacedName) {}})}, memory: newMemory(now()),
			}
			u := newRun(func(u *run) {
				u.snapshot, u.content, u.serveErr = &poll.Snapshot{}, &render.Content{}, tc.err
				u.decision, u.decided = revision.Decision{Record: tc.record, Serve: 4}, tc.decided
			})
			r.settle(u)
			if got := r.memory.of(u.key).unrecorded != nil; got != tc.again {
				t.Errorf("read again: %t, want %t: %s", got, tc.again, tc.reason)
			}
		})
	}
}
