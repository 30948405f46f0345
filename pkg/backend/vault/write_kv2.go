// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// inspectKV2 reads the newest version of an entry. One that is deleted has a position and
// notes all the same.
func (v *vault) inspectKV2(ctx context.Context, ref backend.EntryRef) (backend.Held, error) {
	path := v.mount + "/data/" + ref.Path()
	got, err := v.authorized(ctx, call{method: http.MethodGet, path: path, namespace: v.namespace})
	if err != nil {
		return backend.Held{}, err
	}
	if got.Status != http.StatusOK && got.Status != http.StatusNotFound {
		return backend.Held{}, v.refused(got, fmt.Sprintf("reading %q in mount %q", ref.Path(), v.mount), path, "read")
	}
	var said kv2Answer
	if err := got.decode(&said); err != nil {
		return backend.Held{}, err
	}
	held := backend.Held{Position: "0", Checked: true}
	switch {
	case said.Data == nil || said.Data.Metadata == nil:
		if err := v.notFound(got, ref); fault.ReasonOf(err) != backend.ReasonEntryNotFound {
			return backend.Held{}, err
		}
		return held, nil
	case got.Status == http.StatusOK:
		held.Exists, held.Fields = true, fields(said.Data.Data)
	}
	held.Position = strconv.FormatInt(said.Data.Metadata.Version, 10)
	held.Notes = said.Data.Metadata.CustomMetadata
	return held, nil
}

// putKV2 sets notes before it writes the fields, and removes them afterwards: what is cut off
// in between is a field that is noted and not there, which does no harm, and never one of
// which nobody knows whose it is.
func (v *vault) putKV2(ctx context.Context, ref backend.EntryRef, held backend.Held, change backend.Change) error {
	set, removed, before := map[string]string{}, map[string]string{}, map[string]string{}
	for name, text := range change.Notes {
		if text == "" {
			removed[name] = ""
		} else {
			set[name], before[name] = text, held.Notes[name]
		}
	}
	if err := v.note(ctx, ref, set); err != nil {
		return err
	}
	err := v.putData(ctx, ref, held, change.Fields)
	if err == nil {
		return v.note(ctx, ref, removed)
	}
	if fault.Is(err, fault.Unavailable) { // Nobody knows whether it was written.
		return err
	}
	if fault.Is(err, fault.Conflict) && v.overtaken(ctx, ref, held, change) {
		return err
	}
	if undo := v.note(ctx, ref, before); undo != nil {
		return remote.Within(fmt.Sprintf("the notes of %q in mount %q could not be taken back", ref.Path(), v.mount), err)
	}
	return err
}

// overtaken reports whether a field that a change would add is there by now. That is another run
// with the same change, which has the same notes: to take them back would be to take its own.
func (v *vault) overtaken(ctx context.Context, ref backend.EntryRef, held backend.Held, change backend.Change) bool {
	now, err := v.inspectKV2(ctx, ref)
	if err != nil {
		return false
	}
	for name := range change.Fields {
		_, before := held.Fields[name]
		if _, there := now.Fields[name]; there && !before {
			return true
		}
	}
	return false
}

// putData makes the version behind the held one.
func (v *vault) putData(ctx context.Context, ref backend.EntryRef, held backend.Held, fields map[string]sensitive.Value) error {
	position, err := strconv.ParseUint(held.Position, 10, 63)
	if err != nil {
		return fault.New(fault.InvalidSpec, "InvalidPosition", "%q in mount %q was not inspected before it is written", ref.Path(), v.mount)
	}
	path := v.mount + "/data/" + ref.Path()
	got, err := v.authorized(ctx, call{method: http.MethodPost, path: path, namespace: v.namespace, body: map[string]any{
		"data": rawFields(fields), "options": map[string]any{"cas": position},
	}})
	if err != nil {
		return err
	}
	return v.written(got, ref, path, "create", "read", "update")
}

// note sets or removes some of an entry's notes and leaves the others.
func (v *vault) note(ctx context.Context, ref backend.EntryRef, notes map[string]string) error {
	if len(notes) == 0 {
		return nil
	}
	wanted := make(map[string]any, len(notes))
	for name, text := range notes {
		wanted[name] = text
		if text == "" {
			wanted[name] = nil
		}
	}
	path := v.metadataPath(ref)
	r := call{
		method: http.MethodPatch, path: path, namespace: v.namespace, kind: "application/merge-patch+json", bare: true,
		body: map[string]any{"custom_metadata": wanted},
	}
	got, err := v.authorized(ctx, r)
	if err == nil && got.Status == http.StatusNotFound && !got.says("no handler for route") { // The entry is new.
		r.method, r.kind, r.bare = http.MethodPost, "", false
		got, err = v.authorized(ctx, r)
	}
	if err != nil {
		return err
	}
	return v.written(got, ref, path, "create", "update", "patch")
}
