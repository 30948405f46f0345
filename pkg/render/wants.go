// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"slices"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Want is one entry that a specification reads. It is comparable.
type Want struct {
	// Backend is the entry's backend, else the specification's; zero if neither names one,
	// so that the default cluster backend is meant.
	Backend v1alpha1.BackendRef
	// Path of the entry, as written; whether it is valid is the backend's business.
	Path string
	// Field is the one whose value is pinned, where values have versions; else empty.
	Field string
	// Version that is pinned; empty for the newest.
	Version string
	// List says that the path is a folder whose entries are looked for, Recursive that those
	// below it are as well. Each find is a want of its own.
	List, Recursive bool
}

// PinsValues says of a backend whether its values have versions and its entries none, so
// that a pin means the value of a field. The zero reference is the default backend; a nil
// PinsValues says so of none.
type PinsValues func(v1alpha1.BackendRef) bool

// Source is one entry as read.
type Source struct {
	// Path, Field and Version are those of the Want it answers.
	Path, Field, Version string
	// Fields holds the JSON text of each field's value, numbers with their digits.
	Fields map[string]sensitive.Value
}

// String returns the path, with the pinned version behind an @.
func (s Source) String() string {
	if s.Version == "" {
		return s.Path
	}
	return s.Path + "@" + s.Version
}

// Plan is the list of wants, and for each item of the specification its place in it.
type Plan struct {
	spec  *v1alpha1.SecretSyncSpec
	wants []Want
	data  []int
	items []item
	taken []taken
	size  int // of all expressions, in steps
}

// taken is one field that is taken of the source at a place.
type taken struct {
	at    int
	field string
}

// NewPlan returns what is to be read for a specification. Errors: InvalidSpec.
func NewPlan(spec *v1alpha1.SecretSyncSpec, pins PinsValues) (Plan, error) {
	if len(spec.Data)+len(spec.DataFrom) == 0 {
		return Plan{}, fault.New(fault.InvalidSpec, ReasonNoSource, "spec: give at least one of data and dataFrom")
	}
	p := Plan{spec: spec}
	seen := map[Want]int{}
	for i := range spec.Data {
		from := &spec.Data[i].From
		want := wantOf(spec, &from.EntrySource)
		if want.Version != "" && pins != nil && pins(want.Backend) {
			want.Field = from.Field
		}
		at := place(&p, seen, want)
		p.data, p.taken = append(p.data, at), append(p.taken, taken{at, from.Field})
	}
	for i := range spec.DataFrom {
		if err := addItem(&p, i, seen, pins); err != nil {
			return Plan{}, err
		}
	}
	return p, nil
}

// addItem adds an item of dataFrom.
func addItem(p *Plan, i int, seen map[Want]int, pins PinsValues) error {
	from := &p.spec.DataFrom[i]
	it, err := newItem(i, from)
	if err != nil {
		return err
	}
	if p.size += it.size(); p.size > maxExpressions {
		return fault.New(fault.InvalidSpec, ReasonInvalidRule,
			"spec.dataFrom[%d]: with its expressions those of the specification are more than %d steps long together: use fewer and simpler ones", i, maxExpressions)
	}
	switch {
	case (from.Entry == nil) == (from.Find == nil):
		return fault.New(fault.InvalidSpec, ReasonNoSource, "spec.dataFrom[%d]: give exactly one member: entry or find", i)
	case from.Find != nil:
		it.at = len(p.wants)
		want := wantOf(p.spec, &v1alpha1.EntrySource{BackendRef: from.Find.BackendRef, Path: from.Find.Path})
		want.List, want.Recursive = true, from.Find.RecursiveOrDefault()
		p.wants = append(p.wants, want)
	default:
		want := wantOf(p.spec, from.Entry)
		if want.Version != "" && pins != nil && pins(want.Backend) {
			return fault.New(fault.InvalidSpec, ReasonVersionUnsupported,
				"spec.dataFrom[%d].entry.version: this backend has versions of single values and none of whole entries (capability ValueVersions): remove the version of %q, or name the fields in spec.data, each with its version",
				i, want.Path)
		}
		it.at = place(p, seen, want)
	}
	p.items = append(p.items, it)
	return nil
}

// Wants lists the entries that spec reads: data before dataFrom, each in the order of
// the specification, an entry that is named twice once, and what was found behind them.
func (p Plan) Wants() []Want { return p.wants }

// wantOf returns what is wanted for one item of a specification.
func wantOf(spec *v1alpha1.SecretSyncSpec, entry *v1alpha1.EntrySource) Want {
	want := Want{Path: entry.Path, Version: entry.Version}
	switch {
	case entry.BackendRef != nil:
		want.Backend = *entry.BackendRef
	case spec.BackendRef != nil:
		want.Backend = *spec.BackendRef
	}
	return want
}

// place returns the place of a want in p.wants, adding it if it is new.
func place(p *Plan, seen map[Want]int, want Want) int {
	at, ok := seen[want]
	if !ok {
		at = len(p.wants)
		seen[want] = at
		p.wants = append(p.wants, want)
	}
	return at
}

// Taking says which fields of the source at place at Render takes whatever they are called, of a
// find those of what it finds; nil if it takes none but those that spec.data names. Where it takes
// long to tell, it says all.
func (p Plan) Taking(at int) func(field string) bool {
	var shapes []*shape
	for i := range p.items {
		switch it := &p.items[i]; {
		case !it.reads(at) && (it.find == nil || it.at != at):
		case it.steps == 0:
			return everyField // which keeps nothing of the plan in memory
		default:
			shapes = append(shapes, &it.shape)
		}
	}
	if shapes == nil {
		return nil
	}
	return func(field string) bool {
		return slices.ContainsFunc(shapes, func(s *shape) bool {
			return len(field)*s.steps > maxFieldEffort || s.takes(field)
		})
	}
}

func everyField(string) bool { return true }

// Affords reports whether it can be told of names of so many bytes together which are taken.
func (p Plan) Affords(size int) bool { return size*p.size <= maxEffort }

// Names reports whether spec.data names a field of the source at place at.
func (p Plan) Names(at int, field string) bool { return slices.Contains(p.taken, taken{at, field}) }

// KeysOf lists the keys that items of dataFrom make of a field of the source at place at.
func (p Plan) KeysOf(at int, field string) (keys []string) {
	spent := new(effort)
	for i := range p.items {
		it := &p.items[i]
		for _, entry := range it.entries() {
			if entry.at != at || !it.takes(field) {
				continue
			}
			if key, err := it.key(it.find.name(entry.relative, field), spent); err == nil {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// Takes reports whether Render takes a field of the source at place at.
func (p Plan) Takes(at int, field string) bool {
	return slices.ContainsFunc(p.items, func(it item) bool { return it.reads(at) && it.takes(field) }) ||
		p.Names(at, field)
}
