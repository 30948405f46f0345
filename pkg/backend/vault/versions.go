// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// maxListed is how many existing versions a message lists.
const maxListed = 20

// ListVersions returns the versions that are kept. A version 1 engine has none to list.
func (v *vault) ListVersions(ctx context.Context, ref backend.EntryRef) ([]string, error) {
	if v.engine.known() == v1alpha1.KVVersion1 {
		return nil, fault.New(fault.InvalidSpec, remote.ReasonVersionUnsupported, "mount %q is a KV engine of version 1, which keeps no versions", v.mount)
	}
	path := v.metadataPath(ref)
	got, err := v.authorized(ctx, call{method: http.MethodGet, path: path, namespace: v.namespace})
	if err != nil {
		return nil, err
	}
	switch got.Status {
	case http.StatusOK:
		versions, err := got.versions()
		if err != nil {
			return nil, err
		}
		return names(versions, func(m kv2Metadata) bool { return !m.Destroyed }), nil
	case http.StatusForbidden:
		return nil, v.denied(ref, path)
	case http.StatusNotFound:
		if err := v.notFound(got, ref); fault.ReasonOf(err) != backend.ReasonEntryNotFound {
			return nil, err
		}
		return nil, nil
	}
	return nil, v.unexpected(fmt.Sprintf("reading the versions of %q in mount %q", ref.Path(), v.mount), got)
}

func (v *vault) metadataPath(ref backend.EntryRef) string { return v.mount + "/metadata/" + ref.Path() }

// pinMissing explains that a pinned version is not there.
func (v *vault) pinMissing(ctx context.Context, ref backend.EntryRef) error {
	return v.pinAdvice(ctx, ref, backend.ReasonVersionNotFound,
		fmt.Sprintf("%q in mount %q has no version %s", ref.Path(), v.mount, ref.Version()))
}

// pinAdvice adds to what is wrong with a pinned version which versions can be read.
func (v *vault) pinAdvice(ctx context.Context, ref backend.EntryRef, reason, what string) error {
	if ref.Version() == "" {
		return fault.New(fault.NotFound, reason, "%s", what)
	}
	path := v.metadataPath(ref)
	got, err := v.authorized(ctx, call{method: http.MethodGet, path: path, namespace: v.namespace})
	if err != nil {
		return err
	}
	switch got.Status {
	case http.StatusOK:
		versions, err := got.versions()
		if err != nil {
			return err
		}
		readable := names(versions, func(m kv2Metadata) bool { return !m.Destroyed && !m.deleted(got.At) })
		return fault.New(fault.NotFound, reason, "%s; versions that can be read: %s", what, listed(readable))
	case http.StatusForbidden:
		return fault.New(fault.NotFound, reason, "%s; %s would tell which exist", what, policyLine(path))
	case http.StatusNotFound:
		return v.notFound(got, ref)
	}
	return v.unexpected(fmt.Sprintf("reading the versions of %q in mount %q", ref.Path(), v.mount), got)
}

// versions returns what an answer tells of the versions of an entry, by number.
func (a *answer) versions() (map[int]kv2Metadata, error) {
	var said struct {
		Data struct {
			Versions map[string]kv2Metadata `json:"versions"`
		} `json:"data"`
	}
	if err := a.decode(&said); err != nil {
		return nil, err
	}
	versions := make(map[int]kv2Metadata, len(said.Data.Versions))
	for name, meta := range said.Data.Versions {
		number, err := strconv.Atoi(name)
		if err != nil {
			return nil, unreadable("a version is no number")
		}
		versions[number] = meta
	}
	return versions, nil
}

// names returns the names of the versions that are wanted, the newest first.
func names(versions map[int]kv2Metadata, wanted func(kv2Metadata) bool) []string {
	var numbers []int
	for number, meta := range versions {
		if wanted(meta) {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	slices.Reverse(numbers)
	var names []string
	for _, number := range numbers {
		names = append(names, strconv.Itoa(number))
	}
	return names
}

// listed shows the first names.
func listed(names []string) string {
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > maxListed:
		names = append(names[:maxListed:maxListed], "...")
	}
	return strings.Join(names, ", ")
}
