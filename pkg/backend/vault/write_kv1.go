// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"net/http"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// inspectKV1 reads an entry of a version 1 engine, which can neither check nor keep notes.
func (v *vault) inspectKV1(ctx context.Context, ref backend.EntryRef) (backend.Held, error) {
	entry, err := v.readKV1(ctx, ref)
	if fault.ReasonOf(err) == backend.ReasonEntryNotFound {
		return backend.Held{}, nil
	}
	if err != nil {
		return backend.Held{}, err
	}
	return backend.Held{Exists: true, Fields: entry.Fields}, nil
}

func (v *vault) putKV1(ctx context.Context, ref backend.EntryRef, change backend.Change) error {
	if len(change.Notes) > 0 {
		return fault.New(fault.InvalidSpec, backend.ReasonNotesUnsupported,
			"mount %q is a KV engine of version 1, which keeps nothing beside an entry", v.mount)
	}
	path := v.mount + "/" + ref.Path()
	got, err := v.authorized(ctx, call{method: http.MethodPost, path: path, namespace: v.namespace, body: rawFields(change.Fields)})
	if err != nil {
		return err
	}
	return v.written(got, ref, path, "create", "read", "update")
}
