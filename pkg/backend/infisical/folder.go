// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"cmp"
	"context"
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
	ID          string          `json:"id"`
	Workspace   string          `json:"workspace"`
	Environment string          `json:"environment"`
	Version     int64           `json:"version"`
	Type        string          `json:"type"`
	Key         string          `json:"secretKey"`
	Value       *string         `json:"secretValue"`
	Hidden      bool            `json:"secretValueHidden"`
	Path        string          `json:"secretPath"`
	UpdatedAt   time.Time       `json:"updatedAt"`
	Tags        bounded[tag]    `json:"tags"`
	Remarks     bounded[remark] `json:"secretMetadata"`

	// lies is where an imported one lies, and beyond says that it lies somewhere beyond that.
	lies   site
	beyond bool
}

type tag struct {
	Slug string `json:"slug"`
}

// hidden reports whether the identity is shown no value.
func (s *secret) hidden() bool { return s.Hidden || s.Value == nil || *s.Value == placeholder }

// listAnswer is what a list of a folder holds. Of imports, a later one wins, and the
// folder's own secrets win against all.
type listAnswer struct {
	Secrets bounded[secret]   `json:"secrets"`
	Imports bounded[imported] `json:"imports"`
}

// imported is what a folder imports from one place.
type imported struct {
	Path        string          `json:"secretPath"`
	Environment string          `json:"environment"`
	Secrets     bounded[secret] `json:"secrets"`
}

// secretsOf returns what a list says. Errors: InvalidContent, if it is too large.
func (b *infisical) secretsOf(ref backend.EntryRef, got *answer) (said listAnswer, err error) {
	if got.TooLarge() {
		return said, b.tooLarge(ref)
	}
	if err := got.decode(&said); err != nil {
		return said, err
	}
	if said.Secrets == nil {
		return said, unreadable("the secrets are missing")
	}
	return said, nil
}

// folder returns the entry that a list shows.
func (b *infisical) folder(ctx context.Context, ref backend.EntryRef, got *answer) (backend.Entry, error) {
	said, err := b.secretsOf(ref, got)
	if err != nil {
		return backend.Entry{}, err
	}
	entry := newEntry(len(said.Secrets))
	entry.Tag = tagOf(got)
	if err := b.addOwn(&entry, ref, said.Secrets); err != nil {
		return backend.Entry{}, err
	}
	if err := b.trace(ctx, said.Imports); err != nil {
		return backend.Entry{}, err
	}
	if err := b.addImports(&entry, ref, said.Imports); err != nil {
		return backend.Entry{}, err
	}
	if len(entry.Fields) == 0 {
		return backend.Entry{}, fault.New(fault.InvalidContent, ReasonNothingShown,
			"folder %q of environment %q shows %s no secret: it is empty, or a role with DescribeSecret and ReadValue on its secrets is missing",
			shown(ref), b.selection.environment, b.identity.method.who())
	}
	return entry, nil
}

// maxText bounds what the server calls a secret and its place, in bytes: both are told.
const maxText = 1024

// maxTag bounds an ETag, in bytes: it is kept as long as somebody wants the folder.
const maxTag = 256

// tagOf returns what stands for the folder as it was answered.
func tagOf(got *answer) string {
	if etag := got.Header.Get("ETag"); len(etag) <= maxTag {
		return etag
	}
	return ""
}

// addOwn adds what lies in the folder and, where that is asked for, below it.
func (b *infisical) addOwn(entry *backend.Entry, ref backend.EntryRef, own []secret) error {
	for i := range own {
		own[i].Path = cmp.Or(own[i].Path, shown(ref))
	}
	slices.SortStableFunc(own, nearestFirst)
	for i := range own {
		if err := b.add(entry, ref, &own[i], b.originOf(ref, own[i].Path, own[i].Environment)); err != nil {
			return err
		}
	}
	return nil
}

// addImports adds what the folder imports and does not have itself.
func (b *infisical) addImports(entry *backend.Entry, ref backend.EntryRef, imports []imported) error {
	for _, from := range slices.Backward(imports) {
		for i := range from.Secrets {
			if _, decided := entry.Fields[from.Secrets[i].Key]; decided {
				continue
			}
			origin := b.originOf(ref, from.Secrets[i].lies.path, from.Secrets[i].lies.environment)
			if origin.Beyond = from.Secrets[i].beyond; origin.Beyond {
				entry.Tag = "" // It may only seem so, of lists from two moments: look again.
			}
			if err := b.add(entry, ref, &from.Secrets[i], origin); err != nil {
				return err
			}
		}
	}
	return nil
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
	switch {
	case s.Key == "" || s.Version < 1:
		return unreadable("a secret without a name or version")
	case max(len(s.Key), len(s.ID), len(from.Path), len(from.Container)) > maxText:
		return unreadable("a secret whose name, ID or path is too long")
	}
	if info, decided := entry.Values[s.Key]; decided {
		info.Hides = append(info.Hides, from)
		entry.Values[s.Key] = info
		return nil
	}
	if s.hidden() {
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
