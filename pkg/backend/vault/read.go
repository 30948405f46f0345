// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// pin matches a positive integer, short enough for one.
var pin = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)

// vault reads one mount under one identity.
type vault struct {
	client    *client
	identity  *identity
	namespace string
	mount     string
	engine    *engine
	// unedited says that nobody who reads a message has a specification to edit.
	unedited bool
}

var (
	_ backend.Backend         = &vault{}
	_ backend.ContainerProver = &vault{}
	_ backend.VersionLister   = &vault{}
)

// Read returns the entry at ref.
func (v *vault) Read(ctx context.Context, ref backend.EntryRef) (backend.Entry, error) {
	if ref.IsRoot() {
		return backend.Entry{}, fault.New(fault.InvalidSpec, "InvalidPath", "path %q: the root of a mount is no entry in Vault", ref.Path())
	}
	if ref.Version() != "" && !pin.MatchString(ref.Version()) {
		return backend.Entry{}, fault.New(fault.InvalidSpec, "InvalidVersion",
			"version %q: Vault's versions are positive whole numbers", ref.Version())
	}
	engine, err := v.kvVersion(ctx)
	if fault.ReasonOf(err) == ReasonKVVersionUnknown {
		return backend.Entry{}, v.mountGone(ctx, ref, err)
	}
	if err != nil {
		return backend.Entry{}, err
	}
	entry, err := v.readAs(ctx, engine, ref)
	if !hintsOtherEngine(err) || !v.engine.doubt() {
		return entry, err
	}
	if now, detectErr := v.detect(ctx); detectErr == nil && now != engine {
		return v.readAs(ctx, now, ref)
	}
	return entry, err
}

// mountGone tells a mount that is not there, for which asking for its version is denied
// too, from one that may not be read at all.
func (v *vault) mountGone(ctx context.Context, ref backend.EntryRef, denied error) error {
	got, err := v.authorized(ctx, call{method: http.MethodGet, path: v.mount + "/data/" + ref.Path(), namespace: v.namespace})
	if err == nil && got.says("no handler for route") {
		return v.mountNotFound()
	}
	return denied
}

// hintsOtherEngine reports whether err is what a read of another KV version, or of a mount
// that moved, would fail with.
func hintsOtherEngine(err error) bool {
	switch fault.ReasonOf(err) {
	case backend.ReasonEntryNotFound, backend.ReasonMountNotFound, ReasonKVVersionMismatch:
		return true
	}
	return false
}

func (v *vault) readAs(ctx context.Context, engine string, ref backend.EntryRef) (backend.Entry, error) {
	if engine == v1alpha1.KVVersion1 {
		return v.readKV1(ctx, ref)
	}
	return v.readKV2(ctx, ref)
}

func (v *vault) readKV1(ctx context.Context, ref backend.EntryRef) (backend.Entry, error) {
	if ref.Version() != "" {
		return backend.Entry{}, fault.New(fault.InvalidSpec, remote.ReasonVersionUnsupported,
			"mount %q is a KV engine of version 1, which keeps no versions: remove the version from %q", v.mount, ref.Path())
	}
	path := v.mount + "/" + ref.Path()
	got, err := v.authorized(ctx, call{method: http.MethodGet, path: path, namespace: v.namespace})
	if err != nil {
		return backend.Entry{}, err
	}
	switch got.Status {
	case http.StatusOK:
		if len(got.Body) > maxBody {
			return backend.Entry{}, v.tooLarge(ref)
		}
		return got.kv1Entry()
	case http.StatusForbidden:
		return backend.Entry{}, v.denied(ref, path)
	case http.StatusNotFound:
		return backend.Entry{}, v.notFound(got, ref)
	}
	return backend.Entry{}, v.unexpected(fmt.Sprintf("reading %q in mount %q", ref.Path(), v.mount), got)
}

func (v *vault) readKV2(ctx context.Context, ref backend.EntryRef) (backend.Entry, error) {
	path := v.mount + "/data/" + ref.Path()
	query := url.Values{}
	if ref.Version() != "" {
		query.Set("version", ref.Version())
	}
	got, err := v.authorized(ctx, call{method: http.MethodGet, path: path, query: query, namespace: v.namespace})
	if err != nil {
		return backend.Entry{}, err
	}
	switch got.Status {
	case http.StatusOK:
		if len(got.Body) > maxBody {
			return backend.Entry{}, v.tooLarge(ref)
		}
		return v.asAsked(got, ref)
	case http.StatusForbidden:
		return backend.Entry{}, v.denied(ref, path)
	case http.StatusNotFound:
		return backend.Entry{}, v.missing(ctx, got, ref)
	}
	return backend.Entry{}, v.unexpected(fmt.Sprintf("reading %q in mount %q", ref.Path(), v.mount), got)
}

// asAsked returns the entry, if it is of the version that was asked for.
func (v *vault) asAsked(got *answer, ref backend.EntryRef) (backend.Entry, error) {
	entry, err := got.kv2Entry()
	if err != nil {
		return backend.Entry{}, err
	}
	if ref.Version() != "" && entry.Version != ref.Version() {
		return backend.Entry{}, remote.Unavailable(remote.ReasonUnexpectedVersion,
			"Vault answered with version %s of %q when asked for version %s", entry.Version, ref.Path(), ref.Version())
	}
	return entry, nil
}

// missing tells the 404s of a version 2 engine apart.
func (v *vault) missing(ctx context.Context, got *answer, ref backend.EntryRef) error {
	var said kv2Answer
	if err := got.decode(&said); err != nil {
		return err
	}
	if said.Data == nil || said.Data.Metadata == nil {
		if ref.Version() == "" || got.says("no handler for route") {
			return v.notFound(got, ref)
		}
		return v.pinMissing(ctx, ref)
	}
	meta := said.Data.Metadata
	switch {
	case ref.Version() != "" && strconv.FormatInt(meta.Version, 10) != ref.Version():
		return remote.Unavailable(remote.ReasonUnexpectedVersion, "Vault answered of another version of %q than asked for", ref.Path())
	case meta.Destroyed:
		return v.pinAdvice(ctx, ref, backend.ReasonVersionDestroyed,
			fmt.Sprintf("version %d of %q in mount %q is destroyed", meta.Version, ref.Path(), v.mount))
	case meta.DeletionTime != "":
		return v.pinAdvice(ctx, ref, backend.ReasonEntryDeleted,
			fmt.Sprintf("version %d of %q in mount %q is deleted; vault kv undelete brings it back", meta.Version, ref.Path(), v.mount))
	}
	return unreadable("a version is missing without being deleted")
}

// notFound explains a 404 that says nothing of the entry itself.
func (v *vault) notFound(got *answer, ref backend.EntryRef) error {
	switch {
	case got.says("no handler for route"):
		return v.mountNotFound()
	case got.says("Invalid path for a versioned K/V secrets engine"):
		return fault.New(fault.InvalidSpec, ReasonKVVersionMismatch,
			"mount %q is a KV engine of version 2, but is read as V1: see spec.vault.kvVersion", v.mount)
	}
	return fault.New(fault.NotFound, backend.ReasonEntryNotFound,
		"no entry %q in mount %q%s", ref.Path(), v.mount, v.inNamespace())
}
