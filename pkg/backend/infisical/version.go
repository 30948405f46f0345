// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// pin matches a positive integer, short enough for one.
var pin = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)

// secretAnswer is what the server tells of one secret.
type secretAnswer struct {
	Secret *secret `json:"secret"`
}

// readVersion returns one version of one secret. The server finds it by name and number
// alone, so that it may be of another secret that had the name before: it counts only if it
// is of the secret that has it now.
func (b *infisical) readVersion(ctx context.Context, ref backend.EntryRef) (backend.Entry, error) {
	if !pin.MatchString(ref.Version()) {
		return backend.Entry{}, fault.New(fault.InvalidSpec, "InvalidVersion", "version %q: Infisical's versions are positive whole numbers", ref.Version())
	}
	live, err := b.one(ctx, ref, "")
	if err != nil {
		return backend.Entry{}, err
	}
	pinned, err := b.one(ctx, ref, ref.Version())
	switch {
	case fault.ReasonOf(err) == backend.ReasonEntryNotFound:
		return backend.Entry{}, fault.New(fault.NotFound, backend.ReasonVersionNotFound,
			"%q of %q has no version %s; the newest is %d, and older ones can be read unless they were removed", ref.Field(), shown(ref), ref.Version(), live.Version)
	case err != nil:
		return backend.Entry{}, err
	case fmt.Sprint(pinned.Version) != ref.Version():
		return backend.Entry{}, remote.Unavailable(remote.ReasonUnexpectedVersion,
			"Infisical answered with another version of %q of %q than %s", ref.Field(), shown(ref), ref.Version())
	case pinned.ID != live.ID:
		return backend.Entry{}, fault.New(fault.NotFound, ReasonRecreated,
			"version %s of %q of %q is of a secret that was deleted, and another one has its name now, at version %d", ref.Version(), ref.Field(), shown(ref), live.Version)
	}
	entry := newEntry(1)
	if err := b.add(&entry, ref, pinned, b.originOf(ref, cmp.Or(pinned.Path, shown(ref)), pinned.Environment)); err != nil {
		return backend.Entry{}, err
	}
	entry.Version = ref.Version()
	return entry, nil
}

// one asks for one secret of the folder itself, at a version or as it is now.
func (b *infisical) one(ctx context.Context, ref backend.EntryRef, version string) (*secret, error) {
	query := b.query(ref)
	query.Set("type", "shared")
	setImports(query, false) // Else a missing version is answered with an import's value.
	if version != "" {
		query.Set("version", version)
	}
	return b.ask(ctx, ref, request{secret: ref.Field(), query: query})
}

// ask sends a request of one secret. Errors: NotFound with ReasonEntryNotFound, Denied.
func (b *infisical) ask(ctx context.Context, ref backend.EntryRef, r request) (*secret, error) {
	if r.secret == "." || r.secret == ".." {
		return nil, b.noSecret(ref, r.secret) // As part of a path they would mean another one.
	}
	got, err := b.get(ctx, r)
	if err != nil {
		return nil, err
	}
	if got.Status != http.StatusOK {
		return nil, b.noAnswer(ref, r.secret, got)
	}
	var said secretAnswer
	if got.TooLarge() {
		return nil, b.tooLarge(ref)
	}
	if err := got.decode(&said); err != nil {
		return nil, err
	}
	if said.Secret == nil || said.Secret.Key != r.secret || said.Secret.ID == "" {
		return nil, unreadable("it is of another secret than asked for")
	}
	return said.Secret, nil
}

// noAnswer explains why one secret was not answered.
func (b *infisical) noAnswer(ref backend.EntryRef, field string, got *answer) error {
	switch {
	case got.Status == http.StatusForbidden:
		return fault.New(fault.Denied, remote.ReasonPermissionDenied, "%s may not read %q of %q in environment %q (HTTP 403)",
			b.identity.method.who(), field, shown(ref), b.selection.environment)
	case got.Status == http.StatusNotFound && slices.Contains([]string{errorNotFound, errorSecret, errorPathNotFound}, got.kind):
		return b.noSecret(ref, field)
	default:
		return b.unexpected(fmt.Sprintf("reading %q of %q", field, shown(ref)), got)
	}
}

func (b *infisical) noSecret(ref backend.EntryRef, field string) error {
	return fault.New(fault.NotFound, backend.ReasonEntryNotFound, "no secret %q in %q of environment %q", field, shown(ref), b.selection.environment)
}

func (b *infisical) tooLarge(ref backend.EntryRef) error {
	return fault.New(fault.InvalidContent, remote.ReasonAnswerTooLarge, "%q in environment %q is larger than 4 MiB", shown(ref), b.selection.environment)
}

// ProveField returns nil if the secret is there and may be read. Where only some tags are
// read, one that has lost them is gone.
func (b *infisical) ProveField(ctx context.Context, ref backend.EntryRef, field string) error {
	if path, known := b.places.of(ref, field); known {
		if err := b.proveAt(ctx, path, field); !fault.Is(err, fault.NotFound) {
			return err
		}
		b.places.forget(ref, field)
	}
	err := b.proveIn(ctx, ref, field, b.selection.imports)
	if b.selection.recursive && fault.ReasonOf(err) == backend.ReasonEntryNotFound {
		return b.proveBelow(ctx, ref, field)
	}
	return err
}

// proveIn is ProveField in one folder, with or without what it imports.
func (b *infisical) proveIn(ctx context.Context, ref backend.EntryRef, field string, imports bool) error {
	query := b.query(ref)
	query.Set("type", "shared")
	setImports(query, imports)
	found, err := b.ask(ctx, ref, request{secret: field, query: query})
	switch {
	case err != nil:
		return err
	case found.hidden():
		return b.hidden(ref, field)
	case len(b.selection.tags) > 0 && !slices.ContainsFunc(found.Tags, func(t tag) bool { return slices.Contains(b.selection.tags, t.Slug) }):
		return b.noSecret(ref, field)
	}
	return nil
}

// proveBelow returns why a field is missing from an entry with the folders below it: it is
// listed there where values are not asked for, or gone. One that the identity may not even
// know of looks the same as one that is gone.
func (b *infisical) proveBelow(ctx context.Context, ref backend.EntryRef, field string) error {
	query := b.query(ref)
	query.Set("viewSecretValue", "false")
	query.Set("expandSecretReferences", "false")
	query.Set("recursive", "true")
	got, err := b.get(ctx, request{query: query})
	switch {
	case err != nil:
		return err
	case got.Status != http.StatusOK:
		return b.noFolder(ref, got)
	}
	var said listAnswer
	if err := got.decode(&said); err != nil {
		return err
	}
	if slices.ContainsFunc(said.Secrets, func(s secret) bool { return s.Key == field }) {
		return b.hidden(ref, field)
	}
	return b.noSecret(ref, field)
}
