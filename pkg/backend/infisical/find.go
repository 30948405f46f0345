// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

var _ backend.FolderLister = &infisical{}

// foldersAnswer is what a list of the folders in a folder holds.
type foldersAnswer struct {
	Folders bounded[struct {
		Name     string  `json:"name"`
		Reserved bool    `json:"isReserved"`
		Relative *string `json:"relativePath"` // where those below are asked for as well
	}] `json:"folders"`
}

// ListFolder names a folder itself, which is an entry, and the folders in it. Which of them have
// secrets shows when they are read. Any member of a project is told of all folders, so that
// one which is listed no more is gone.
func (b *infisical) ListFolder(ctx context.Context, ref backend.EntryRef, recursive bool) (backend.FolderListing, error) {
	switch {
	case !folderName(ref):
		return backend.FolderListing{}, fault.New(fault.InvalidSpec, reasonInvalidPath, "path %q: a folder's name neither begins nor ends with a space", ref.Path())
	case b.selection.recursive:
		return backend.FolderListing{}, fault.New(fault.InvalidSpec, reasonListingUnsupported,
			"spec.infisical.recursive of the backend makes every folder one entry with all below it, so that there is nothing to find in it: name %q as an entry", shown(ref))
	}
	got, requests, err := b.folders(ctx, ref, recursive)
	listing := backend.FolderListing{Requests: requests, Names: []string{""}}
	switch {
	case err != nil:
		return listing, err
	case got.Status != http.StatusOK:
		return listing, b.noFolder(ref, got)
	}
	names, err := namesOf(ref, got, recursive)
	listing.Names = append(listing.Names, names...)
	slices.Sort(listing.Names)
	if err != nil {
		return backend.FolderListing{Requests: requests}, err
	}
	return listing, tooManyFolders(ref, listing.Names)
}

// foldersIn returns what a list of folders says. Errors: InvalidContent, if it is too large.
func foldersIn(ref backend.EntryRef, got *answer) (said foldersAnswer, err error) {
	if got.TooLarge() {
		return said, backend.FolderTooLarge(ref, "4 MiB of folders") //nolint:wrapcheck // classed and complete
	}
	switch err := got.decode(&said); {
	case errors.Is(err, errTooMany):
		return said, backend.FolderTooLarge(ref, fmt.Sprintf("%d folders", backend.MaxFolderEntries)) //nolint:wrapcheck // classed and complete
	case err != nil:
		return said, err
	case said.Folders == nil:
		return said, unreadable("the folders are missing")
	}
	return said, nil
}

// namesOf returns the paths of the folders that an answer lists, relative to the one that was
// searched.
func namesOf(ref backend.EntryRef, got *answer, recursive bool) (names []string, err error) {
	said, err := foldersIn(ref, got)
	if err != nil {
		return nil, err
	}
	for _, folder := range said.Folders {
		name := folder.Name
		switch {
		case folder.Reserved:
			continue
		case recursive && folder.Relative == nil:
			return nil, fault.New(fault.InvalidSpec, reasonListingUnsupported, "this server lists no folders below folders: search %q without recursive", shown(ref))
		case recursive:
			name = strings.Trim(*folder.Relative, "/")
		}
		if name == "" || len(name) > maxText {
			return nil, unreadable("a folder without a name, or with one that is too long")
		}
		names = append(names, name)
	}
	return names, nil
}

// tooManyFolders refuses what exceeds a bound.
func tooManyFolders(ref backend.EntryRef, names []string) error {
	deep := func(name string) bool { return strings.Count(name, "/") >= backend.MaxFolderDepth }
	switch {
	case len(names) > backend.MaxFolderEntries:
		return backend.FolderTooLarge(ref, fmt.Sprintf("%d folders", backend.MaxFolderEntries)) //nolint:wrapcheck // classed and complete
	case slices.ContainsFunc(names, deep):
		return backend.FolderTooLarge(ref, fmt.Sprintf("%d levels of folders", backend.MaxFolderDepth)) //nolint:wrapcheck // classed and complete
	}
	return nil
}

// folders asks for the folders in a folder, of the API that the server knows.
func (b *infisical) folders(ctx context.Context, ref backend.EntryRef, recursive bool) (got *answer, requests int, err error) {
	id, err := b.projectID(ctx)
	if err != nil {
		return nil, 0, err
	}
	query := url.Values{}
	query.Set("environment", b.selection.environment)
	query.Set("projectId", id)
	query.Set("workspaceId", id)
	query.Set("path", shown(ref))
	query.Set("recursive", strconv.FormatBool(recursive))
	paths := []string{"/v2/folders", "/v1/folders"}
	if b.older.Load() {
		slices.Reverse(paths)
	}
	for _, path := range paths {
		requests++
		got, err = b.identity.authorized(ctx, call{method: http.MethodGet, path: path, query: query})
		if err != nil || !got.routeUnknown() {
			return got, requests, err
		}
	}
	return nil, requests, remote.Unavailable(remote.ReasonServerError, "listing the folders in %q: this server does not know the request", shown(ref))
}
