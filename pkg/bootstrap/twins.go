// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/secretsync/secretsync/pkg/bootstrap/distinct"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/source"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
)

// fingerprintKeyVariable holds the key of the fingerprints, the same for all environments.
const fingerprintKeyVariable = "SECRETSYNC_FINGERPRINT_KEY"

// twins returns what is wrong with values that should differ between the environments: by the
// variables of the others, where they are there, and by the fingerprints of earlier runs.
func (s *session) twins(in source.Inputs, values []*plan.Value) ([]string, error) {
	ledger, key, err := s.ledger()
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, value := range values {
		want := s.values.Want(value.Name)
		if !value.DistinctPerEnvironment || want.State != transfer.Known {
			continue
		}
		each := value.From != nil && value.From.PerEnvironment()
		if each {
			wrong = append(wrong, s.twinVariables(in, value)...)
		}
		if key == nil && !each {
			fmt.Fprintf(s.ErrOut, "NOTE: value %s: nothing to compare with other environments, as distinctPerEnvironment asks: pass --fingerprints, or name the variable with {environment}\n", value.Name)
		}
		if key == nil {
			continue
		}
		for _, other := range ledger.Twins(value.Name, s.flags.environment, key.Fingerprint(s.plan.Name, value.Name, want.Value)) {
			wrong = append(wrong, s.same(value, other))
		}
	}
	return wrong, nil
}

func (s *session) same(value *plan.Value, other string) string {
	return s.told(value, "is the same in environment "+other+", but distinctPerEnvironment wants another for each")
}

// twinVariables looks for the value in the variables of the other environments.
func (s *session) twinVariables(in source.Inputs, value *plan.Value) []string {
	found := s.values.Want(value.Name).Value
	var wrong []string
	for _, other := range slices.Sorted(maps.Keys(s.plan.Environments)) {
		if other == s.flags.environment || !value.Serves(other) {
			continue
		}
		if its, ok, err := in.Read(*value.From, other); err == nil && ok && its.Equal(found) {
			wrong = append(wrong, s.same(value, other))
		}
	}
	return wrong
}

// ledger reads the fingerprints of earlier runs; key is nil unless they are asked for.
func (s *session) ledger() (*distinct.Ledger, *distinct.Key, error) {
	if s.flags.fingerprints == "" {
		return nil, nil, nil
	}
	secret, ok := s.environment.Lookup(fingerprintKeyVariable)
	if !ok {
		return nil, nil, fmt.Errorf("%w: --fingerprints needs a key in %s, the same for all environments", errUsage, fingerprintKeyVariable)
	}
	key, err := distinct.NewKey(secret)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fingerprintKeyVariable, err)
	}
	text, err := readFile(s.flags.fingerprints)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%w: reading the fingerprints: %w", errUsage, err)
	}
	ledger, err := distinct.Parse(text)
	return ledger, &key, err
}

// recordFingerprints leaves those of the values that were applied, for the runs of other
// environments.
func (s *session) recordFingerprints(values []*plan.Value) error {
	ledger, key, err := s.ledger()
	if err != nil || key == nil {
		return err
	}
	for _, value := range values {
		if want := s.values.Want(value.Name); value.DistinctPerEnvironment && want.State == transfer.Known {
			ledger.Set(value.Name, s.flags.environment, key.Fingerprint(s.plan.Name, value.Name, want.Value))
		}
	}
	text, err := ledger.Text()
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.flags.fingerprints, text, 0o600); err != nil {
		return fmt.Errorf("writing the fingerprints: %w", err)
	}
	return nil
}
