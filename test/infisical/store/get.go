// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import "slices"

// Reading asks for one secret.
type Reading struct {
	Place

	Key string
	// Version asks for that version; nil for the newest.
	Version *int
	// ViewValue, Expand and Imports are those of Query.
	ViewValue, Expand, Imports bool
}

// Get returns one secret. A version is looked up by folder, name and number alone, so that it may
// belong to a secret of the same name that is no more; and where it does not exist, an import may
// answer with its current value (see Rules).
func (s *Store) Get(who Ability, r Reading) (Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.Path = CleanPath(r.Path)
	f := s.find(r.Place)
	if f == nil {
		return Secret{}, NotFound("GetSecretByName", "Folder with path '%s' in environment with slug '%s' not found", r.Path, r.Environment)
	}
	found, ok := s.lookUp(f, r)
	object := Object{Environment: r.Environment, Path: r.Path, Name: r.Key}
	if ok {
		object = found.object()
	}
	if !who.Reads(ActionDescribe, object) {
		return Secret{}, Denied(ActionDescribe, SubjectSecrets)
	}
	if !ok {
		return s.getImported(who, f, r)
	}
	if r.ViewValue && r.Expand {
		resolve := resolver{store: s, who: who}
		one := []Secret{found}
		if err := resolve.expandAll(one); err != nil {
			return Secret{}, err
		}
		found = one[0]
	}
	if !r.ViewValue {
		found.hide()
		return found, nil
	}
	if !who.Reads(ActionReadValue, object) {
		return Secret{}, Forbidden("ForbiddenReadSecretError",
			"You do not have permission to view secret value on secret with name '%s'", r.Key)
	}
	return found, nil
}

// ByID returns the secret of that id, in whatever folder, for somebody whose ability in the secret's
// project is told by abilityIn.
func (s *Store) ByID(id string, abilityIn func(projectID string) (Ability, error)) (Secret, error) {
	found, ok := s.findSecret(id)
	if !ok {
		return Secret{}, NotFound("GetSecretById", "Secret with ID '%s' not found", id)
	}
	who, err := abilityIn(found.ProjectID)
	if err != nil {
		return Secret{}, err
	}
	if !who.Reads(ActionReadValue, found.object()) {
		return Secret{}, Denied(ActionReadValue, SubjectSecrets)
	}
	return found, nil
}

// Versions returns the rows of the history of a secret, newest first.
func (s *Store) Versions(secretID string) []Secret {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := []Secret{}
	for _, p := range s.projects {
		for _, e := range p.environments {
			for _, f := range e.root.below() {
				for _, r := range f.history {
					if r.secretID == secretID {
						rows = append(rows, r.told(Place{ProjectID: p.id, Environment: e.slug, Path: f.path()}))
					}
				}
			}
		}
	}
	slices.Reverse(rows)
	return rows
}

func (r row) told(at Place) Secret {
	told := r.tell(at, r.at)
	told.FromVersion = true
	return told
}

func (s *Store) lookUp(f *folder, r Reading) (Secret, bool) {
	if r.Version == nil {
		found := f.secret(r.Key)
		if found == nil {
			return Secret{}, false
		}
		return found.tell(r.Place), true
	}
	rows := f.history
	if s.rules.NewestCandidate {
		rows = slices.Clone(rows)
		slices.Reverse(rows)
	}
	for _, candidate := range rows {
		if candidate.key == r.Key && candidate.version == *r.Version {
			return candidate.told(r.Place), true
		}
	}
	return Secret{}, false
}

func (s *Store) getImported(who Ability, f *folder, r Reading) (Secret, error) {
	missing := NotFound("NotFound", "Secret with name '%s' not found", r.Key)
	if !r.Imports || r.Version != nil && s.rules.VersionNeverImported {
		return Secret{}, missing
	}
	// Values are read here whatever who may, because a want of that right is told, not hidden.
	blocks, err := s.importsOf([]*folder{f}, readImports{
		who: who, projectID: r.ProjectID, view: r.ViewValue, expand: r.Expand, describedIsEnough: true,
	})
	if err != nil {
		return Secret{}, err
	}
	if !s.rules.FirstImportWins {
		slices.Reverse(blocks)
	}
	for _, block := range blocks {
		for _, found := range block.Secrets {
			if found.Key != r.Key {
				continue
			}
			if r.ViewValue && !who.Reads(ActionReadValue, found.object()) {
				return Secret{}, Forbidden("ForbiddenReadSecretError",
					"You do not have permission to view secret import value on secret with name '%s'", r.Key)
			}
			return found, nil
		}
	}
	return Secret{}, missing
}

func (s *Store) findSecret(id string) (Secret, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.projects {
		for _, e := range p.environments {
			for _, f := range e.root.below() {
				for _, had := range f.secrets {
					if had.secretID == id {
						return had.tell(Place{ProjectID: p.id, Environment: e.slug, Path: f.path()}), true
					}
				}
			}
		}
	}
	return Secret{}, false
}
