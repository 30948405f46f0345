// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

var folderName = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`) //nolint:gochecknoglobals // compiled once, never changed

// find returns the folder of a place, or nil.
func (s *Store) find(place Place) *folder {
	p := s.projects[place.ProjectID]
	if p == nil {
		return nil
	}
	e := p.environment(place.Environment)
	if e == nil {
		return nil
	}
	at := e.root
	for _, name := range segments(place.Path) {
		if at = at.child(name); at == nil {
			return nil
		}
	}
	return at
}

func segments(path string) []string {
	return slices.DeleteFunc(strings.Split(path, "/"), func(part string) bool { return part == "" })
}

func (f *folder) child(name string) *folder {
	for _, child := range f.children {
		if child.name == name {
			return child
		}
	}
	return nil
}

func (f *folder) path() string {
	if f.parent == nil {
		return "/"
	}
	return strings.TrimSuffix(f.parent.path(), "/") + "/" + f.name
}

func (f *folder) root() *folder {
	for f.parent != nil {
		f = f.parent
	}
	return f
}

// below returns f and all folders in it, parents first.
func (f *folder) below() []*folder {
	found := []*folder{f}
	for _, child := range f.children {
		found = append(found, child.below()...)
	}
	return found
}

// environmentOf returns the environment that the folder belongs to.
func (p *project) environmentOf(f *folder) *environment {
	for _, e := range p.environments {
		if e.root == f.root() {
			return e
		}
	}
	return nil
}

// CreateFolder makes a folder, and the folders above it that do not exist.
func (s *Store) CreateFolder(at Place, name, description string) (Folder, error) {
	defer s.restructured(at)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[at.ProjectID]
	if p == nil {
		return Folder{}, noProject(at.ProjectID)
	}
	e := p.environment(at.Environment)
	if e == nil {
		return Folder{}, NotFound("CreateFolder", "Environment with slug '%s' in project with ID '%s' not found", at.Environment, at.ProjectID)
	}
	if !folderName.MatchString(name) {
		return Folder{}, BadRequest("Invalid folder name. Only alphanumeric characters, dashes, and underscores are allowed.")
	}
	parent := e.root
	for _, part := range segments(at.Path) {
		next := parent.child(part)
		if next == nil {
			next = s.newFolder(part, parent)
			parent.children = append(parent.children, next)
		}
		parent = next
	}
	if parent.child(name) != nil {
		return Folder{}, BadRequest("Folder with name '%s' already exists in path '%s'", name, CleanPath(at.Path))
	}
	made := s.newFolder(name, parent)
	made.description = description
	parent.children = append(parent.children, made)
	return made.tell(e, parent), nil
}

// ListFolders returns the folders in a folder: its own or, if recursive, those at any depth.
// With a time that is not zero, only those whose secrets changed since.
func (s *Store) ListFolders(at Place, recursive bool, modifiedSince time.Time) ([]Folder, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.find(at)
	if f == nil {
		return nil, NotFound("GetFolders", "Folder with path '%s' in environment with slug '%s' not found", CleanPath(at.Path), at.Environment)
	}
	among := f.children
	if recursive {
		among = f.below()[1:]
	}
	e := s.projects[at.ProjectID].environmentOf(f)
	found := []Folder{}
	for _, child := range among {
		if !modifiedSince.IsZero() && !child.lastSecretModified.After(modifiedSince) {
			continue
		}
		found = append(found, child.tell(e, f))
	}
	return found, nil
}

// Folder returns the folder of that id, wherever it is.
func (s *Store) Folder(id string) (Folder, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, e, p := s.findFolder(id)
	if f == nil {
		return Folder{}, "", NotFound("NotFound", "Folder with ID '%s' not found", id)
	}
	return f.tell(e, e.root), p.id, nil
}

// RenameFolder gives the folder of that id in a place another name.
func (s *Store) RenameFolder(at Place, id, name string) (Folder, error) {
	defer s.restructured(at)
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.folderIn(at, id)
	if err != nil {
		return Folder{}, err
	}
	if !folderName.MatchString(name) {
		return Folder{}, BadRequest("Invalid folder name. Only alphanumeric characters, dashes, and underscores are allowed.")
	}
	f.name = name
	f.version++
	f.updated = s.now()
	return f.tell(s.projects[at.ProjectID].environmentOf(f), f.parent), nil
}

// DeleteFolder forgets the folder of that id or name in a place, with all that is in it.
func (s *Store) DeleteFolder(at Place, idOrName string) (Folder, error) {
	defer s.restructured(at)
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.folderIn(at, idOrName)
	if err != nil {
		return Folder{}, err
	}
	told := f.tell(s.projects[at.ProjectID].environmentOf(f), f.parent)
	f.parent.children = slices.DeleteFunc(f.parent.children, func(child *folder) bool { return child == f })
	return told, nil
}

func (s *Store) folderIn(at Place, idOrName string) (*folder, error) {
	parent := s.find(at)
	if parent == nil {
		return nil, NotFound("NotFound", "Folder with path '%s' in environment with slug '%s' not found", CleanPath(at.Path), at.Environment)
	}
	for _, child := range parent.children {
		if child.id == idOrName || child.name == idOrName {
			return child, nil
		}
	}
	return nil, NotFound("NotFound", "Folder with ID '%s' not found", idOrName)
}

func (s *Store) findFolder(id string) (*folder, *environment, *project) {
	for _, p := range s.projects {
		for _, e := range p.environments {
			for _, f := range e.root.below() {
				if f.id == id {
					return f, e, p
				}
			}
		}
	}
	return nil, nil, nil
}

func (f *folder) tell(e *environment, from *folder) Folder {
	told := Folder{
		ID: f.id, Name: f.name, EnvironmentID: e.id, Description: f.description, Path: f.path(),
		CreatedAt: f.created, UpdatedAt: f.updated, Version: f.version, LastSecretModified: f.lastSecretModified,
	}
	told.Relative = strings.TrimPrefix(strings.TrimPrefix(told.Path, from.path()), "/")
	if f.parent != nil {
		told.ParentID = f.parent.id
	}
	return told
}
