// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"
	"strings"
	"time"
)

// Write is what to make of one secret. Nil leaves it as it is, or empty if it is new.
type Write struct {
	Key string
	// NewKey renames it; empty keeps the name.
	NewKey         string
	Value, Comment *string
	Metadata       []Metadata
	TagIDs         []string
	SkipMultiline  *bool
}

// Writer is who writes, and what they may do.
type Writer struct {
	Actor Actor
	Can   Ability
}

// Create makes secrets in a folder, all or none. A key in use is refused.
func (s *Store) Create(who Writer, at Place, writes ...Write) ([]Secret, error) {
	return s.write(who, at, Created, func(f *folder) ([]*secret, error) {
		var taken []string
		for _, w := range writes {
			if f.secret(w.Key) != nil {
				taken = append(taken, w.Key)
			}
		}
		if len(taken) > 0 {
			return nil, BadRequest("Secret already exists: %s", strings.Join(taken, ","))
		}
		var made []*secret
		for _, w := range writes {
			if !who.Can.Can(ActionCreate, SubjectSecrets, Object{Environment: at.Environment, Path: at.Path, Name: w.Key}) {
				return nil, Denied(ActionCreate, SubjectSecrets)
			}
			fresh := &secret{row: row{secretID: newID(), key: w.Key}, created: s.now()}
			if err := s.set(fresh, at.ProjectID, w); err != nil {
				return nil, err
			}
			made = append(made, fresh)
		}
		f.secrets = append(f.secrets, made...)
		return made, nil
	})
}

// Update changes secrets of a folder, all or none; each gets one version more. A missing one is refused.
func (s *Store) Update(who Writer, at Place, writes ...Write) ([]Secret, error) {
	return s.write(who, at, Updated, func(f *folder) ([]*secret, error) {
		var found []*secret
		for _, w := range writes {
			if !who.Can.Can(ActionEdit, SubjectSecrets, Object{Environment: at.Environment, Path: at.Path, Name: w.Key}) {
				return nil, Denied(ActionEdit, SubjectSecrets)
			}
			had := f.secret(w.Key)
			if had == nil {
				return nil, NotFound("NotFound", "Secret with name '%s' not found", w.Key)
			}
			if w.NewKey != "" && w.NewKey != w.Key && f.secret(w.NewKey) != nil {
				return nil, BadRequest("Secret already exists: %s", w.NewKey)
			}
			found = append(found, had)
		}
		for i, w := range writes {
			if err := s.set(found[i], at.ProjectID, w); err != nil {
				return nil, err
			}
		}
		return found, nil
	})
}

// Delete forgets secrets of a folder for good, all or none. Their versions stay (see Rules). A
// missing one is refused.
func (s *Store) Delete(who Writer, at Place, keys ...string) ([]Secret, error) {
	return s.write(who, at, Deleted, func(f *folder) ([]*secret, error) {
		var gone []*secret
		for _, key := range keys {
			if !who.Can.Can(ActionDelete, SubjectSecrets, Object{Environment: at.Environment, Path: at.Path, Name: key}) {
				return nil, Denied(ActionDelete, SubjectSecrets)
			}
			had := f.secret(key)
			if had == nil {
				return nil, NotFound("NotFound", "Secret with name '%s' not found", key)
			}
			gone = append(gone, had)
		}
		f.secrets = slices.DeleteFunc(f.secrets, func(kept *secret) bool { return slices.Contains(gone, kept) })
		if s.rules.DeletedVersionsGone {
			f.history = slices.DeleteFunc(f.history, func(r row) bool {
				return slices.ContainsFunc(gone, func(g *secret) bool { return g.secretID == r.secretID })
			})
		}
		return gone, nil
	})
}

// write finds the folder, lets change work on it, keeps the history and tells of it.
func (s *Store) write(who Writer, at Place, kind ChangeKind, change func(*folder) ([]*secret, error)) ([]Secret, error) {
	at.Path = CleanPath(at.Path)
	told, err := s.writeLocked(who, at, kind, change)
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(told))
	for i := range told {
		keys[i] = told[i].Key
	}
	s.tell(Change{Kind: kind, ProjectID: at.ProjectID, Environment: at.Environment, Path: at.Path, Keys: keys, By: who.Actor})
	return told, nil
}

func (s *Store) writeLocked(who Writer, at Place, kind ChangeKind, change func(*folder) ([]*secret, error)) ([]Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.find(at)
	if f == nil {
		return nil, NotFound("NotFound", "Folder with path '%s' in environment with slug '%s' not found", at.Path, at.Environment)
	}
	changed, err := change(f)
	if err != nil {
		return nil, err
	}
	f.lastSecretModified = s.now()
	told := make([]Secret, len(changed))
	for i, c := range changed {
		if kind != Deleted {
			c.version++
			c.at, c.by = s.now(), who.Actor
			f.history = append(f.history, c.row)
		}
		told[i] = c.tell(at)
		if !who.Can.Reads(ActionReadValue, told[i].object()) {
			told[i].hide()
		}
	}
	return told, nil
}

func (s *Store) set(target *secret, projectID string, w Write) error {
	if w.TagIDs != nil {
		tags, err := s.tags(projectID, w.TagIDs)
		if err != nil {
			return err
		}
		target.tags = tags
	}
	if w.NewKey != "" {
		target.key = w.NewKey
	}
	if w.Value != nil {
		target.value = Trim(*w.Value)
	}
	if w.Comment != nil {
		target.comment = *w.Comment
	}
	if w.Metadata != nil {
		target.metadata = slices.Clone(w.Metadata)
	}
	if w.SkipMultiline != nil {
		target.skipMultiline = *w.SkipMultiline
	}
	return nil
}

func (s *Store) tags(projectID string, ids []string) ([]Tag, error) {
	tags := []Tag{}
	for _, tag := range s.projects[projectID].tags {
		if slices.Contains(ids, tag.ID) {
			tags = append(tags, tag)
		}
	}
	if len(tags) != len(ids) {
		return nil, NotFound("NotFound", "Tag not found. Found %d of %d", len(tags), len(ids))
	}
	return tags, nil
}

// Trim is what the server makes of a value before it keeps it: no white space around it, but one
// line feed at its end stays.
func Trim(value string) string {
	if strings.HasSuffix(value, "\n") {
		return strings.TrimSpace(value) + "\n"
	}
	return strings.TrimSpace(value)
}

func (f *folder) secret(key string) *secret {
	for _, s := range f.secrets {
		if s.key == key {
			return s
		}
	}
	return nil
}

func (s *secret) tell(at Place) Secret {
	told := s.row.tell(at, s.created)
	told.Metadata = slices.Clone(s.metadata)
	if told.Metadata == nil {
		told.Metadata = []Metadata{}
	}
	return told
}

// tell is the row without its metadata, which the history does not keep.
func (r row) tell(at Place, created time.Time) Secret {
	return Secret{
		ID: r.secretID, ProjectID: at.ProjectID, Environment: at.Environment, Path: at.Path, Key: r.key,
		Value: r.value, Comment: r.comment, Version: r.version, SkipMultiline: r.skipMultiline,
		CreatedAt: created, UpdatedAt: r.at, Actor: r.by, Tags: append([]Tag{}, r.tags...),
	}
}

func (s *Secret) object() Object {
	object := Object{Environment: s.Environment, Path: s.Path, Name: s.Key}
	for _, tag := range s.Tags {
		object.Tags = append(object.Tags, tag.Slug)
	}
	return object
}

func (s *Secret) hide() { s.Value, s.Hidden = HiddenValue, true }
