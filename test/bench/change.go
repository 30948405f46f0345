// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/cluster"
)

// changing is over how long the entries of a fleet change, one after the other: longer
// than an interval, so that every phase is met.
const changing = 20 * time.Second

// change measures how long a changed value takes to its Secret, and how long the repair of
// a Secret takes that somebody changed. One tenth of the objects is read once an hour: any
// read of theirs during repairs would be caused by one.
func change(ctx context.Context, s *suite) (err error) {
	n := s.sizes(1000)[0]
	w, err := s.newWorld(ctx, cluster.AuditMetadata)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	seldom := newFleet("a", n/10, time.Hour)
	seldom.entries = "seldom"
	often := newFleet("b", n-seldom.objects, s.interval)
	if err := w.syncNew(ctx, often, seldom); err != nil {
		return err
	}
	if err := pause(ctx, s.interval); err != nil {
		return err
	}
	delays, err := w.changeAll(ctx, often)
	if err != nil {
		return err
	}
	bound := s.interval + time.Second
	s.judgeDelays(fmt.Sprintf("a changed value reaches its Secret, %d objects at %s", n, s.interval), delays, bound, 100)
	return s.repairs(ctx, w, seldom, n)
}

// changeAll changes every entry of a fleet and returns how long each took to its Secret,
// counted from Vault's answer to the change to the API server's answer to the update.
func (w *world) changeAll(ctx context.Context, f fleet) ([]time.Duration, error) {
	if err := w.skipLogs(); err != nil {
		return nil, err
	}
	changed := make([]time.Time, f.objects)
	begin := time.Now()
	for i := range f.objects {
		if err := pause(ctx, time.Until(begin.Add(changing*time.Duration(i)/time.Duration(f.objects)))); err != nil {
			return nil, err
		}
		if err := w.put(ctx, f.path(i), "second"); err != nil {
			return nil, err
		}
		changed[i] = time.Now()
	}
	served := map[client.ObjectKey]time.Time{}
	err := w.calls.Await(ctx, follow, func(events []cluster.AuditEvent) bool {
		for _, call := range measure.Calls(events, operatorAgent) {
			if isTarget(call) && call.Verb == "update" && call.Code < 300 {
				served[client.ObjectKey{Namespace: call.Namespace, Name: call.Name}] = call.Answered
			}
		}
		return len(served) == f.objects
	})
	if err != nil {
		return nil, err
	}
	delays := make([]time.Duration, f.objects)
	for i := range delays {
		delays[i] = served[f.key(i)].Sub(changed[i])
	}
	return delays, nil
}

// judgeDelays judges the given percentile against the bound.
func (s *suite) judgeDelays(what string, delays []time.Duration, bound time.Duration, percentile int) {
	judged, name := measure.Percentile(delays, percentile), "max"
	if percentile < 100 {
		name = fmt.Sprintf("p%d", percentile)
	}
	s.add(measure.Row{
		What: what,
		Measured: fmt.Sprintf("p50 %s, p99 %s, max %s", seconds(measure.Percentile(delays, 50)),
			seconds(measure.Percentile(delays, 99)), seconds(measure.Percentile(delays, 100))),
		Target: fmt.Sprintf("%s <= %s", name, seconds(bound)), Verdict: measure.Judge(judged <= bound),
	})
}
