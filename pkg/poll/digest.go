// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"maps"
	"slices"
	"strconv"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// mark stands for what is known of an entry: its version and content, or why it failed.
// Two equal marks mean that a subscriber has nothing new to learn. It is a truncated
// HMAC-SHA-256 with a random key that never leaves the process, so a mark is no oracle.
// The zero mark is an entry that was never read.
type mark [16]byte

// marker makes marks.
type marker struct{ key [32]byte }

func newMarker() marker {
	var m marker
	_, _ = rand.Read(m.key[:]) // crypto/rand.Read never returns an error
	return m
}

// good returns the mark of an entry: its version, and its fields sorted by name, with where
// they come from, which decides who may have them.
func (m marker) good(e backend.Entry) mark {
	d := m.digest("good")
	d.text(e.Version)
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		d.text(name)
		d.bytes(e.Fields[name].Reveal())
		from := e.Values[name].From
		d.text(from.Container)
		d.text(from.Path)
		d.text(strconv.FormatBool(from.Beyond))
	}
	return d.mark()
}

// listing returns the mark of what a folder lists.
func (m marker) listing(names []string) mark {
	d := m.digest("listing")
	for _, name := range names {
		d.text(name)
	}
	return d.mark()
}

// failing returns the mark of a failure: class and reason, not the message.
func (m marker) failing(err error, gone, mass bool) mark {
	d := m.digest("failing")
	d.text(string(fault.ClassOf(err)))
	d.text(fault.ReasonOf(err))
	flags := []byte{0, 0}
	if gone {
		flags[0] = 1
	}
	if mass {
		flags[1] = 1
	}
	d.bytes(flags)
	return d.mark()
}

// withheld is the mark of an entry that lacks fields: which, and why.
func (m marker) withheld(lacks []lack, missed []backend.Field) mark {
	d := m.digest("withheld")
	for _, l := range concerning(lacks, missed) {
		d.text(l.field.Name)
		d.text(l.field.From.String())
		d.text(fault.ReasonOf(l.err))
	}
	return d.mark()
}

func (m marker) digest(kind string) digest {
	d := digest{hmac.New(sha256.New, m.key[:])}
	d.text(kind)
	return d
}

// digest writes length-prefixed parts, so that no two lists of parts look alike.
type digest struct{ hash.Hash }

func (d digest) text(s string) { d.bytes([]byte(s)) }

func (d digest) bytes(b []byte) {
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(b)))
	_, _ = d.Write(size[:])
	_, _ = d.Write(b)
}

func (d digest) mark() (m mark) {
	copy(m[:], d.Sum(nil))
	return m
}
