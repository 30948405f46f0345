// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/secretsync/secretsync/pkg/backend"
)

const (
	// maxTraced bounds how many folders are looked into for where imported secrets lie; of
	// those beyond it is not known.
	maxTraced = 32
	// maxDepth bounds how many imports of imports are followed, as the server itself does.
	maxDepth = 10
)

// site is a folder of an environment.
type site struct{ environment, path string }

// shelf says which secrets a folder has, by name: their IDs.
type shelf struct {
	site

	own     map[string]string
	imports []shelf
}

// tracer looks into folders, each once.
type tracer struct {
	*infisical

	seen map[site]*shelf
}

// trace finds out where imported secrets lie. The server tells no more than the nearest place:
// what that imports itself looks as if it lay there, so that a guard which goes by the place
// would let anything through that is imported twice, and that one which is no longer shown
// could not be asked for where it lies. Imports from another environment are left alone where
// paths are guarded: no guard lets them through.
func (b *infisical) trace(ctx context.Context, imports []imported) error {
	t := tracer{infisical: b, seen: map[site]*shelf{}}
	for i := range imports {
		from := &imports[i]
		at := b.siteOf(from)
		for j := range from.Secrets {
			s := &from.Secrets[j]
			s.lies = at
			if b.selection.guarded && at.environment != b.selection.environment {
				continue
			}
			found, err := t.find(ctx, at, s)
			if err != nil {
				return err
			}
			if s.beyond = found == nil; found != nil {
				s.lies = *found
			}
		}
	}
	return nil
}

// siteOf returns where something is imported from.
func (b *infisical) siteOf(from *imported) site {
	return site{environment: cmp.Or(from.Environment, b.selection.environment), path: cmp.Or(strings.Trim(from.Path, "/"), backend.Root)}
}

// find returns where a secret lies that a folder has or imports; nil if that is not known.
func (t *tracer) find(ctx context.Context, at site, s *secret) (*site, error) {
	for range maxDepth {
		has, err := t.look(ctx, at)
		if err != nil || has == nil || s.ID == "" {
			return nil, err
		}
		if has.own[s.Key] == s.ID {
			return &at, nil
		}
		next := slices.IndexFunc(has.imports, func(from shelf) bool { return from.own[s.Key] == s.ID })
		if next < 0 {
			return nil, nil //nolint:nilnil // It is not known, and no error.
		}
		at = has.imports[next].site
	}
	return nil, nil //nolint:nilnil // It is not known, and no error.
}

// look returns what a folder has; nil if it may not be read, or too many were.
func (t *tracer) look(ctx context.Context, at site) (*shelf, error) {
	if has, known := t.seen[at]; known {
		return has, nil
	}
	if len(t.seen) == maxTraced {
		return nil, nil //nolint:nilnil // See above.
	}
	has, err := t.shelf(ctx, at)
	t.seen[at] = has
	return has, err
}

// shelf asks for what a folder has. Values are not asked for.
func (b *infisical) shelf(ctx context.Context, at site) (*shelf, error) {
	ref, err := backend.ParseRef(at.path, "")
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // The server has such a path, and nobody here can name it.
	}
	query := b.query(place{ref: ref, environment: at.environment})
	query.Set("viewSecretValue", "false")
	query.Set("expandSecretReferences", "false")
	query.Set("recursive", strconv.FormatBool(false))
	query.Set("includePersonalOverrides", "false")
	got, err := b.get(ctx, request{query: query})
	if err != nil {
		return nil, err
	}
	switch got.Status {
	case http.StatusOK:
	case http.StatusForbidden, http.StatusNotFound:
		return nil, nil //nolint:nilnil // See look.
	default:
		return nil, b.unexpected(fmt.Sprintf("reading %q", shown(ref)), got)
	}
	said, err := b.secretsOf(ref, got)
	if err != nil {
		return nil, err
	}
	has := &shelf{site: at, own: idsOf(said.Secrets)}
	for _, from := range slices.Backward(said.Imports) {
		has.imports = append(has.imports, shelf{site: b.siteOf(&from), own: idsOf(from.Secrets)})
	}
	return has, nil
}

// idsOf returns the IDs of secrets by name.
func idsOf(secrets []secret) map[string]string {
	ids := make(map[string]string, len(secrets))
	for i := range secrets {
		ids[secrets[i].Key] = secrets[i].ID
	}
	return ids
}
