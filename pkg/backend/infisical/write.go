// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

const (
	// ReasonReference is of an InvalidContent: a value would be read as a reference to others.
	ReasonReference = "ReferenceInValue"
	// ReasonApproval is of a Rejected: the project has people approve each change, so that
	// nothing was written yet.
	ReasonApproval = "ApprovalRequired"
)

var _ backend.ValueWriter = &infisical{}

// remark is a named remark at a secret.
type remark struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// InspectValue returns the newest state of a secret, references as they stand in it.
func (b *infisical) InspectValue(ctx context.Context, ref backend.EntryRef) (backend.HeldValue, error) {
	found, err := b.one(ctx, ref, "")
	if fault.ReasonOf(err) == remote.ReasonPermissionDenied { // It may be there, and not be shown.
		query := b.query(b.here(ref))
		query.Set("type", "shared")
		query.Set("viewSecretValue", "false")
		setImports(query, false)
		if found, err = b.ask(ctx, b.here(ref), request{secret: ref.Field(), query: query}); err == nil {
			found.Hidden = true
		}
	}
	if fault.ReasonOf(err) == backend.ReasonEntryNotFound {
		return backend.HeldValue{}, nil
	}
	if err != nil {
		return backend.HeldValue{}, err
	}
	held := backend.HeldValue{Exists: true, Version: strconv.FormatInt(found.Version, 10), Notes: found.notes()}
	if !found.Hidden && found.Value != nil && *found.Value != placeholder {
		held.Readable, held.Value = true, sensitive.FromString(*found.Value)
	}
	return held, nil
}

func (s *secret) notes() map[string]string {
	notes := make(map[string]string, len(s.Remarks))
	for _, r := range s.Remarks {
		notes[r.Key] = r.Value
	}
	return notes
}

// PutValue writes a secret.
func (b *infisical) PutValue(ctx context.Context, ref backend.EntryRef, held backend.HeldValue, value sensitive.Value, notes map[string]string) error {
	text := string(value.Reveal())
	if reference.MatchString(text) {
		return fault.New(fault.InvalidContent, ReasonReference,
			"%q of %q: the value holds ${...}, which Infisical would put another secret in place of: encode it as base64", ref.Field(), shown(ref))
	}
	all := maps.Clone(held.Notes)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, notes)
	remarks := []remark{}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		remarks = append(remarks, remark{Key: key, Value: all[key]})
	}
	body := map[string]any{"secretValue": text, "secretMetadata": remarks}
	if held.Exists {
		return b.write(ctx, http.MethodPatch, ref, body)
	}
	err := b.write(ctx, http.MethodPost, ref, body)
	if fault.ReasonOf(err) != backend.ReasonEntryNotFound {
		return err
	}
	if err := b.makeFolders(ctx, ref); err != nil {
		return err
	}
	return b.write(ctx, http.MethodPost, ref, body)
}

// DeleteValue removes a secret.
func (b *infisical) DeleteValue(ctx context.Context, ref backend.EntryRef) error {
	err := b.write(ctx, http.MethodDelete, ref, map[string]any{})
	if fault.ReasonOf(err) == backend.ReasonEntryNotFound {
		return nil
	}
	return err
}

// write sends one write of a secret. Errors: NotFound with ReasonEntryNotFound (the secret, or
// its folder, is not there), Conflict (it is there already).
func (b *infisical) write(ctx context.Context, method string, ref backend.EntryRef, body map[string]any) error {
	id, err := b.projectID(ctx)
	if err != nil {
		return err
	}
	maps.Copy(body, map[string]any{
		"projectId": id, "workspaceId": id, "environment": b.selection.environment, "secretPath": shown(ref), "type": "shared",
	})
	got, err := b.post(ctx, method, "/v4/secrets", ref.Field(), body)
	if err == nil && got.routeUnknown() {
		got, err = b.post(ctx, method, "/v3/secrets/raw", ref.Field(), body)
	}
	if err != nil {
		return err
	}
	return b.written(got, ref)
}

// post sends a JSON body to a path, or to the secret of a name below it.
func (b *infisical) post(ctx context.Context, method, path, secret string, body map[string]any) (*answer, error) {
	text, err := b.client.remote.JSON(body)
	if err != nil {
		return nil, err //nolint:wrapcheck // classed and complete
	}
	c := call{method: method, path: path, body: text}
	if secret != "" {
		c.path, c.raw = path+"/"+secret, path+"/"+url.PathEscape(secret)
	}
	return b.identity.authorized(ctx, c)
}

// written explains the answer to a write.
func (b *infisical) written(got *answer, ref backend.EntryRef) error {
	doing := fmt.Sprintf("writing %q of %q in environment %q", ref.Field(), shown(ref), b.selection.environment)
	switch {
	case got.Status == http.StatusOK:
		var said struct {
			Approval json.RawMessage `json:"approval"`
		}
		if err := got.decode(&said); err != nil {
			return err
		}
		if said.Approval != nil {
			return fault.New(fault.Rejected, ReasonApproval, "%s: the project has somebody approve changes: approve it in Infisical, or let %s write there without", doing, b.identity.method.who())
		}
		return nil
	case got.Status == http.StatusForbidden:
		return fault.New(fault.Denied, remote.ReasonPermissionDenied, "%s: %s may not (HTTP 403): a role with create, edit and delete on secrets of that environment and path would allow it",
			doing, b.identity.method.who())
	case got.Status == http.StatusNotFound && slices.Contains([]string{errorNotFound, errorSecret, errorPathNotFound}, got.kind):
		return noSecret(b.here(ref), ref.Field())
	case got.Status == http.StatusBadRequest && strings.Contains(got.text, "already exist"):
		return fault.New(fault.Conflict, "SecretExists", "%s: somebody else created it meanwhile", doing)
	}
	return b.unexpected(doing, got)
}

// makeFolders makes what is missing of the folder of a reference.
func (b *infisical) makeFolders(ctx context.Context, ref backend.EntryRef) error {
	id, err := b.projectID(ctx)
	if err != nil {
		return err
	}
	parent := "/"
	for name := range strings.SplitSeq(strings.Trim(shown(ref), "/"), "/") {
		body := map[string]any{"projectId": id, "workspaceId": id, "environment": b.selection.environment, "path": parent, "name": name}
		got, err := b.post(ctx, http.MethodPost, "/v2/folders", "", body)
		if err == nil && got.routeUnknown() {
			got, err = b.post(ctx, http.MethodPost, "/v1/folders", "", body)
		}
		switch {
		case err != nil:
			return err
		case got.Status == http.StatusForbidden:
			return fault.New(fault.Denied, remote.ReasonPermissionDenied, "making folder %q in %q: %s may not (HTTP 403): a role with create on secret-folders would allow it", name, parent, b.identity.method.who())
		case got.Status == http.StatusOK, strings.Contains(got.text, "already exist"):
		default:
			return b.unexpected(fmt.Sprintf("making folder %q in %q", name, parent), got)
		}
		parent = strings.TrimSuffix(parent, "/") + "/" + name
	}
	return nil
}

// ListNoted lists the secrets that have a remark of a name. Values are not asked for.
func (b *infisical) ListNoted(ctx context.Context, folder backend.EntryRef, note string) (map[backend.EntryRef]string, error) {
	query := b.query(b.here(folder))
	query.Set("recursive", "true")
	query.Set("viewSecretValue", "false")
	setImports(query, false)
	got, err := b.get(ctx, request{query: query})
	if err != nil {
		return nil, err
	}
	switch {
	case got.Status == http.StatusNotFound && (got.kind == errorPathNotFound || got.kind == errorNotFound):
		return nil, nil
	case got.Status == http.StatusForbidden:
		return nil, b.denied(folder)
	case got.Status != http.StatusOK:
		return nil, b.unexpected(fmt.Sprintf("listing %q", shown(folder)), got)
	}
	var said listAnswer
	if err := got.decode(&said); err != nil {
		return nil, err
	}
	return said.noted(note), nil
}

// noted returns the remarks of that name; what no reference can name has none of ours.
func (a *listAnswer) noted(note string) map[backend.EntryRef]string {
	noted := map[backend.EntryRef]string{}
	for i := range a.Secrets {
		s := &a.Secrets[i]
		ref, err := s.ref()
		if text, has := s.notes()[note]; has && err == nil && s.Type != "personal" {
			noted[ref] = text
		}
	}
	return noted
}

// ref returns the reference of a secret. Errors: InvalidSpec (no reference can name it).
func (s *secret) ref() (backend.EntryRef, error) {
	path := strings.Trim(s.Path, "/")
	if path == "" {
		path = backend.Root
	}
	return backend.ParseValueRef(path, s.Key, "")
}
