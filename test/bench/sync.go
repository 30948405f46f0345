// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"time"

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
	c := &comparison{suite: s, world: w, limit: limit, objects: n}
	if err := c.play(ctx); err != nil {
		return err
	}
	c.judge()
	c.note()
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
