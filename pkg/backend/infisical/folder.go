// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// placeholder is what Infisical puts in place of a value that the identity may not read.
const placeholder = "<hidden-by-infisical>"

// reference matches what the server would put the value of another secret in place of, as
// the server itself finds it.
var reference = regexp.MustCompile(`\$\{[a-zA-Z0-9-_.]+\}`)

// secret is one secret, as both generations of the API tell of it.
type secret struct {
	ID          string    `json:"id"`
	Workspace   string    `json:"workspace"`
	Environment string    `json:"environment"`
	Version     int64     `json:"version"`
	Type        string    `json:"type"`
	Key         string    `json:"secretKey"`
	Value       *string   `json:"secretValue"`
	Hidden      bool      `json:"secretValueHidden"`
	Path        string    `json:"secretPath"`
	UpdatedAt   time.Time `json:"updatedAt"`
	Tags        []tag     `json:"tags"`
	Remarks     []remark  `json:"secretMetadata"`
}

type tag struct {
	Slug string `json:"slug"`
}

// listAnswer is what a list of a folder holds. Of imports, a later one wins, and the
// folder's own secrets win against all.
type listAnswer struct {
	Secrets []secret `json:"secrets"`
	Imports []struct {
		Path        string   `json:"secretPath"`
		Environment string   `json:"environment"`
		Secrets     []secret `json:"secrets"`
	} `json:"imports"`
}

// folder returns the entry that a list shows.
func (b *infisical) folder(ref backend.EntryRef, got *answer) (backend.Entry, error) {
	var said listAnswer
	if got.TooLarge() {
		return backend.Entry{}, b.tooLarge(ref)
	}
	if err := got.decode(&said); err != nil {
		return backend.Entry{}, err
	}
	if said.Secrets == nil {
		return backend.Entry{}, unreadable("the secrets are missing")
	}
	entry := newEntry(len(said.Secrets))
	entry.Tag = got.Header.Get("ETag")
	own := said.Secrets
	for i := range own {
		own[i].Path = cmp.Or(own[i].Path, shown(ref))
	}
	slices.SortStableFunc(own, nearestFirst)
	for i := range own {
		if err := b.add(&entry, ref, &own[i], b.originOf(ref, own[i].Path, b.selection.environment)); err != nil {
			return backend.Entry{}, err
		}
	}
	for _, from := range slices.Backward(said.Imports) {
		origin := b.originOf(ref, from.Path, from.Environment)
		for i := range from.Secrets {
			if _, decided := entry.Fields[from.Secrets[i].Key]; decided {
				continue
			}
			if err := b.add(&entry, ref, &from.Secrets[i], origin); err != nil {
				return backend.Entry{}, err
			}
		}
	}
	if len(entry.Fields) == 0 {
		return backend.Entry{}, fault.New(fault.InvalidContent, ReasonNothingShown,
			"folder %q of environment %q shows %s no secret: it is empty, or a role with DescribeSecret and ReadValue on its secrets is missing",
			shown(ref), b.selection.environment, b.identity.method.who())
	}
	return entry, nil
}

// newEntry is an entry without fields.
func newEntry(size int) backend.Entry {
	return backend.Entry{Fields: make(map[string]sensitive.Value, size), Values: make(map[string]backend.ValueInfo, size)}
}

// nearestFirst orders secrets by how deep they lie, then by path, so that of one name the
// same one wins whatever order the server lists them in.
func nearestFirst(a, b secret) int {
	depth := func(s secret) int {
		return strings.Count(strings.Trim(s.Path, "/"), "/") + min(len(strings.Trim(s.Path, "/")), 1)
	}
	return cmp.Or(cmp.Compare(depth(a), depth(b)), cmp.Compare(a.Path, b.Path))
}

// originOf names a place, if it is another than the entry itself.
func (b *infisical) originOf(ref backend.EntryRef, path, environment string) backend.Origin {
	var origin backend.Origin
	if environment != "" && environment != b.selection.environment {
		origin.Container = environment
	}
	if path = strings.Trim(path, "/"); path == "" {
		path = backend.Root
	}
	if origin.Container != "" || path != ref.Path() {
		origin.Path = path
	}
	return origin
}

// add puts a secret into an entry. Of several with one name, the first one stays.
func (b *infisical) add(entry *backend.Entry, ref backend.EntryRef, s *secret, from backend.Origin) error {
	if s.Type == "personal" {
		return nil // Somebody's own, which an identity is not given unless it asks for it.
	}
	if s.Key == "" || s.Version < 1 {
		return unreadable("a secret without a name or version")
	}
	if info, decided := entry.Values[s.Key]; decided {
		info.Hides = append(info.Hides, from)
		entry.Values[s.Key] = info
		return nil
	}
	if s.Hidden || s.Value == nil || *s.Value == placeholder {
		return b.hidden(ref, s.Key)
	}
	text, err := json.Marshal(*s.Value)
	if err != nil {
		return unreadable("a value is no text")
	}
	entry.Fields[s.Key] = sensitive.New(text)
	entry.Values[s.Key] = backend.ValueInfo{
		ID: s.ID, Version: strconv.FormatInt(s.Version, 10), From: from,
		Unresolved: !b.selection.expand && !b.selection.literal && reference.MatchString(*s.Value),
	}
	if s.UpdatedAt.After(entry.VersionTime) {
		entry.VersionTime = s.UpdatedAt
	}
	return nil
}
