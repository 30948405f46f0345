// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

const (
	// maxPlaces bounds how many values are remembered the places of, of all entries.
	maxPlaces = 20_000
	// maxDisplaced bounds how many of them are looked for by one read.
	maxDisplaced = 16
)

// places remembers where the values of entries lay that were put together of several folders.
// A secret that the identity is no longer shown leaves its name to a farther one, or to an
// import: that is no other value of the name, and must not be served as if it were. The zero
// value is ready.
type places struct {
	mu    sync.Mutex
	known map[backend.EntryRef]map[string]string // by field: the path of a folder
	size  int
}

// of returns where a field lay, if that is known and below the entry or in it.
func (p *places) of(ref backend.EntryRef, field string) (path string, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	path, known = p.known[ref][field]
	return path, known
}

// learn remembers where a field lies.
func (p *places) learn(ref backend.EntryRef, field, path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || p.size >= maxPlaces {
		p.known, p.size = map[backend.EntryRef]map[string]string{}, 0
	}
	if p.known[ref] == nil {
		p.known[ref] = map[string]string{}
	}
	if _, known := p.known[ref][field]; !known {
		p.size++
	}
	p.known[ref][field] = path
}

// forget ends what is remembered of a field.
func (p *places) forget(ref backend.EntryRef, field string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.known[ref][field]; known {
		delete(p.known[ref], field)
		p.size--
	}
}

// settle returns nil if each value is the one that its name stands for: those that were
// nearer before are gone. It remembers where the folders' own values lie. Of a folder that is
// neither recursive nor imports anything, nothing can be displaced.
func (b *infisical) settle(ctx context.Context, ref backend.EntryRef, said listAnswer) error {
	if !b.selection.recursive && len(said.Imports) == 0 {
		return nil
	}
	nearest := map[string]string{}
	for i := range said.Secrets {
		if own := &said.Secrets[i]; nearest[own.Key] == "" {
			nearest[own.Key] = own.Path
		}
	}
	for _, field := range b.displaced(ref, nearest, said.Imports) {
		path, _ := b.places.of(ref, field)
		switch err := b.proveAt(ctx, path, field); {
		case fault.Is(err, fault.NotFound):
			b.places.forget(ref, field)
		case err != nil:
			return err
		default:
			return fault.New(fault.Suspicious, reasonNotListed,
				"field %q of %q is there, but was not among those that were read", field, path)
		}
	}
	for field, path := range nearest {
		b.places.learn(ref, field, path)
	}
	return nil
}

// displaced lists the fields that others stand in for now, sorted, some of them if they are
// many. What is missing altogether is not among them.
func (b *infisical) displaced(ref backend.EntryRef, nearest map[string]string, imports []imported) (fields []string) {
	b.places.mu.Lock()
	defer b.places.mu.Unlock()
	for field, before := range b.places.known[ref] {
		now, there := nearest[field]
		if there && nearestFirst(secret{Path: before}, secret{Path: now}) < 0 || !there && brings(imports, field) {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return fields[:min(len(fields), maxDisplaced)]
}

// brings reports whether one of the imports has a secret of that name.
func brings(imports []imported, field string) bool {
	return slices.ContainsFunc(imports, func(from imported) bool {
		return slices.ContainsFunc(from.Secrets, func(s secret) bool { return s.Key == field })
	})
}

// proveAt is ProveField of what a folder has itself.
func (b *infisical) proveAt(ctx context.Context, path, field string) error {
	at, err := backend.ParseRef(cmp.Or(strings.Trim(path, "/"), backend.Root), "")
	if err != nil {
		return err //nolint:wrapcheck // classed and complete
	}
	return b.proveIn(ctx, at, field, false)
}
