// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/cluster/process"
)

const (
	// restTarget is the most CPU at rest, in that of a bare loop of the same reads.
	restTarget = 1.5
	// loopLogin is the display name of the bare loop's token in Vault.
	loopLogin = "token-" + loopToken
	loopToken = "loop"
)

// atRest measures what objects cost that do not change, beside a bare loop that makes the
// same reads at the same time.
func atRest(ctx context.Context, s *suite) (err error) {
	n := s.sizes(1000)[0]
	w, err := s.newWorld(ctx, cluster.AuditMetadata)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	f := newFleet("a", n, s.interval)
	if err := w.syncNew(ctx, f); err != nil {
		return err
	}
	bare, err := w.startLoop(ctx, f)
	if err != nil {
		return err
	}
	defer bare.Kill()
	rest, err := w.rest(ctx, f, s.intervals, bare.PID())
	if err != nil {
		return err
	}
	s.judgeRest(fmt.Sprintf("at rest, %d objects at %s over %d intervals", n, s.interval, s.intervals), rest)
	share := func(cpu time.Duration) float64 { return 100 * cpu.Seconds() / rest.window.Seconds() }
	ratio := rest.cpu.Seconds() / rest.bareCPU.Seconds()
	s.add(measure.Row{
		What: "the same, CPU", Measured: fmt.Sprintf("%.2f %% of a core", share(rest.cpu)),
		Limit: fmt.Sprintf("%.2f %% (bare loop)", share(rest.bareCPU)), Ratio: fmt.Sprintf("%.2f", ratio),
		Target: fmt.Sprintf("<= %.1f", restTarget), Verdict: measure.Judge(ratio <= restTarget),
	})
	s.note("at rest the operator made %d reads of entries, the bare loop %d", rest.reads, rest.bareReads)
	return nil
}

// syncNew seeds and declares fleets and has the operator serve them.
func (w *world) syncNew(ctx context.Context, fleets ...fleet) error {
	for _, f := range fleets {
		if err := w.seed(ctx, f); err != nil {
			return err
		}
		if _, err := w.declare(ctx, f); err != nil {
			return err
		}
	}
	_, err := w.sync(ctx, fleets...)
	return err
}

// startLoop starts the bare loop over the entries of a fleet.
func (w *world) startLoop(ctx context.Context, f fleet) (*process.Process, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	token, err := w.token(ctx, loopToken)
	if err != nil {
		return nil, err
	}
	ca := filepath.Join(w.cluster.Dir(), "vault-ca.crt")
	if err := os.WriteFile(ca, w.vault.CA(), 0o600); err != nil {
		return nil, fmt.Errorf("writing Vault's authority: %w", err)
	}
	bare := process.New(process.Options{
		Name: "the bare loop", Path: executable, LogFile: filepath.Join(w.cluster.Dir(), "loop.log"),
		Args: []string{
			loopCommand, "-address", w.vault.Address(), "-ca", ca,
			"-objects", fmt.Sprint(f.objects), "-interval", f.interval.String(),
		},
		Env: []string{loopTokenEnv + "=" + token},
	})
	if err := bare.Start(ctx); err != nil {
		return nil, err
	}
	return bare, nil
}

// resting is what was seen during a time without changes.
type resting struct {
	window time.Duration
	// requests that an operator with nothing to do should not make.
	requests []measure.Call
	// fewest and most reads of one entry, and reads of all.
	fewest, most, reads, bareReads int
	// expected reads of one entry.
	expected int
	// cpu of the operator and of the bare loop.
	cpu, bareCPU time.Duration
}

// rest watches the operator for a number of the fleet's intervals, after one to settle. A
// process beside it is watched too, unless its id is zero.
func (w *world) rest(ctx context.Context, f fleet, intervals, beside int) (resting, error) {
	r := resting{expected: intervals, window: time.Duration(intervals) * f.interval}
	if err := pause(ctx, f.interval); err != nil {
		return r, err
	}
	if err := w.skipLogs(); err != nil {
		return r, err
	}
	begin := time.Now()
	cpu, bareCPU, err := w.cpu(beside)
	if err != nil {
		return r, err
	}
	if err := pause(ctx, r.window); err != nil {
		return r, err
	}
	r.cpu, r.bareCPU, err = w.cpu(beside)
	if err != nil {
		return r, err
	}
	r.cpu, r.bareCPU = r.cpu-cpu, r.bareCPU-bareCPU
	err = w.tally(&r, f, begin, begin.Add(r.window))
	return r, err
}

// tally counts what the logs tell of the time between begin and end.
func (w *world) tally(r *resting, f fleet, begin, end time.Time) error {
	events, err := w.calls.Read()
	if err != nil {
		return err
	}
	within := func(t time.Time) bool { return !t.Before(begin) && t.Before(end) }
	for _, call := range measure.Calls(events, operatorAgent) {
		if within(call.Received) && !call.AtRest() {
			r.requests = append(r.requests, call)
		}
	}
	entries, err := w.reads.Read()
	if err != nil {
		return err
	}
	perPath := map[string]int{}
	for _, e := range entryReads(entries, operatorLogin) {
		if within(e.Time) {
			perPath[e.Request.Path]++
			r.reads++
		}
	}
	for _, e := range entryReads(entries, loopLogin) {
		if within(e.Time) {
			r.bareReads++
		}
	}
	for i, path := range f.paths() {
		count := perPath[mount+"/data/"+path]
		if i == 0 {
			r.fewest = count
		}
		r.fewest, r.most = min(r.fewest, count), max(r.most, count)
	}
	return nil
}

// cpu returns what the operator and the process beside it have used.
func (w *world) cpu(beside int) (operator, other time.Duration, err error) {
	if operator, err = measure.CPU(w.operator.PID()); err != nil || beside == 0 {
		return operator, 0, err
	}
	other, err = measure.CPU(beside)
	return operator, other, err
}

// pause waits.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("pausing: %w", ctx.Err())
	}
}

// judgeRest adds the rows about requests and reads of Vault.
func (s *suite) judgeRest(what string, r resting) {
	s.judgeRequests(what, r)
	s.add(measure.Row{
		What: "the same, Vault reads per path", Measured: fmt.Sprintf("%d to %d", r.fewest, r.most),
		Target:  fmt.Sprintf("%d ± 1", r.expected),
		Verdict: measure.Judge(r.fewest >= r.expected-1 && r.most <= r.expected+1),
	})
}

// judgeRequests adds the row about requests to the API server.
func (s *suite) judgeRequests(what string, r resting) {
	s.add(measure.Row{
		What: what + ": requests to the API server", Measured: fmt.Sprint(len(r.requests)),
		Target: "0", Verdict: measure.Judge(len(r.requests) == 0),
	})
	if len(r.requests) > 0 {
		s.note("%s the operator asked of the API server: %s", what, measure.TallyOf(r.requests))
	}
}
