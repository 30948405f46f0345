// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package distinct owns how runs for different environments, none of which sees another's
// secrets, find out that they were given the same value: each leaves a keyed fingerprint. It
// is pure: it must not read a file or the environment, and a fingerprint tells nothing to
// somebody without the key.
package distinct

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// MinKeyBytes is how long a key is at least: as long as the digest.
const MinKeyBytes = 32

// Reasons of the errors, all InvalidSpec.
const (
	// ReasonWeakKey: the key is too short.
	ReasonWeakKey = "FingerprintKeyTooShort"
	// ReasonMalformed: the text is no ledger.
	ReasonMalformed = "FingerprintsMalformed"
)

// Key makes fingerprints. It is the same for all environments of a plan, and for nobody else.
type Key struct{ secret sensitive.Value }

// NewKey returns a key, which has MinKeyBytes at least.
func NewKey(secret sensitive.Value) (Key, error) {
	if secret.Len() < MinKeyBytes {
		return Key{}, fault.New(fault.InvalidSpec, ReasonWeakKey, "the key of the fingerprints has less than %d bytes: generate one", MinKeyBytes)
	}
	return Key{secret: secret}, nil
}

// Fingerprint returns that of a value. It is bound to the names of plan and value, but not to
// an environment, so that two environments with one value have one fingerprint.
func (k Key) Fingerprint(plan, name string, value sensitive.Value) string {
	mac := hmac.New(sha256.New, k.secret.Reveal())
	for _, part := range [][]byte{[]byte("secretsync-bootstrap fingerprint v1"), []byte(plan), []byte(name), value.Reveal()} {
		_, _ = mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part)))) // a hash takes everything
		_, _ = mac.Write(part)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// Ledger is the fingerprints of a plan: by value, by environment.
type Ledger struct {
	// Values holds them; the zero Ledger has none. An environment has more than one of a value
	// while its places do not hold what is declared.
	Values map[string]map[string][]string `json:"values"`
}

// Parse reads a ledger. An empty text is an empty one.
func Parse(text []byte) (*Ledger, error) {
	ledger := &Ledger{}
	if len(text) == 0 {
		return ledger, nil
	}
	if err := json.Unmarshal(text, ledger); err != nil {
		return nil, fault.New(fault.InvalidSpec, ReasonMalformed, "the file of fingerprints is none: restore it, or begin one anew and run apply for each environment").Because(err)
	}
	return ledger, nil
}

// Has reports whether an environment left any fingerprint of a value.
func (l *Ledger) Has(name, environment string) bool { return len(l.Values[name][environment]) > 0 }

// Twins reports whether an environment left one of these fingerprints of a value.
func (l *Ledger) Twins(name, environment string, fingerprints ...string) bool {
	return slices.ContainsFunc(l.Values[name][environment], func(its string) bool {
		return slices.ContainsFunc(fingerprints, func(ours string) bool { return hmac.Equal([]byte(its), []byte(ours)) })
	})
}

// Set records the fingerprints of a value in an environment, in the place of those it had.
func (l *Ledger) Set(name, environment string, fingerprints ...string) {
	if l.Values == nil {
		l.Values = map[string]map[string][]string{}
	}
	if l.Values[name] == nil {
		l.Values[name] = map[string][]string{}
	}
	slices.Sort(fingerprints)
	l.Values[name][environment] = slices.Compact(fingerprints)
}

// Add records more fingerprints of a value in an environment.
func (l *Ledger) Add(name, environment string, fingerprints ...string) {
	l.Set(name, environment, slices.Concat(l.Values[name][environment], fingerprints)...)
}

// Text writes the ledger, the same one always in the same way.
func (l *Ledger) Text() ([]byte, error) {
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the fingerprints: %w", err)
	}
	return append(text, '\n'), nil
}
