// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"regexp"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// finder is the find of an item, compiled.
type finder struct {
	spec  *v1alpha1.FindSource
	match *regexp.Regexp // nil matches every entry
}

func newFinder(item string, spec *v1alpha1.FindSource) (*finder, error) {
	f := &finder{spec: spec}
	if spec.Match == "" {
		return f, nil
	}
	var err error
	f.match, err = whole(item+".find.match", spec.Match)
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
	for _, item := range p.items {
		if item.at == at && item.find != nil {
			return item.find.match == nil || item.find.match.MatchString(relative)
		}
	}
	return false
}

// With returns the plan that reads what was found as well, which it wants behind all others,
// in that order.
func (p Plan) With(found []Found) Plan {
	p.wants, p.items = slices.Clone(p.wants), slices.Clone(p.items)
	for _, entry := range found {
		at := len(p.wants)
		p.wants = append(p.wants, Want{Backend: p.wants[entry.At].Backend, Path: entry.Path})
		for i := range p.items {
			if item := &p.items[i]; item.find != nil && item.at == entry.At {
				item.found = append(slices.Clip(item.found), finding{at: at, relative: entry.Relative})
			}
		}
	}
	return p
}

// finding is an entry that an item found: the place of its want, and its relative path.
type finding struct {
	at       int
	relative string
}
