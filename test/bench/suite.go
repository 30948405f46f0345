// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/bench/raw"
)

// scenario measures one property.
type scenario struct {
	name string
	play func(context.Context, *suite) error
}

// scenarios is the one list of what is measured, in the order of the table.
func scenarios() []scenario {
	return []scenario{
		{"sync", firstSync},
		{"rest", atRest},
		{"memory", memory},
		{"fanout", fanOut},
		{"clusterfanout", clusterFanOut},
		{"change", change},
		{"rollback", rollBack},
		{"restarts", restarts},
		{"install", install},
		{"failover", failOver},
		{"infisical", readInfisical},
		{"templates", templates},
	}
}

func names() []string {
	var all []string
	for _, s := range scenarios() {
		all = append(all, s.name)
	}
	return all
}

func find(name string) *scenario {
	for _, s := range scenarios() {
		if s.name == name {
			return &s
		}
	}
	return nil
}

// suite is one run of the benchmark: what its scenarios share, and what they found.
type suite struct {
	settings

	dir    string
	binary string
	first  *raw.Script // what the operator asks of the API server for a new object
	rows   []measure.Row
	notes  []string
}

func bench(ctx context.Context, args []string) (err error) {
	s := &suite{}
	if s.settings, err = parse(args); err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("", "secretsync-bench-"); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.dir)) }()
	log.SetLogger(logr.Discard())
	say("%s", machine())
	if err := s.build(ctx); err != nil {
		return err
	}
	begin := time.Now()
	for _, scenario := range scenarios() {
		if len(s.only) > 0 && !slices.Contains(s.only, scenario.name) {
			continue
		}
		say("\n== %s (at %s, load %s)", scenario.name, time.Since(begin).Round(time.Second), load())
		if err := scenario.play(ctx, s); err != nil {
			return fmt.Errorf("scenario %s: %w", scenario.name, err)
		}
	}
	s.print(time.Since(begin))
	return nil
}

// add puts a row into the table.
func (s *suite) add(row measure.Row) {
	say("  %s: %s (limit %s, ratio %s, target %s) %s", row.What, row.Measured, row.Limit, row.Ratio, row.Target, row.Verdict)
	s.rows = append(s.rows, row)
}

// note puts a line below the table.
func (s *suite) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	say("  %s", text)
	s.notes = append(s.notes, text)
}

func (s *suite) print(took time.Duration) {
	say("\n%s; %s\n\n%s", machine(), took.Round(time.Second), measure.Markdown(s.rows))
	for _, note := range s.notes {
		say("- %s", note)
	}
}

// sizes returns the numbers of objects to measure with.
func (s *suite) sizes(own ...int) []int {
	if s.objects > 0 {
		return []int{s.objects}
	}
	return own
}

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }
