// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package marker

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"
)

// Set is the markers of a test. The zero value is empty and ready. It is safe for concurrent
// use.
type Set struct {
	mu     sync.Mutex
	forms  map[string]map[string]string // name of a marker, name of an encoding, text
	begins index                        // nil after a change of forms
}

// Finding is one place at which a marker shows.
type Finding struct {
	// Marker is the name it was made with, Form the encoding it shows in.
	Marker, Form string
	// Around is the text on both sides, the marker included.
	Around string
}

// String tells the finding in one line.
func (f Finding) String() string {
	return fmt.Sprintf("marker %q shows as %s in %q", f.Marker, f.Form, f.Around)
}

// Text returns a value that every escaping changes, and remembers its middle, which none
// does: so it is found also where a part of it shows. The same name gives the same value.
func (s *Set) Text(name string) string {
	return "<\"é\n" + s.Token(name) + "\t&+/?%=>"
}

// Token returns a value of lower-case letters and digits alone, for what must be one word.
func (s *Set) Token(name string) string {
	sum := sha256.Sum256([]byte("token " + name))
	token := "mk" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:18]
	s.Add(name, token)
	return token
}

// Number returns a value of fifteen digits, which is as many as survive a program that keeps
// numbers as floating point.
func (s *Set) Number(name string) string {
	sum := sha256.Sum256([]byte("number " + name))
	number := "7" + new(big.Int).SetBytes(sum[:]).String()[:14]
	s.Add(name, number)
	return number
}

// Add remembers a value that was made elsewhere, such as a token that a server gave. One
// shorter than 8 bytes could show by accident, which is refused with a panic.
func (s *Set) Add(name, value string) {
	if len(value) < shortest {
		panic(fmt.Sprintf("marker %q has %d bytes, at least %d", name, len(value), shortest))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forms == nil {
		s.forms = map[string]map[string]string{}
	}
	s.forms[name], s.begins = Forms(value), nil
}

// Find returns the markers that show in a text, each once, by name.
func (s *Set) Find(text string) []Finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begins == nil {
		s.begins = indexOf(s.forms)
	}
	found := map[string]Finding{}
	for at, form := range s.begins.in(text) {
		if old, is := found[form.marker]; !is || form.encoding < old.Form {
			found[form.marker] = Finding{Marker: form.marker, Form: form.encoding, Around: around(text, at, len(form.text))}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b Finding) int { return cmp.Compare(a.Marker, b.Marker) })
}

// around returns a part of a text with what stands on both sides of it.
func around(text string, at, length int) string {
	const margin = 80
	return strings.ToValidUTF8(text[max(0, at-margin):min(len(text), at+length+margin)], "?")
}
