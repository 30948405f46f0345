// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// reasonNotProven: nobody can tell whether a secret is gone or hidden.
const reasonNotProven = "FieldNotProven"

// place is a folder that requests are made of.
type place struct {
	ref         backend.EntryRef
	environment string
}

// here is the place of an entry.
func (b *infisical) here(ref backend.EntryRef) place {
	return place{ref: ref, environment: b.selection.environment}
}

// nearness says which of several values of one name is the entry's: what the folder has
// itself, then what lies below it, then what it imports.
type nearness int

const (
	itself nearness = iota
	below
	elsewhere
)

// nearnessOf tells how near to an entry a value lies.
func (b *infisical) nearnessOf(ref backend.EntryRef, from backend.Origin) nearness {
	switch {
	case from == backend.Origin{}:
		return itself
	case b.selection.recursive && from.Container == "" && (ref.IsRoot() || strings.HasPrefix(from.Path, ref.Path()+"/")):
		return below
	default:
		return elsewhere
	}
}

// beats reports whether, of two values of one name, that from one place is the entry's,
// whatever becomes of the other. Of two imports nobody knows.
func (b *infisical) beats(ref backend.EntryRef, one, other backend.Origin) bool {
	a, o := b.nearnessOf(ref, one), b.nearnessOf(ref, other)
	return a < o || a == below && o == below && nearestFirst(secret{Path: one.Path}, secret{Path: other.Path}) < 0
}

// ProveField asks for a secret where it lay. One that is there, but no part of the entry any
// more, is gone; so is one that has lost its tags, where only some are read.
func (b *infisical) ProveField(ctx context.Context, ref backend.EntryRef, field backend.Field, shown *backend.Origin) error {
	near := b.nearnessOf(ref, field.From)
	switch {
	case shown != nil && b.beats(ref, *shown, field.From), near == elsewhere && !b.selection.imports:
		return noSecret(b.here(ref), field.Name)
	case near == elsewhere:
		return b.proveImported(ctx, ref, field, shown)
	case near == itself:
		return b.proveAt(ctx, b.here(ref), field.Name)
	}
	at, err := b.placeOf(ref, field)
	if err != nil {
		return err
	}
	return b.proveAt(ctx, at, field.Name)
}

// proveImported is ProveField of a secret that was imported. Where it may be read, it is still
// the entry's only if the entry shows it by name: else it is imported no more, or by another
// import as well.
func (b *infisical) proveImported(ctx context.Context, ref backend.EntryRef, field backend.Field, shown *backend.Origin) error {
	at, err := b.placeOf(ref, field)
	if err != nil {
		return err
	}
	found, err := b.seek(ctx, at, field.Name, false)
	switch {
	case fault.Is(err, fault.NotFound) && at.environment != b.selection.environment:
		return b.proveEnvironment(ctx, ref, field, err)
	case err != nil:
		return err
	case found.hidden():
		return b.hidden(at.ref, field.Name)
	case shown != nil:
		return noSecret(at, field.Name)
	}
	_, err = b.seek(ctx, b.here(ref), field.Name, true)
	return err
}

// proveEnvironment returns the error that a secret of another environment is gone, unless the
// project no longer has that: one that was renamed is still imported, and what a role says of
// it may not hold any more.
func (b *infisical) proveEnvironment(ctx context.Context, ref backend.EntryRef, field backend.Field, gone error) error {
	info, err := b.lookUp(ctx)
	if err != nil {
		return err
	}
	if b.checkEnvironment(info, field.From.Container) != nil {
		return b.notProven(ref, field)
	}
	return gone
}

// placeOf returns where a secret lay.
func (b *infisical) placeOf(ref backend.EntryRef, field backend.Field) (place, error) {
	at, err := backend.ParseRef(field.From.Path, "")
	if err != nil || field.From.Beyond {
		return place{}, b.notProven(ref, field)
	}
	return place{ref: at, environment: cmp.Or(field.From.Container, b.selection.environment)}, nil
}

// notProven is the error for a secret that nobody can be asked for.
func (b *infisical) notProven(ref backend.EntryRef, field backend.Field) error {
	return fault.New(fault.Suspicious, reasonNotProven,
		"field %q of %q came through %q, and is no longer shown: whether it is gone or hidden from %s cannot be told", field.Name, shown(ref), field.From, b.identity.method.who())
}

// proveAt is ProveField of what a folder has itself.
func (b *infisical) proveAt(ctx context.Context, at place, name string) error {
	found, err := b.seek(ctx, at, name, false)
	switch {
	case err != nil:
		return err
	case found.hidden():
		return b.hidden(at.ref, name)
	case len(b.selection.tags) > 0 && !slices.ContainsFunc(found.Tags, func(t tag) bool { return slices.Contains(b.selection.tags, t.Slug) }):
		return noSecret(at, name)
	}
	return nil
}

// seek asks for a secret as it is now, with or without what its folder imports.
func (b *infisical) seek(ctx context.Context, at place, name string, imports bool) (*secret, error) {
	query := b.query(at)
	query.Set("type", "shared")
	setImports(query, imports)
	return b.ask(ctx, at, request{secret: name, query: query})
}
