// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package revision

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Keys are the keys of one installation under which digests and MACs are made. Without
// them a digest tells nothing about the value, and none can be forged.
type Keys struct {
	// Current makes and verifies.
	Current []byte
	// Previous verifies only, while a rotation lasts; empty otherwise.
	Previous []byte
}

// Sealed is what a revision's MAC covers.
type Sealed struct {
	// ID of the revision.
	ID ID
	// Type and Data of the target.
	Type string
	Data map[string]sensitive.Value
	// ObservedAt is when the state was first seen, in whole seconds.
	ObservedAt time.Time
	// Notes are the other covered texts, such as the sources, in a fixed order.
	Notes []string
}

// Purposes keep a digest from being taken for a MAC.
const (
	purposeDigest = "secretsync.io/digest/v1"
	purposeMAC    = "secretsync.io/mac/v1"
	purposeName   = "secretsync.io/name/v1"
	purposeToken  = "secretsync.io/token/v1"
	purposeLoss   = "secretsync.io/loss/v1"
)

// Digest returns the keyed digest of a target's type and data, bound to the revision.
func (k Keys) Digest(id ID, secretType string, data map[string]sensitive.Value) string {
	return digest(k.Current, id, secretType, data)
}

// MatchesDigest reports whether text is the digest under one of the keys.
func (k Keys) MatchesDigest(text string, id ID, secretType string, data map[string]sensitive.Value) bool {
	return k.any(text, func(key []byte) string { return digest(key, id, secretType, data) })
}

// Token returns a short keyed digest that names a state which safety holds back.
func (k Keys) Token(id ID, secretType string, data map[string]sensitive.Value) string {
	m := newMAC(k.Current, purposeToken, id)
	m.content(secretType, data)
	return m.sum()[:16]
}

// LossToken returns a short keyed digest that names what a state would lose, which safety holds
// back, as seen from the newest revision. The names are in a fixed order.
func (k Keys) LossToken(id ID, names []string) string {
	m := newMAC(k.Current, purposeLoss, id)
	m.number(int64(len(names)))
	for _, name := range names {
		m.text(name)
	}
	return m.sum()[:16]
}

// NameSuffix returns what the name of an immutable Secret of this content ends with: a short keyed
// digest, bound to namespace and name of the target, because the plain hash of a weak value in a
// name would tell the value.
func (k Keys) NameSuffix(namespace, target, secretType string, data map[string]sensitive.Value) string {
	m := newMAC(k.Current, purposeName, ID{Namespace: namespace, Name: target})
	m.content(secretType, data)
	return m.sum()[:nameSuffix]
}

// nameSuffix is how many hexadecimal digits NameSuffix returns.
const nameSuffix = 10

// IsNameSuffix reports whether text is formed as what NameSuffix returns.
func IsNameSuffix(text string) bool {
	return len(text) == nameSuffix && strings.Trim(text, "0123456789abcdef") == ""
}

// MAC returns the authentication code of a revision.
func (k Keys) MAC(s Sealed) string { return seal(k.Current, s) }

// VerifyMAC reports whether text authenticates the revision under one of the keys.
func (k Keys) VerifyMAC(text string, s Sealed) bool {
	return k.any(text, func(key []byte) string { return seal(key, s) })
}

func (k Keys) any(text string, of func(key []byte) string) bool {
	for _, key := range [][]byte{k.Current, k.Previous} {
		if len(key) > 0 && hmac.Equal([]byte(text), []byte(of(key))) {
			return true
		}
	}
	return false
}

func digest(key []byte, id ID, secretType string, data map[string]sensitive.Value) string {
	m := newMAC(key, purposeDigest, id)
	m.content(secretType, data)
	return m.sum()
}

func seal(key []byte, s Sealed) string {
	m := newMAC(key, purposeMAC, s.ID)
	m.content(s.Type, s.Data)
	m.number(s.ObservedAt.Unix())
	m.number(int64(len(s.Notes)))
	for _, note := range s.Notes {
		m.text(note)
	}
	return m.sum()
}

// mac writes length-prefixed parts, so that no two inputs share an encoding.
type mac struct{ hash.Hash }

func newMAC(key []byte, purpose string, id ID) mac {
	m := mac{hmac.New(sha256.New, key)}
	m.text(purpose)
	m.text(id.Namespace)
	m.text(id.Name)
	m.number(id.Number)
	return m
}

func (m mac) content(secretType string, data map[string]sensitive.Value) {
	m.text(secretType)
	m.number(int64(len(data)))
	for _, key := range slices.Sorted(maps.Keys(data)) {
		m.text(key)
		m.bytes(data[key].Reveal())
	}
}

func (m mac) text(s string) { m.bytes([]byte(s)) }

func (m mac) bytes(b []byte) {
	m.number(int64(len(b)))
	m.Write(b)
}

func (m mac) number(n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n)) //nolint:gosec // the bit pattern is what counts, not the sign
	m.Write(b[:])
}

func (m mac) sum() string { return hex.EncodeToString(m.Sum(nil)) }
