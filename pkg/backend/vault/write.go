// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// ReasonChanged says: the entry is not any more as it was read. A Conflict.
const ReasonChanged = "EntryChanged"

var _ backend.Writer = &vault{}

// Inspect returns the newest state of the entry.
func (v *vault) Inspect(ctx context.Context, ref backend.EntryRef) (backend.Held, error) {
	engine, err := v.kvVersion(ctx)
	if fault.ReasonOf(err) == ReasonKVVersionUnknown {
		return backend.Held{}, v.mountGone(ctx, ref, err)
	}
	if err != nil {
		return backend.Held{}, err
	}
	if engine == v1alpha1.KVVersion1 {
		return v.inspectKV1(ctx, ref)
	}
	return v.inspectKV2(ctx, ref)
}

// Put replaces the fields of the entry.
func (v *vault) Put(ctx context.Context, ref backend.EntryRef, held backend.Held, change backend.Change) error {
	engine, err := v.kvVersion(ctx)
	if err != nil {
		return err
	}
	if engine == v1alpha1.KVVersion1 {
		return v.putKV1(ctx, ref, change)
	}
	return v.putKV2(ctx, ref, held, change)
}

// Delete removes the entry for good.
func (v *vault) Delete(ctx context.Context, ref backend.EntryRef, held backend.Held) error {
	engine, err := v.kvVersion(ctx)
	if err != nil {
		return err
	}
	path := v.mount + "/" + ref.Path()
	if engine == v1alpha1.KVVersion2 {
		// The last version says in one step that nobody wrote meanwhile, and takes the fields away.
		if err := v.putData(ctx, ref, held, nil); err != nil {
			return err
		}
		path = v.metadataPath(ref)
	}
	got, err := v.authorized(ctx, call{method: http.MethodDelete, path: path, namespace: v.namespace})
	if err != nil {
		return err
	}
	return v.written(got, ref, path, "delete")
}

// List names what is in a folder.
func (v *vault) List(ctx context.Context, folder string) ([]string, error) {
	engine, err := v.kvVersion(ctx)
	if err != nil {
		return nil, err
	}
	path := v.mount
	if engine == v1alpha1.KVVersion2 {
		path += "/metadata"
	}
	if folder != "" {
		ref, err := backend.ParseRef(folder, "")
		if err != nil {
			return nil, err
		}
		path += "/" + ref.Path()
	}
	got, err := v.authorized(ctx, call{method: http.MethodGet, path: path + "/", query: url.Values{"list": {"true"}}, namespace: v.namespace})
	if err != nil {
		return nil, err
	}
	switch {
	case got.Status == http.StatusNotFound && !got.says("no handler for route"):
		return nil, nil
	case got.Status != http.StatusOK:
		return nil, v.refused(got, "listing "+path, path+"/*", "list")
	}
	var said struct {
		Data struct {
			Keys []string `json:"keys"`
		} `json:"data"`
	}
	if err := got.decode(&said); err != nil {
		return nil, err
	}
	return said.Data.Keys, nil
}

// rawFields are fields as they are sent: their JSON text.
func rawFields(fields map[string]sensitive.Value) map[string]json.RawMessage {
	raw := make(map[string]json.RawMessage, len(fields))
	for name, value := range fields {
		raw[name] = value.Reveal()
	}
	return raw
}

// written explains the answer to a write.
func (v *vault) written(got *answer, ref backend.EntryRef, path string, capabilities ...string) error {
	switch {
	case got.Status == http.StatusOK, got.Status == http.StatusNoContent:
		return nil
	case got.says("check-and-set parameter did not match"):
		return fault.New(fault.Conflict, ReasonChanged, "%q in mount %q was changed by somebody else meanwhile", ref.Path(), v.mount)
	}
	return v.refused(got, fmt.Sprintf("writing %q in mount %q", ref.Path(), v.mount), path, capabilities...)
}

// refused explains an answer that is no success, with the policy that would allow the request.
func (v *vault) refused(got *answer, doing, path string, capabilities ...string) error {
	switch {
	case got.Status == http.StatusForbidden:
		text, err := json.Marshal(capabilities)
		if err != nil { // A list of words always encodes.
			text = nil
		}
		return fault.New(fault.Denied, remote.ReasonPermissionDenied, "%s: %s may not (HTTP 403): the policy line path %q { capabilities = %s } would allow it",
			doing, v.identity.method.who(), path, text)
	case got.Status == http.StatusNotFound && got.says("no handler for route"):
		return v.mountNotFound()
	}
	return v.unexpected(doing, got)
}
