// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/secretsync/secretsync/pkg/backend"
)

// maxTraced bounds how many imports of a folder are looked at; of the others it is not known
// where their values lie.
const maxTraced = 32

// trace finds out which imported secrets lie where they are imported from. The server tells
// no more than the nearest place: what that imports itself looks as if it lay there, so that
// a guard which goes by the place would let anything through that is imported twice. Imports
// from another environment are left alone: no guard lets them through.
func (b *infisical) trace(ctx context.Context, imports []imported) error {
	for i := range imports {
		from := &imports[i]
		if cmp.Or(from.Environment, b.selection.environment) != b.selection.environment || len(from.Secrets) == 0 {
			continue
		}
		var lies map[string]string
		if i < maxTraced {
			var err error
			if lies, err = b.liesIn(ctx, from.Path); err != nil {
				return err
			}
		}
		for j := range from.Secrets {
			s := &from.Secrets[j]
			s.beyond = s.ID == "" || lies[s.Key] != s.ID
		}
	}
	return nil
}

// liesIn returns the IDs of the secrets that a folder has itself, by name; none if it may not
// be read.
func (b *infisical) liesIn(ctx context.Context, path string) (map[string]string, error) {
	ref, err := backend.ParseRef(cmp.Or(strings.Trim(path, "/"), backend.Root), "")
	if err != nil {
		return nil, nil //nolint:nilerr // No guard allows such a path.
	}
	query := b.query(ref)
	setImports(query, false)
	query.Set("recursive", "false")
	query.Set("includePersonalOverrides", "false")
	got, err := b.get(ctx, request{query: query})
	if err != nil {
		return nil, err
	}
	switch got.Status {
	case http.StatusOK:
	case http.StatusForbidden, http.StatusNotFound:
		return nil, nil
	default:
		return nil, b.unexpected(fmt.Sprintf("reading %q", shown(ref)), got)
	}
	said, err := b.secretsOf(ref, got)
	if err != nil {
		return nil, err
	}
	ids := make(map[string]string, len(said.Secrets))
	for i := range said.Secrets {
		ids[said.Secrets[i].Key] = said.Secrets[i].ID
	}
	return ids, nil
}
