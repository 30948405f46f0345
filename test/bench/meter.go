// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// meter looks again and again at what a client and the servers have used, for moments that are
// known only later.
type meter struct {
	stop  context.CancelFunc
	group errgroup.Group
	looks []usage
}

// usage is what was used until a moment.
type usage struct {
	at   time.Time
	used costs
}

// meter begins to look.
func (w *world) meter(ctx context.Context, client int) *meter {
	ctx, stop := context.WithCancel(ctx)
	m := &meter{stop: stop}
	m.group.Go(func() error {
		ticks := time.NewTicker(follow)
		defer ticks.Stop()
		for {
			used, err := w.costs(client)
			if err != nil {
				return err
			}
			m.looks = append(m.looks, usage{time.Now(), used})
			select {
			case <-ctx.Done():
				return nil
			case <-ticks.C:
			}
		}
	})
	return m
}

// until ends the looking and returns what was used from its begin to the first look after a moment.
func (m *meter) until(at time.Time) (costs, error) {
	m.stop()
	if err := m.group.Wait(); err != nil {
		return costs{}, err
	}
	for _, look := range m.looks {
		if look.at.After(at) {
			return look.used.since(m.looks[0].used), nil
		}
	}
	return m.looks[len(m.looks)-1].used.since(m.looks[0].used), nil
}
