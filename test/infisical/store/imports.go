// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"slices"
	"time"
)

// maxImportDepth is how deep imports of imports are followed.
const maxImportDepth = 10

// imported is an import of a folder: it holds by the environment's id, so that it survives a rename.
type imported struct {
	id, environmentID, path string
	position                int
	created, updated        time.Time
}

// CreateImport has a folder import another one of the same project, after its other imports.
func (s *Store) CreateImport(who Writer, at Place, environmentSlug, path string) (Import, error) {
	at.Path = CleanPath(at.Path)
	made, err := func() (Import, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		f, err := s.folderOf(at, "CreateSecretImport")
		if err != nil {
			return Import{}, err
		}
		from := Place{ProjectID: at.ProjectID, Environment: environmentSlug, Path: path}
		e := s.projects[at.ProjectID].environment(environmentSlug)
		if e == nil || s.find(from) == nil {
			return Import{}, NotFound("NotFound", "Folder with path '%s' in environment with slug '%s' not found", path, environmentSlug)
		}
		now := s.now()
		made := &imported{id: newID(), environmentID: e.id, path: CleanPath(path), position: len(f.imports) + 1, created: now, updated: now}
		f.imports = append(f.imports, made)
		return made.tell(f, e), nil
	}()
	if err == nil {
		s.tellOfImports(who, at)
	}
	return made, err
}

// ListImports returns the imports of a folder by position.
func (s *Store) ListImports(at Place) ([]Import, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at.Path = CleanPath(at.Path)
	f, err := s.folderOf(at, "GetSecretImports")
	if err != nil {
		return nil, err
	}
	found := []Import{}
	for _, i := range f.imports {
		found = append(found, i.tell(f, s.projects[at.ProjectID].environmentByID(i.environmentID)))
	}
	return found, nil
}

// MoveImport gives an import of a folder another position, counted from 1.
func (s *Store) MoveImport(who Writer, at Place, id string, position int) (Import, error) {
	return s.changeImport(who, at, id, func(f *folder, index int) {
		moved := f.imports[index]
		f.imports = slices.Delete(f.imports, index, index+1)
		f.imports = slices.Insert(f.imports, min(max(position-1, 0), len(f.imports)), moved)
	})
}

// DeleteImport takes an import from a folder.
func (s *Store) DeleteImport(who Writer, at Place, id string) (Import, error) {
	return s.changeImport(who, at, id, func(f *folder, index int) { f.imports = slices.Delete(f.imports, index, index+1) })
}

func (s *Store) changeImport(who Writer, at Place, id string, change func(f *folder, index int)) (Import, error) {
	at.Path = CleanPath(at.Path)
	told, err := func() (Import, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		f, err := s.folderOf(at, "UpdateSecretImport")
		if err != nil {
			return Import{}, err
		}
		index := slices.IndexFunc(f.imports, func(i *imported) bool { return i.id == id })
		if index < 0 {
			return Import{}, NotFound("NotFound", "Secret import with ID '%s' not found", id)
		}
		changed := f.imports[index]
		change(f, index)
		for i := range f.imports {
			f.imports[i].position = i + 1
		}
		changed.updated = s.now()
		return changed.tell(f, s.projects[at.ProjectID].environmentByID(changed.environmentID)), nil
	}()
	if err == nil {
		s.tellOfImports(who, at)
	}
	return told, err
}

func (s *Store) tellOfImports(who Writer, at Place) {
	s.tell(Change{Kind: ImportMutation, ProjectID: at.ProjectID, Environment: at.Environment, Path: at.Path, By: who.Actor})
}

func (s *Store) folderOf(at Place, name string) (*folder, error) {
	f := s.find(at)
	if f == nil {
		return nil, NotFound(name, "Folder with path '%s' in environment with slug '%s' not found", at.Path, at.Environment)
	}
	return f, nil
}

func (p *project) environmentByID(id string) *environment {
	for _, e := range p.environments {
		if e.id == id {
			return e
		}
	}
	return nil
}

func (i *imported) tell(f *folder, e *environment) Import {
	told := Import{ID: i.id, FolderID: f.id, Path: i.path, Position: i.position, CreatedAt: i.created, UpdatedAt: i.updated}
	if e != nil {
		told.Environment = e.tell()
	}
	return told
}

// readImports is how imports are read.
type readImports struct {
	who          Ability
	projectID    string
	view, expand bool
	// describedIsEnough keeps what may be described though its value may not be read.
	describedIsEnough bool
}

// importsOf returns a block for each import of the folders whose target exists, by position.
func (s *Store) importsOf(folders []*folder, how readImports) ([]ImportBlock, error) {
	var all []*imported
	for _, f := range folders {
		all = append(all, f.imports...)
	}
	slices.SortStableFunc(all, func(a, b *imported) int { return cmp.Compare(a.position, b.position) })
	blocks := []ImportBlock{}
	for _, i := range all {
		from, place := s.target(i, how.projectID)
		if from == nil {
			continue
		}
		secrets := s.gather(i, how, map[*folder]bool{}, 0)
		if how.expand && how.view {
			resolve := resolver{store: s, who: how.who}
			if err := resolve.expandAll(secrets); err != nil {
				return nil, err
			}
		}
		blocks = append(blocks, ImportBlock{Environment: place.Environment, Path: place.Path, FolderID: from.id, Secrets: secrets})
	}
	return blocks, nil
}

func (s *Store) target(i *imported, projectID string) (*folder, Place) {
	e := s.projects[projectID].environmentByID(i.environmentID)
	if e == nil {
		return nil, Place{}
	}
	place := Place{ProjectID: projectID, Environment: e.slug, Path: i.path}
	return s.find(place), place
}

// gather returns what an import brings: the secrets of its folder, and below them those that this
// folder imports itself, where the last import counts.
func (s *Store) gather(i *imported, how readImports, seen map[*folder]bool, depth int) []Secret {
	f, place := s.target(i, how.projectID)
	gathered := []Secret{}
	if f == nil || seen[f] || depth >= maxImportDepth {
		return gathered
	}
	seen[f] = true
	defer delete(seen, f)
	for _, had := range f.secrets {
		told := had.tell(place)
		may := how.who.Reads(ActionReadValue, told.object())
		if !how.who.Reads(ActionDescribe, told.object()) || how.view && !may && !how.describedIsEnough {
			continue
		}
		if !how.view {
			told.hide()
		}
		gathered = append(gathered, told)
	}
	slices.SortFunc(gathered, func(a, b Secret) int { return cmp.Compare(a.ID, b.ID) })
	for _, deeper := range slices.Backward(f.imports) {
		for _, told := range s.gather(deeper, how, seen, depth+1) {
			if !slices.ContainsFunc(gathered, func(has Secret) bool { return has.Key == told.Key }) {
				gathered = append(gathered, told)
			}
		}
	}
	return gathered
}
