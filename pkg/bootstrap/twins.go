// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// refuseTwins refuses each value that should differ between the environments and does not, or
// of which nothing tells. What the steps leave at its places counts as well as what is declared.
func (s *session) refuseTwins(values []*plan.Value, steps []transfer.Step) error {
	l, err := s.ledger()
	if err != nil {
		return err
	}
	for _, value := range s.needed(values) {
		if !value.DistinctPerEnvironment || s.values.Want(value.Name).State == transfer.Absent {
			continue
		}
		held := s.held(value, steps, func(step transfer.Step) bool { return step.Action == transfer.Keep })
		var unknown []string
		for _, other := range s.others(value) {
			switch same, compared := s.compare(l, value, other, held); {
			case same:
				s.values.Refuse(value.Name, "it is the same in environment "+other+", or a place of it still is, but distinctPerEnvironment wants another for each")
			case !compared:
				unknown = append(unknown, other)
			case l != nil && !l.Has(l.id(value), other) && !value.From.PerEnvironment():
				fmt.Fprintf(s.ErrOut, "NOTE: value %s: environment %s has left no fingerprint yet; its own run will compare\n", value.Name, other)
			}
		}
		s.doubt(value, unknown)
	}
	return nil
}

// others returns the other environments that have the value, sorted.
func (s *session) others(value *plan.Value) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.plan.Environments)), func(name string) bool {
		return name == s.flags.environment || !value.Serves(name)
	})
}

// compare reports whether another environment has one of these for the value, and whether that
// could be told: by its variable, where this run has it, or by the fingerprints. One that left
// none yet compares when it is its turn, so that it counts as compared.
func (s *session) compare(l *ledger, value *plan.Value, other string, held []sensitive.Value) (same, compared bool) {
	if value.From.PerEnvironment() {
		its, ok, err := s.inputs().Read(*value.From, other)
		compared = err == nil && ok
		same = compared && slices.ContainsFunc(held, its.Equal)
	}
	return same || l.twins(value, other, held), compared || l != nil
}

// doubt refuses a value of which nothing tells whether these environments have the same.
func (s *session) doubt(value *plan.Value, unknown []string) {
	if len(unknown) == 0 {
		return
	}
	names := strings.Join(unknown, ", ")
	if s.flags.unchecked {
		fmt.Fprintf(s.ErrOut, "WARNING: --allow-unchecked-distinct: nothing tells whether value %s is the same in environment %s, though distinctPerEnvironment wants another for each\n", value.Name, names)
		return
	}
	s.values.Refuse(value.Name, "nothing tells whether it is the same in environment "+names+", and distinctPerEnvironment wants another for each: pass --fingerprints with the file that all environments leave theirs in, "+
		"or name the variable with {environment} and set that of each, or waive it with --allow-unchecked-distinct")
}

// held returns what is declared for a value, if that is known, and what stands at those of its
// places that a step is left for.
func (s *session) held(value *plan.Value, steps []transfer.Step, left func(transfer.Step) bool) []sensitive.Value {
	var held []sensitive.Value
	if want := s.values.Want(value.Name); want.State == transfer.Known {
		held = append(held, want.Value)
	}
	for _, step := range steps {
		if step.Value == value.Name && step.Observed.Exists && step.Observed.Readable && left(step) {
			held = append(held, step.Observed.Value)
		}
	}
	return held
}
