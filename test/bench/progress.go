// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/cluster"
)

// synced is what the audit logs tell of a first sync.
type synced struct {
	// started is when the operator was; begun its first read of an entry; served its last
	// creation of a target; told its last status of a served object.
	started, begun, served, told time.Time
	// early is how many statuses were written before the last target was created.
	early int
	// calls are the operator's requests to the API server, reads those of Vault's entries.
	calls []measure.Call
	reads []cluster.VaultAuditEntry
	// startCPU is what the operator used until it was ready, costs what everybody used from
	// then to the end.
	startCPU time.Duration
	costs    costs
}

// pace is how fast n objects were worked off.
func (s synced) pace(n int) pace { return paceOf(n, s.served.Sub(s.begun), s.told.Sub(s.begun)) }

// statusMark is in every line of the audit log about a status.
const statusMark = `"subresource":"status"`

// sync starts the operator and waits until every object of the fleets is served and
// said to be.
func (w *world) sync(ctx context.Context, fleets ...fleet) (synced, error) {
	var s synced
	objects := 0
	for _, f := range fleets {
		objects += f.objects
	}
	if err := w.skipLogs(); err != nil {
		return s, err
	}
	s.started = time.Now()
	if err := w.operator.Start(ctx); err != nil {
		return s, err
	}
	before, err := w.costs(w.operator.PID())
	if err != nil {
		return s, err
	}
	if err := w.calls.AwaitText(ctx, follow, statusMark, objects); err != nil {
		return s, err
	}
	after, err := w.costs(w.operator.PID())
	if err != nil {
		return s, err
	}
	s.startCPU, s.costs = before.client, after.since(before)
	served, told := map[client.ObjectKey]time.Time{}, map[client.ObjectKey]time.Time{}
	err = w.calls.Await(ctx, follow, func(events []cluster.AuditEvent) bool {
		calls := measure.Calls(events, operatorAgent)
		s.calls = append(s.calls, calls...)
		for _, call := range calls {
			note(call, served, told)
		}
		return len(told) == objects
	})
	if err != nil {
		return s, err
	}
	s.served, s.told = latest(served), latest(told)
	for _, at := range told {
		if at.Before(s.served) {
			s.early++
		}
	}
	entries, err := w.reads.Read()
	if err != nil {
		return s, err
	}
	s.reads = entryReads(entries, operatorLogin)
	s.begun = s.started
	if len(s.reads) > 0 {
		s.begun = s.reads[0].Time
	}
	return s, nil
}

// note takes one request into account: a target that was created, or the first status of
// an object after that.
func note(call measure.Call, served, told map[client.ObjectKey]time.Time) {
	key := client.ObjectKey{Namespace: call.Namespace, Name: call.Name}
	switch {
	case call.Code >= 300:
	case isTarget(call) && call.Verb == "create":
		served[key] = call.Answered
	case call.Resource == "secretsyncs/status" && !served[key].IsZero() && told[key].IsZero():
		told[key] = call.Answered
	}
}

// isTarget reports whether a request is about a target, not a revision.
func isTarget(call measure.Call) bool {
	return call.Resource == "secrets" && !strings.Contains(call.Name, ".")
}

func latest(times map[client.ObjectKey]time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// skipLogs forgets what was logged until now.
func (w *world) skipLogs() error {
	if err := w.calls.SkipToEnd(); err != nil {
		return err
	}
	return w.reads.SkipToEnd()
}

// entryReads returns the reads of entries under one login.
func entryReads(entries []cluster.VaultAuditEntry, login string) []cluster.VaultAuditEntry {
	var reads []cluster.VaultAuditEntry
	for i := range entries {
		e := &entries[i]
		if e.Type == "request" && e.Request.Operation == "read" && e.Auth.DisplayName == login &&
			strings.HasPrefix(e.Request.Path, mount+"/data/") {
			reads = append(reads, *e)
		}
	}
	return reads
}

// operatorLogin is the display name of the operator's login in Vault.
const operatorLogin = "approle"
