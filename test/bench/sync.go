// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/bench/raw"
	"github.com/secretsync/secretsync/test/cluster"
)

const (
	// warmUp is how many objects the raw program replays before anything counts, so that
	// the servers are as warm for the first run as for the last.
	warmUp = 300
	// age of the objects when the operator starts: they are old, as in life.
	age = 6 * time.Second
	// syncInterval is long, so that no entry is read twice: what polling costs is measured
	// at rest.
	syncInterval = time.Hour
	// syncTarget is the least share of the raw limit.
	syncTarget = 0.85
)

// firstSync measures how fast objects that exist before the operator are served.
func firstSync(ctx context.Context, s *suite) error {
	script, err := s.script(ctx)
	if err != nil {
		return err
	}
	for _, n := range s.sizes(1000, 3000) {
		if err := s.firstSyncOf(ctx, n, script); err != nil {
			return err
		}
	}
	return nil
}

func (s *suite) firstSyncOf(ctx context.Context, n int, script raw.Script) (err error) {
	w, err := s.newWorld(ctx, cluster.AuditMetadata)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	if err := w.seed(ctx, newFleet("a", max(n, warmUp), syncInterval)); err != nil {
		return err
	}
	limit, err := w.newLimiter(ctx, script)
	if err != nil {
		return err
	}
	if _, err := limit.run(ctx, newFleet("a", warmUp, syncInterval), 16, true); err != nil {
		return err
	}
	// The operator runs in the middle, lest warmer or fuller servers favour one of the two.
	var limits []pace
	var measured synced
	for i, goroutines := range []int{8, 16, 0, 32, 64} {
		f := newFleet(string(rune('b'+i)), n, syncInterval)
		if goroutines == 0 {
			if measured, err = w.syncOnce(ctx, f); err != nil {
				return err
			}
			continue
		}
		p, err := limit.run(ctx, f, goroutines, true)
		if err != nil {
			return err
		}
		limits = append(limits, p)
	}
	s.judgeSync(n, measured, limits)
	s.note("requests for %d objects: the operator %s, and %d reads of entries; the raw program %s, and %d reads",
		n, measure.TallyOf(measured.calls), len(measured.reads), limit.requests(n), n)
	return nil
}

// syncOnce lets the operator serve a fleet, and removes both.
func (w *world) syncOnce(ctx context.Context, f fleet) (synced, error) {
	if _, err := w.declare(ctx, f); err != nil {
		return synced{}, err
	}
	if err := pause(ctx, age); err != nil {
		return synced{}, err
	}
	result, err := w.sync(ctx, f)
	if err != nil {
		return synced{}, err
	}
	return result, errors.Join(w.stopOperator(ctx), w.clear(ctx, f))
}

func (s *suite) judgeSync(n int, measured synced, limits []pace) {
	p := paceOf(n, measured.served.Sub(measured.begun), measured.told.Sub(measured.begun))
	served, told := best(limits)
	row := func(until string, measured, limit float64, goroutines int) {
		s.add(measure.Row{
			What:     fmt.Sprintf("first sync of %d objects, until the last %s", n, until),
			Measured: fmt.Sprintf("%.0f/s", measured), Limit: fmt.Sprintf("%.0f/s (%d goroutines)", limit, goroutines),
			Ratio: fmt.Sprintf("%.2f", measured/limit), Target: fmt.Sprintf(">= %.2f", syncTarget),
			Verdict: measure.Judge(measured/limit >= syncTarget),
		})
	}
	row("Secret is served", p.served, served.served, served.goroutines)
	row("status is written", p.told, told.told, told.goroutines)
	s.note("%d objects: from the operator's start to its first read %s, %.2f s of its CPU",
		n, measured.begun.Sub(measured.started).Round(time.Millisecond), measured.startCPU.Seconds())
	s.note("%d objects, CPU per object: with the operator %s; with the raw program %s, which is %.2f of it", n,
		measured.costs.per(n), told.costs.per(n), told.costs.all().Seconds()/measured.costs.all().Seconds())
}
