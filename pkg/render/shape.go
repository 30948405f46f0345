// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"slices"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// shape is what becomes of the fields of one item of dataFrom; the zero shape takes every
// field under its own name.
type shape struct {
	include, exclude []expression
	steps            int // that both take for a byte of a name
	rename           []renaming
	prefix           string
	base64           bool
	conflict         string
}

// newShape compiles what an item says. Errors: InvalidSpec, naming the field below item.
func newShape(item string, spec *v1alpha1.Shaping) (shape, error) {
	s := shape{prefix: spec.Prefix, base64: spec.Decode == v1alpha1.DecodeBase64, conflict: spec.OnConflict}
	var err error
	if s.include, err = wholeNames(item+".include", spec.Include); err != nil {
		return shape{}, err
	}
	if s.exclude, err = wholeNames(item+".exclude", spec.Exclude); err != nil {
		return shape{}, err
	}
	for _, e := range slices.Concat(s.include, s.exclude) {
		s.steps += e.steps
	}
	for j := range spec.Rename {
		rule, err := newRenaming(fmt.Sprintf("%s.rename[%d]", item, j), &spec.Rename[j])
		if err != nil {
			return shape{}, err
		}
		s.rename = append(s.rename, rule)
	}
	return s, nil
}

// takes reports whether a field is taken.
func (s *shape) takes(field string) bool {
	matches := func(e expression) bool { return e.MatchString(field) }
	return (len(s.include) == 0 || slices.ContainsFunc(s.include, matches)) && !slices.ContainsFunc(s.exclude, matches)
}

// key returns the key that a name becomes. Errors: InvalidContent.
func (s *shape) key(name string, spent *effort) (string, error) {
	key := name
	for i := range s.rename {
		// To replace every match may look at what follows each, in steps that are short.
		if err := spent.add(len(key)*(len(key)/8+1), s.rename[i].steps); err != nil {
			return "", err
		}
		key = s.rename[i].apply(key)
		if len(key) > maxName {
			return "", invalid(ReasonInvalidKey, "%s makes it longer than %d bytes", s.rename[i].field, maxName)
		}
	}
	key = s.prefix + key
	if err := checkKey(key); err != nil {
		if key != name {
			return "", within(err, "renamed")
		}
		return "", err
	}
	return key, nil
}

// value returns the bytes that a field's JSON text becomes.
func (s *shape) value(text sensitive.Value) (sensitive.Value, error) {
	if !s.base64 {
		return plainValue(text)
	}
	return fieldValue(text, &v1alpha1.DataItem{Decode: v1alpha1.DecodeBase64})
}
