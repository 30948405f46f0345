// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"slices"
)

// Query asks for the secrets of a folder.
type Query struct {
	Place

	// ViewValue asks for values and not for HiddenValue.
	ViewValue bool
	// Expand replaces references by what they refer to.
	Expand bool
	// Recursive asks for the folders below, too.
	Recursive bool
	// Imports asks for what the folders import, too.
	Imports bool
	// Tags leaves out what has none of these tags; empty leaves out nothing.
	Tags []string
	// Metadata leaves out what lacks one of these remarks.
	Metadata []Metadata
}

// List returns the secrets of a folder in the order of their ids, which is no order to rely on, and
// what the folder imports in the order of its imports: of a key in several, the last one counts, and
// the folder's own before all. What who may not describe is left out; a value in the folder itself
// that who may not read is the refusal of everything, one further down is left out.
func (s *Store) List(who Ability, q Query) ([]Secret, []ImportBlock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q.Path = CleanPath(q.Path)
	f, err := s.readable(who, q.Place)
	if err != nil {
		return nil, nil, err
	}
	folders := []*folder{f}
	if q.Recursive {
		folders = f.below()
	}
	listed := []Secret{}
	for _, at := range folders {
		told, err := q.secretsOf(who, at, at == f)
		if err != nil {
			return nil, nil, err
		}
		listed = append(listed, told...)
	}
	slices.SortFunc(listed, func(a, b Secret) int { return cmp.Compare(a.ID, b.ID) })
	resolve := resolver{store: s, who: who, throughImports: s.rules.ReferencesThroughImports}
	if q.Expand {
		if err := resolve.expandAll(listed); err != nil {
			return nil, nil, err
		}
	}
	imports := []ImportBlock{}
	if q.Imports {
		imports, err = s.importsOf(folders, readImports{who: who, projectID: q.ProjectID, view: q.ViewValue, expand: q.Expand})
	}
	return listed, imports, err
}

// readable returns a folder after the checks that every list begins with.
func (s *Store) readable(who Ability, at Place) (*folder, error) {
	if !who.CanSome(ActionDescribe, SubjectSecrets) && !who.CanSome(ActionRead, SubjectSecrets) {
		return nil, Denied(ActionDescribe, SubjectSecrets)
	}
	f := s.find(at)
	if f == nil {
		return nil, NotFound("SecretPathNotFound",
			"Folder with path '%s' in environment '%s' was not found. Please ensure the environment slug and secret path is correct.",
			at.Path, at.Environment)
	}
	return f, nil
}

// secretsOf returns the secrets of one folder that are asked for and may be seen.
func (q *Query) secretsOf(who Ability, f *folder, top bool) ([]Secret, error) {
	place := q.Place
	place.Path = f.path()
	var seen []Secret
	for _, had := range f.secrets {
		told := had.tell(place)
		if !q.wants(told) || !who.Reads(ActionDescribe, told.object()) {
			continue
		}
		may := who.Reads(ActionReadValue, told.object())
		switch {
		case q.ViewValue && !may && top:
			return nil, Denied(ActionReadValue, SubjectSecrets)
		case q.ViewValue && !may:
			continue
		case !q.ViewValue:
			told.hide()
		}
		seen = append(seen, told)
	}
	return seen, nil
}

func (q *Query) wants(s Secret) bool {
	if len(q.Tags) > 0 && !slices.ContainsFunc(s.Tags, func(tag Tag) bool { return slices.Contains(q.Tags, tag.Slug) }) {
		return false
	}
	for _, want := range q.Metadata {
		if !slices.ContainsFunc(s.Metadata, func(has Metadata) bool {
			return (want.Key == "" || has.Key == want.Key) && (want.Value == "" || has.Value == want.Value)
		}) {
			return false
		}
	}
	return true
}
