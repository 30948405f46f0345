// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// finder is the find of an item, compiled.
type finder struct {
	spec  *v1alpha1.FindSource
	match *expression // nil matches every entry
}

func newFinder(item string, spec *v1alpha1.FindSource) (*finder, error) {
	f := &finder{spec: spec}
	if spec.Match == "" {
		return f, nil
	}
	match, err := whole(item+".find.match", spec.Match)
	f.match = &match
	return f, err
}

// name returns what a field of an entry is called before it is renamed.
func (f *finder) name(relative, field string) string {
	if f == nil || f.spec.Keys != v1alpha1.KeysPathAndField || relative == "" {
		return field
	}
	return strings.ReplaceAll(relative, "/", "_") + "_" + field
}

// Found is one entry that was found.
type Found struct {
	// At is the place of the want that found it.
	At int
	// Path is the entry's, Relative the same as seen from the folder.
	Path, Relative string
}

// Finds reports whether the want at a place finds an entry with that path relative to its
// folder.
func (p Plan) Finds(at int, relative string) bool {
	it := p.finding(at)
	return it != nil && (it.find.match == nil || it.find.match.MatchString(relative))
}

// CheckNames returns an error if it takes too long to say which of these names the want at a place
// finds. Errors: InvalidContent.
func (p Plan) CheckNames(at int, names []string) error {
	it := p.finding(at)
	if it == nil || it.find.match == nil {
		return nil
	}
	size := 0
	for _, name := range names {
		size += len(name)
	}
	if size*it.find.match.steps <= maxFindEffort {
		return nil
	}
	return invalid(ReasonTooComplex, "the expression of match takes too long for the %d names in folder %q: use a simpler one, or search further down", len(names), it.find.spec.Path)
}

// TakesFound reports whether Render takes a field of what the want at a place finds.
func (p Plan) TakesFound(at int, field string) bool {
	it := p.finding(at)
	return it != nil && it.takes(field)
}

// finding returns the item whose find is wanted at a place, nil if there is none.
func (p Plan) finding(at int) *item {
	for i := range p.items {
		if p.items[i].at == at && p.items[i].find != nil {
			return &p.items[i]
		}
	}
	return nil
}

// With returns the plan that reads what was found as well, and the place of each: that of a
// want which is there already, or behind all others.
func (p Plan) With(found []Found) (with Plan, places []int) {
	p.wants, p.items = slices.Clone(p.wants), slices.Clone(p.items)
	seen := make(map[Want]int, len(p.wants)+len(found))
	for at, want := range p.wants {
		if !want.List {
			seen[want] = at
		}
	}
	for _, entry := range found {
		at := place(&p, seen, Want{Backend: p.wants[entry.At].Backend, Path: entry.Path})
		places = append(places, at)
		if it := p.finding(entry.At); it != nil {
			it.found = append(slices.Clip(it.found), finding{at: at, relative: entry.Relative})
		}
	}
	for i := range p.items {
		slices.SortFunc(p.items[i].found, func(a, b finding) int { return a.at - b.at })
	}
	return p, places
}

// finding is an entry that an item found: the place of its want, and its relative path.
type finding struct {
	at       int
	relative string
}
