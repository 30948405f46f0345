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
	"maps"
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
	// Values holds them; the zero Ledger has none.
	Values map[string]map[string]string `json:"values"`
}

// Parse reads a ledger. An empty text is an empty one.
func Parse(text []byte) (*Ledger, error) {
	ledger := &Ledger{}
	if len(text) == 0 {
		return ledger, nil
	}
	if err := json.Unmarshal(text, ledger); err != nil {
		return nil, fault.New(fault.InvalidSpec, ReasonMalformed, "the file of fingerprints is none: restore it, or remove it and run apply for each environment").Because(err)
	}
	return ledger, nil
}

// Twins returns the other environments that have the same value, sorted.
func (l *Ledger) Twins(name, environment, fingerprint string) []string {
	var twins []string
	for _, other := range slices.Sorted(maps.Keys(l.Values[name])) {
		if other != environment && hmac.Equal([]byte(l.Values[name][other]), []byte(fingerprint)) {
			twins = append(twins, other)
		}
	}
	return twins
}

// Set records the fingerprint of a value in an environment.
func (l *Ledger) Set(name, environment, fingerprint string) {
	if l.Values == nil {
		l.Values = map[string]map[string]string{}
	}
	if l.Values[name] == nil {
		l.Values[name] = map[string]string{}
	}
	l.Values[name][environment] = fingerprint
}

// Text writes the ledger, the same one always in the same way.
func (l *Ledger) Text() ([]byte, error) {
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the fingerprints: %w", err)
	}
	return append(text, '\n'), nil
}
