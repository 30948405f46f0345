// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/secretsync/secretsync/test/bench/measure"
)

// rounds is how often the operator runs; beside each the raw program does.
const rounds = 3

// comparison is of the operator with the raw program, in one world. A machine is faster at
// one time than at another, so the two take turns and medians are compared.
type comparison struct {
	suite   *suite
	world   *world
	limit   *limiter
	objects int
	fleets  int // used so far

	own  []pace
	raw  map[int][]pace // by the number of goroutines
	last synced         // the operator's last run
}

// next returns a fleet that was not used.
func (c *comparison) next() fleet {
	c.fleets++
	return newFleet(string(rune('a'+c.fleets)), c.objects, syncInterval)
}

// play finds the numbers of goroutines that are best, and has the operator and the raw
// program with them take turns.
func (c *comparison) play(ctx context.Context) error {
	c.raw = map[int][]pace{}
	for _, goroutines := range []int{8, 16, 32, 64} {
		if err := c.playRaw(ctx, goroutines); err != nil {
			return err
		}
	}
	served, told := c.best()
	for round := range rounds {
		if err := c.playOwn(ctx); err != nil {
			return err
		}
		if round == rounds-1 {
			break
		}
		if err := c.playRaw(ctx, served); err != nil {
			return err
		}
		if told == served {
			continue
		}
		if err := c.playRaw(ctx, told); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) playRaw(ctx context.Context, goroutines int) error {
	p, err := c.limit.run(ctx, c.next(), goroutines, true)
	c.raw[goroutines] = append(c.raw[goroutines], p)
	return err
}

func (c *comparison) playOwn(ctx context.Context) (err error) {
	if c.last, err = c.world.syncOnce(ctx, c.next()); err != nil {
		return err
	}
	p := c.last.pace(c.objects)
	c.own = append(c.own, p)
	say("  operator: %.0f/s served, %.0f/s with statuses, %d of them before the last Secret; CPU per object %s",
		p.served, p.told, c.last.early, c.last.costs.per(c.objects))
	return nil
}

// best returns the numbers of goroutines with which the raw program served and told the
// fastest.
func (c *comparison) best() (served, told int) {
	for goroutines, paces := range c.raw {
		if served == 0 || paces[0].served > c.raw[served][0].served {
			served = goroutines
		}
		if told == 0 || paces[0].told > c.raw[told][0].told {
			told = goroutines
		}
	}
	return served, told
}

func (c *comparison) judge() {
	servedBy, toldBy := c.best()
	row := func(until string, goroutines int, of func(pace) float64) {
		own, raw := median(c.own, of), median(c.raw[goroutines], of)
		c.suite.add(measure.Row{
			What:     fmt.Sprintf("first sync of %d objects, until the last %s", c.objects, until),
			Measured: fmt.Sprintf("%.0f/s", own), Limit: fmt.Sprintf("%.0f/s (%d goroutines)", raw, goroutines),
			Ratio: fmt.Sprintf("%.2f", own/raw), Target: fmt.Sprintf(">= %.2f", syncTarget),
			Verdict: measure.Judge(own/raw >= syncTarget),
		})
	}
	row("Secret is served", servedBy, func(p pace) float64 { return p.served })
	row("status is written", toldBy, func(p pace) float64 { return p.told })
}

// note tells where the time went.
func (c *comparison) note() {
	_, toldBy := c.best()
	last := c.raw[toldBy][len(c.raw[toldBy])-1]
	s, n := c.suite, c.objects
	s.note("%d objects: from the operator's start to its first read %s, %.2f s of its CPU",
		n, c.last.begun.Sub(c.last.started).Round(time.Millisecond), c.last.startCPU.Seconds())
	s.note("%d objects, CPU per object: with the operator %s; with the raw program just before %s, which is %.2f of it", n,
		c.last.costs.per(n), last.costs.per(n), last.costs.all().Seconds()/c.last.costs.all().Seconds())
	s.note("requests for %d objects: the operator %s, and %d reads of entries; the raw program %s, and %d reads",
		n, measure.TallyOf(c.last.calls), len(c.last.reads), c.limit.requests(n), n)
}

func median(paces []pace, of func(pace) float64) float64 {
	values := make([]float64, len(paces))
	for i, p := range paces {
		values[i] = of(p)
	}
	return measure.Median(values)
}
