// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/utils/clock"
)

// Rules are the points in which servers differ, or in which nobody is certain of the server. The
// zero value is the newest server that was read.
type Rules struct {
	// MissingReferenceIsEmpty replaces a reference without target by nothing; otherwise it stays as text.
	MissingReferenceIsEmpty bool
	// VersionNeverImported answers 404 for a version that does not exist; otherwise, where imports
	// are asked for, the current value of an imported secret is told.
	VersionNeverImported bool
	// NewestCandidate tells the newest of several rows with one version number (after a secret was
	// deleted and made again); otherwise the oldest.
	NewestCandidate bool
	// DeletedVersionsGone drops the versions of a secret with it.
	DeletedVersionsGone bool
	// FirstImportWins turns the order of precedence of imports around for reads of one secret. No known
	// server does so; it shows that a test notices.
	FirstImportWins bool
	// ReferencesThroughImports resolves a reference of a list in the imports of its folder, too.
	ReferencesThroughImports bool
}

// Store is the memory of a server. It is safe for concurrent use.
type Store struct {
	clock clock.PassiveClock
	rules Rules

	mu       sync.Mutex
	projects map[string]*project
	changed  []func(Change)
}

type project struct {
	id, name, slug, orgID string
	created, updated      time.Time
	environments          []*environment
	tags                  []Tag
	roles                 map[string][]Rule
}

type environment struct {
	id, name, slug string
	root           *folder
}

type folder struct {
	id, name, description string
	parent                *folder
	children              []*folder
	secrets               []*secret
	history               []row
	imports               []*imported
	created, updated      time.Time
	lastSecretModified    time.Time
	version               int
}

type secret struct {
	row

	created time.Time
}

// row is a secret's state, which is also a row of the history.
type row struct {
	secretID, key, value, comment string
	version                       int
	skipMultiline                 bool
	metadata                      []Metadata
	tags                          []Tag
	at                            time.Time
	by                            Actor
}

// New returns a store without a project.
func New(c clock.PassiveClock, rules Rules) *Store {
	return &Store{clock: c, rules: rules, projects: map[string]*project{}}
}

// OnChange has f called after each change, in the writer's goroutine and without a lock. It must be
// called before the store is used.
func (s *Store) OnChange(f func(Change)) { s.changed = append(s.changed, f) }

func (s *Store) tell(c Change) {
	for _, f := range s.changed {
		f(c)
	}
}

// restructured tells that folders or environments changed, or that somebody tried.
func (s *Store) restructured(at Place) {
	s.tell(Change{Kind: Restructured, ProjectID: at.ProjectID, Environment: at.Environment, Path: CleanPath(at.Path)})
}

// CreateProject makes a project with the environments dev, staging and prod. A slug in use is refused.
func (s *Store) CreateProject(name, slug, orgID string) (Project, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.projects {
		if p.slug == slug {
			return Project{}, BadRequest("A project with the slug %q already exists in your organization.", slug)
		}
	}
	now := s.now()
	p := &project{id: newID(), name: name, slug: slug, orgID: orgID, created: now, updated: now, roles: map[string][]Rule{}}
	for _, e := range [][2]string{{"Development", "dev"}, {"Staging", "staging"}, {"Production", "prod"}} {
		p.environments = append(p.environments, s.newEnvironment(e[0], e[1]))
	}
	s.projects[p.id] = p
	return p.tell(), nil
}

// Project returns the project of that id or, with bySlug, of that slug.
func (s *Store) Project(name string, bySlug bool) (Project, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.projects {
		if bySlug && p.slug == name || !bySlug && p.id == name {
			return p.tell(), nil
		}
	}
	if bySlug {
		return Project{}, NotFound("NotFound", "Project with slug '%s' not found", name)
	}
	return Project{}, noProject(name)
}

// DeleteProject forgets a project.
func (s *Store) DeleteProject(id string) (Project, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.projects[id]
	if !ok {
		return Project{}, noProject(id)
	}
	delete(s.projects, id)
	return p.tell(), nil
}

// CreateEnvironment adds an environment to a project.
func (s *Store) CreateEnvironment(projectID, slug, name string) (Environment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.projects[projectID]
	if !ok {
		return Environment{}, noProject(projectID)
	}
	if p.environment(slug) != nil {
		return Environment{}, BadRequest("Environment with slug already exist")
	}
	e := s.newEnvironment(name, slug)
	p.environments = append(p.environments, e)
	return e.tell(), nil
}

// RenameEnvironment gives the environment of that id another slug, another name, or both.
func (s *Store) RenameEnvironment(projectID, id, slug, name string) (Environment, error) {
	defer s.restructured(Place{ProjectID: projectID})
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.projects[projectID]
	if !ok {
		return Environment{}, noProject(projectID)
	}
	for _, e := range p.environments {
		if e.id != id {
			continue
		}
		if slug != "" {
			e.slug = slug
		}
		if name != "" {
			e.name = name
		}
		return e.tell(), nil
	}
	return Environment{}, NotFound("NotFound", "Environment with id '%s' not found", id)
}

// CreateTag adds a tag to a project.
func (s *Store) CreateTag(projectID, slug, name, color string) (Tag, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.projects[projectID]
	if !ok {
		return Tag{}, noProject(projectID)
	}
	tag := Tag{ID: newID(), Slug: slug, Name: name, Color: color}
	if tag.Name == "" {
		tag.Name = slug
	}
	p.tags = append(p.tags, tag)
	return tag, nil
}

func (s *Store) newEnvironment(name, slug string) *environment {
	return &environment{id: newID(), name: name, slug: slug, root: s.newFolder("root", nil)}
}

func (s *Store) newFolder(name string, parent *folder) *folder {
	now := s.now()
	return &folder{id: newID(), name: name, parent: parent, created: now, updated: now, version: 1}
}

// now has the precision of the server's answers.
func (s *Store) now() time.Time { return s.clock.Now().UTC().Truncate(time.Millisecond) }

func (p *project) environment(slug string) *environment {
	for _, e := range p.environments {
		if e.slug == slug {
			return e
		}
	}
	return nil
}

func (p *project) tell() Project {
	told := Project{ID: p.id, Name: p.name, Slug: p.slug, OrgID: p.orgID, CreatedAt: p.created, UpdatedAt: p.updated}
	for _, e := range p.environments {
		told.Environments = append(told.Environments, e.tell())
	}
	return told
}

func (e *environment) tell() Environment { return Environment{ID: e.id, Name: e.name, Slug: e.slug} }

func noProject(id string) *Error {
	return NotFound("NotFound", "Project with ID '%s' not found", id)
}

func newID() string { return string(uuid.NewUUID()) }

// CleanPath is a path as the server compares it: absolute, without a slash at its end.
func CleanPath(path string) string {
	path = strings.TrimRight(path, "/")
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}
