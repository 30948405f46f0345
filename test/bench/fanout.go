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

// fanOut measures many namespaces that read one entry through one ClusterSecretBackend.
func fanOut(ctx context.Context, s *suite) (err error) {
	n := s.sizes(800)[0]
	script, err := s.script(ctx)
	if err != nil {
		return err
	}
	w, err := s.newWorld(ctx, cluster.AuditMetadata)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	f := fleet{letter: "a", objects: n, namespaces: n, interval: s.interval, shared: true}
	limit, err := w.newLimiter(ctx, script)
	if err != nil {
		return err
	}
	if err := w.seed(ctx, f); err != nil {
		return err
	}
	rate, err := limit.writeRate(ctx, n)
	if err != nil {
		return err
	}
	if err := w.syncNew(ctx, f); err != nil {
		return err
	}
	rest, err := w.rest(ctx, f, s.intervals, 0)
	if err != nil {
		return err
	}
	s.judgeRest(fmt.Sprintf("%d namespaces on one path at %s over %d intervals", n, s.interval, s.intervals), rest)
	spread, err := w.spread(ctx, f)
	if err != nil {
		return err
	}
	s.judgeSpread(f, spread, rate)
	return nil
}

// writeRate is how many writes per second the raw program makes: the creations of a first
// sync without reads of entries, at the best number of goroutines.
func (l *limiter) writeRate(ctx context.Context, n int) (float64, error) {
	serve, _ := l.script.Split()
	writes := float64(len(serve.Calls()))
	if _, err := l.run(ctx, newFleet("w", warmUp, time.Minute), 16, false); err != nil {
		return 0, err
	}
	var best float64
	for i, goroutines := range []int{8, 16, 32, 64} {
		p, err := l.run(ctx, newFleet(string(rune('b'+i)), n, time.Minute), goroutines, false)
		if err != nil {
			return 0, err
		}
		best = max(best, p.served*writes)
	}
	return best, nil
}

// spread is how a change of a shared entry reached everybody.
type spread struct {
	// read is from the change to the read that found it; served to the last Secret.
	read, served time.Duration
	// calls of the operator until then, and its reads of the entry where they are counted.
	calls []measure.Call
	reads int
	// costs until the last Secret, where they are looked at.
	costs costs
}

// spread changes the entry that a fleet shares, just after it was read so that the wait is
// the longest, and waits until every Secret has the change.
func (w *world) spread(ctx context.Context, f fleet) (spread, error) {
	var result spread
	if err := w.skipLogs(); err != nil {
		return result, err
	}
	read := func(entries []cluster.VaultAuditEntry) bool { return len(entryReads(entries, operatorLogin)) > 0 }
	if err := w.reads.Await(ctx, follow, read); err != nil {
		return result, err
	}
	if err := w.put(ctx, f.path(0), "second"); err != nil {
		return result, err
	}
	changed := time.Now()
	served := map[client.ObjectKey]time.Time{}
	err := w.calls.Await(ctx, follow, func(events []cluster.AuditEvent) bool {
		for _, call := range measure.Calls(events, operatorAgent) {
			result.calls = append(result.calls, call)
			if isTarget(call) && call.Verb == "update" && call.Code < 300 {
				served[client.ObjectKey{Namespace: call.Namespace, Name: call.Name}] = call.Answered
			}
		}
		return len(served) == f.objects
	})
	if err != nil {
		return result, err
	}
	result.served = latest(served).Sub(changed)
	entries, err := w.reads.Read()
	if err != nil {
		return result, err
	}
	for _, e := range entryReads(entries, operatorLogin) {
		if e.Time.After(changed) {
			result.read = e.Time.Sub(changed)
			break
		}
	}
	return result, nil
}

// servingWrites is how many writes serve a change: the revision and the target.
const servingWrites = 2

func (s *suite) judgeSpread(f fleet, r spread, rate float64) {
	writing := time.Duration(float64(f.objects*servingWrites) / rate * float64(time.Second))
	bound := f.interval + time.Second + writing
	s.add(measure.Row{
		What:     fmt.Sprintf("a change is served in all %d namespaces", f.objects),
		Measured: seconds(r.served), Limit: fmt.Sprintf("%.0f writes/s", rate),
		Ratio:  fmt.Sprintf("%.2f", r.served.Seconds()/bound.Seconds()),
		Target: "<= " + seconds(bound), Verdict: measure.Judge(r.served <= bound),
	})
	s.note("the change was read after %s and served everywhere %s later; until then: %s",
		seconds(r.read), seconds(r.served-r.read), measure.TallyOf(r.calls))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
