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
	query := b.query(b.here(ref))
	query.Set("type", "shared")
	setImports(query, false) // Else a missing version is answered with an import's value.
	if version != "" {
		query.Set("version", version)
	}
	return b.ask(ctx, b.here(ref), request{secret: ref.Field(), query: query})
}

// ask sends a request of one secret. Errors: NotFound with ReasonEntryNotFound, Denied.
func (b *infisical) ask(ctx context.Context, at place, r request) (*secret, error) {
	if r.secret == "." || r.secret == ".." {
		return nil, noSecret(at, r.secret) // As part of a path they would mean another one.
	}
	got, err := b.get(ctx, r)
	if err != nil {
		return nil, err
	}
	if got.Status != http.StatusOK {
		return nil, b.noAnswer(at, r.secret, got)
	}
	var said secretAnswer
	if got.TooLarge() {
		return nil, b.tooLarge(at.ref)
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
func (b *infisical) noAnswer(at place, field string, got *answer) error {
	switch {
	case got.Status == http.StatusForbidden:
		return fault.New(fault.Denied, remote.ReasonPermissionDenied, "%s may not read %q of %q in environment %q (HTTP 403)",
			b.identity.method.who(), field, shown(at.ref), at.environment)
	case got.Status == http.StatusNotFound && slices.Contains([]string{errorNotFound, errorSecret, errorPathNotFound}, got.kind):
		return noSecret(at, field)
	default:
		return b.unexpected(fmt.Sprintf("reading %q of %q", field, shown(at.ref)), got)
	}
}

func noSecret(at place, field string) error {
	return fault.New(fault.NotFound, backend.ReasonEntryNotFound, "no secret %q in %q of environment %q", field, shown(at.ref), at.environment)
}

func (b *infisical) tooLarge(ref backend.EntryRef) error {
	return fault.New(fault.InvalidContent, remote.ReasonAnswerTooLarge, "%q in environment %q is larger than 4 MiB", shown(ref), b.selection.environment)
}
