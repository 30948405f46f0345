// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/secretsync/secretsync/pkg/bootstrap/distinct"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// fingerprintKeyVariable holds the key of the fingerprints, the same for all environments.
const fingerprintKeyVariable = "SECRETSYNC_FINGERPRINT_KEY"

// ledger is the file of fingerprints, with the key that they are made with.
type ledger struct {
	*distinct.Ledger

	key  distinct.Key
	plan string
}

// ledger reads the fingerprints of earlier runs; nil unless they are asked for. A file that is
// not there is no empty one: its name may be mistaken, or it may be lost.
func (s *session) ledger() (*ledger, error) {
	name := s.flags.fingerprints
	if name == "" {
		return nil, nil //nolint:nilnil // None is asked for.
	}
	secret, ok := s.environment.Lookup(fingerprintKeyVariable)
	if !ok {
		return nil, fmt.Errorf("%w: --fingerprints needs a key in %s, the same for all environments", errUsage, fingerprintKeyVariable)
	}
	key, err := distinct.NewKey(secret)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fingerprintKeyVariable, err)
	}
	text, err := readFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: --fingerprints: there is no file %s; restore it, or if no environment has left any yet, begin one: echo '{}' >%s", errUsage, name, name)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: reading the fingerprints: %w", errUsage, err)
	}
	all, err := distinct.Parse(text)
	return &ledger{Ledger: all, key: key, plan: s.plan.Name}, err
}

// id is how a value is called in the file, which may be of several plans.
func (l *ledger) id(value *plan.Value) string { return l.plan + "/" + value.Name }

func (l *ledger) fingerprints(value *plan.Value, held []sensitive.Value) []string {
	all := make([]string, len(held))
	for i, one := range held {
		all[i] = l.key.Fingerprint(l.plan, value.Name, one)
	}
	return all
}

// twins reports whether another environment has one of these for the value; never without a file.
func (l *ledger) twins(value *plan.Value, other string, held []sensitive.Value) bool {
	return l != nil && l.Twins(l.id(value), other, l.fingerprints(value, held)...)
}

// leaveFingerprints records, for the runs of other environments, what this one has of the values
// that should differ: what is declared, and what stands at places for which a step is left.
func (s *session) leaveFingerprints(values []*plan.Value, steps []transfer.Step, left func(transfer.Step) bool) error {
	l, err := s.ledger()
	if err != nil || l == nil {
		return err
	}
	for _, value := range s.needed(values) {
		if held := s.held(value, steps, left); value.DistinctPerEnvironment && len(held) > 0 {
			l.Set(l.id(value), s.flags.environment, l.fingerprints(value, held)...)
		}
	}
	return s.writeLedger(l)
}

// addFingerprints records the same for a command, without the places, which it does not look at.
func (s *session) addFingerprints(values []*plan.Value) error {
	l, err := s.ledger()
	if err != nil || l == nil {
		return err
	}
	for _, value := range s.needed(values) {
		if held := s.held(value, nil, nil); value.DistinctPerEnvironment && len(held) > 0 {
			l.Add(l.id(value), s.flags.environment, l.fingerprints(value, held)...)
		}
	}
	return s.writeLedger(l)
}

// writing says how the places of values are written. Their fingerprints are left before the
// first of them is: a run that is cut then claims a value too many, and never one too few.
func (s *session) writing(values []*plan.Value) transfer.Writing {
	return transfer.Writing{Now: s.Clock.Now(), Progress: s.progress, Undo: s.undo, Begin: func(steps []transfer.Step) error {
		return s.leaveFingerprints(values, steps, func(transfer.Step) bool { return true })
	}}
}

// wrote leaves the fingerprints of values whose places are written.
func (s *session) wrote(values []*plan.Value, outcomes []transfer.Outcome) error {
	var kept []transfer.Step
	for _, outcome := range outcomes {
		if outcome.Result != transfer.Done {
			kept = append(kept, outcome.Step)
		}
	}
	return s.leaveFingerprints(values, kept, func(transfer.Step) bool { return true })
}

// writeLedger puts the file in the place of the old one in one step.
func (s *session) writeLedger(l *ledger) error {
	text, err := l.Text()
	if err != nil {
		return err
	}
	name := s.flags.fingerprints
	file, err := os.CreateTemp(filepath.Dir(name), ".fingerprints-*")
	if err != nil {
		return fmt.Errorf("writing the fingerprints: %w", err)
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("writing the fingerprints: %w", err)
	}
	return nil
}
