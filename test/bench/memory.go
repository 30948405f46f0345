// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/cluster"
)

const (
	// foreignSecrets of foreignBytes each lie beside the fleet.
	foreignSecrets = 2000
	foreignBytes   = 100 << 10
	// foreignTarget is the greatest share by which they may change the memory.
	foreignTarget = 0.10
	// manyInterval is the interval of a fleet that is there for its size: the default one.
	manyInterval = time.Minute
)

// memoryTargets are the greatest peaks, in MiB, by the number of objects.
func memoryTargets() map[int]int64 { return map[int]int64{1000: 40, 10000: 110} }

// memory measures the peak of resident anonymous memory from the operator's start over its
// first list and first sync into its rest, and again when it starts with everything in
// place.
func memory(ctx context.Context, s *suite) error {
	for _, n := range s.sizes(1000, 10000) {
		first, again, err := s.peaks(ctx, n, 0)
		if err != nil {
			return err
		}
		s.judgePeak(fmt.Sprintf("peak RssAnon, %d objects, first list and first sync", n), n, first)
		s.judgePeak(fmt.Sprintf("the same %d objects, restarted", n), n, again)
		if n != s.sizes(1000)[0] {
			continue
		}
		beside, _, err := s.peaks(ctx, n, foreignSecrets)
		if err != nil {
			return err
		}
		s.judgeForeign(n, first, beside)
	}
	return nil
}

func (s *suite) judgePeak(what string, n int, peak int64) {
	row := measure.Row{What: what, Measured: mib(peak)}
	if target := memoryTargets()[n]; target > 0 {
		row.Target, row.Verdict = fmt.Sprintf("<= %d MiB", target), measure.Judge(peak <= target<<20)
	}
	s.add(row)
}

func (s *suite) judgeForeign(n int, without, with int64) {
	ratio := float64(with) / float64(without)
	s.add(measure.Row{
		What:     fmt.Sprintf("peak RssAnon, %d objects beside %d foreign Secrets of %d KiB", n, foreignSecrets, foreignBytes>>10),
		Measured: mib(with), Limit: mib(without) + " (without them)", Ratio: fmt.Sprintf("%.2f", ratio),
		Target:  fmt.Sprintf("<= %.2f", 1+foreignTarget),
		Verdict: measure.Judge(ratio <= 1+foreignTarget),
	})
}

func mib(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

// peaks returns the greatest memory of a first start and of a second.
func (s *suite) peaks(ctx context.Context, n, foreign int) (first, again int64, err error) {
	w, err := s.newWorld(ctx, cluster.AuditMetadata)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	f := newFleet("a", n, manyInterval)
	if err := w.seed(ctx, f); err != nil {
		return 0, 0, err
	}
	if _, err := w.declare(ctx, f); err != nil {
		return 0, 0, err
	}
	if err := w.litter(ctx, foreign); err != nil {
		return 0, 0, err
	}
	first, err = w.peak(ctx, func() error {
		_, err := w.sync(ctx, f)
		return errors.Join(err, pause(ctx, s.interval))
	})
	if err != nil || foreign > 0 {
		return first, 0, err
	}
	if err := w.stopOperator(ctx); err != nil {
		return 0, 0, err
	}
	again, err = w.peak(ctx, func() error {
		return errors.Join(w.operator.Start(ctx), pause(ctx, manyInterval/2))
	})
	return first, again, err
}

// peak watches the memory of the operator, which act starts, until act returns.
func (w *world) peak(ctx context.Context, act func() error) (int64, error) {
	before := w.operator.PID()
	watching, stop := context.WithCancel(ctx)
	peak := make(chan int64, 1)
	go func() {
		for w.operator.PID() == before && watching.Err() == nil {
			_ = pause(watching, time.Millisecond)
		}
		peak <- measure.Peak(watching, w.operator.PID())
	}()
	err := act()
	stop()
	return <-peak, err
}

// litter creates Secrets that are nobody's business.
func (w *world) litter(ctx context.Context, n int) error {
	if n == 0 {
		return nil
	}
	const namespace = "foreign"
	if err := w.client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
		return fmt.Errorf("creating a namespace: %w", err)
	}
	err := each(ctx, n, func(ctx context.Context, i int) error {
		return w.client.Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("foreign-%05d", i)},
			Data:       map[string][]byte{"blob": make([]byte, foreignBytes)},
		})
	})
	if err != nil {
		return fmt.Errorf("creating foreign Secrets: %w", err)
	}
	return nil
}
