// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sensitive owns the one type that carries secret bytes through SecretSync.
// It cannot be printed, logged or marshalled by accident: every formatting interface
// answers with a placeholder, what looks past the methods (a printer that reflects on an
// unexported field) finds the address of a function, and the bytes come out only through
// Reveal. Out of its reach are callers of Reveal or unsafe, a debugger, and a core dump.
// The package must not import anything but the standard library.
package sensitive

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what a Value shows wherever it is formatted.
const Redacted = "[REDACTED]"

// Value is a secret. The zero value is an empty secret.
type Value struct {
	// reveal closes over the bytes, because nothing that reflects can look into a function:
	// fmt reads a []byte here as soon as a Value stands in somebody's unexported field.
	reveal func() []byte
}

// New returns a Value that owns b; the caller must not change b afterwards.
func New(b []byte) Value { return Value{reveal: func() []byte { return b }} }

// FromString returns a Value with the bytes of s.
func FromString(s string) Value { return New([]byte(s)) }

// Reveal returns the secret bytes. The caller must not change them, and must not
// hand them to anything that formats, logs or stores outside a Secret.
func (v Value) Reveal() []byte {
	if v.reveal == nil {
		return nil
	}
	return v.reveal()
}

// Len returns the number of secret bytes.
func (v Value) Len() int { return len(v.Reveal()) }

// Equal reports whether both values hold the same bytes, in a time that depends on their
// lengths alone.
func (v Value) Equal(o Value) bool { return subtle.ConstantTimeCompare(v.Reveal(), o.Reveal()) == 1 }

// String returns the placeholder.
func (v Value) String() string { return Redacted }

// GoString returns the placeholder.
func (v Value) GoString() string { return Redacted }

// Format writes the placeholder for every verb.
func (v Value) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, Redacted) }

// MarshalText returns the placeholder; it also covers JSON, YAML and XML.
func (v Value) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// MarshalBinary returns the placeholder; it covers gob.
func (v Value) MarshalBinary() ([]byte, error) { return []byte(Redacted), nil }

// LogValue returns the placeholder.
func (v Value) LogValue() slog.Value { return slog.StringValue(Redacted) }
