// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

var _ backend.FolderLister = &vault{}

// ListFolder names the entries in a folder. Vault answers alike of a folder that is empty and
// of one that is not there: what it proves is that the mount is, and may be listed.
func (v *vault) ListFolder(ctx context.Context, ref backend.EntryRef, recursive bool) (backend.FolderListing, error) {
	engine, err := v.kvVersion(ctx)
	if fault.ReasonOf(err) == ReasonKVVersionUnknown {
		return backend.FolderListing{}, v.mountGone(ctx, ref, err)
	}
	if err != nil {
		return backend.FolderListing{}, err
	}
	listing, err := v.listAs(ctx, engine, ref, recursive)
	// A mount of the other version may have come in the place of this one.
	if err == nil && len(listing.Names) > 0 || err != nil && !hintsOtherEngine(err) || !v.engine.doubt() {
		return listing, err
	}
	if now, detectErr := v.detect(ctx); detectErr == nil && now != engine {
		return v.listAs(ctx, now, ref, recursive)
	}
	return listing, err
}

// listAs lists a folder of an engine, and those below it level by level.
func (v *vault) listAs(ctx context.Context, engine string, ref backend.EntryRef, recursive bool) (listing backend.FolderListing, err error) {
	folders := []string{""} // relative to ref
	for depth := 1; len(folders) > 0; depth++ {
		if depth > backend.MaxFolderDepth {
			return listing, backend.FolderTooLarge(ref, fmt.Sprintf("%d levels of folders", backend.MaxFolderDepth))
		}
		var below []string
		for _, folder := range folders {
			if listing.Requests == backend.MaxFolderRequests {
				return listing, backend.FolderTooLarge(ref, fmt.Sprintf("%d folders", backend.MaxFolderRequests))
			}
			listing.Requests++
			names, err := v.listOne(ctx, engine, ref, folder)
			if fault.ReasonOf(err) == remote.ReasonTimeout && listing.Requests > 1 {
				return listing, remote.Unavailable(remote.ReasonTimeout,
					"the folders in %q were not all listed within spec.limits.timeout of the backend: where there are many, name a folder further down, or raise it", ref.Path()).Because(err)
			}
			if err != nil {
				return listing, err
			}
			entries, inside := sorted(ref, folder, names, recursive)
			listing.Names, below = append(listing.Names, entries...), append(below, inside...)
			if len(listing.Names) > backend.MaxFolderEntries {
				return listing, backend.FolderTooLarge(ref, fmt.Sprintf("%d entries", backend.MaxFolderEntries))
			}
		}
		folders = below
	}
	slices.Sort(listing.Names)
	return listing, nil
}

// sorted tells entries from folders, which have a slash behind. A folder that no valid path
// leads to is not searched, but told of.
func sorted(ref backend.EntryRef, folder string, names []string, recursive bool) (entries, folders []string) {
	for _, name := range names {
		inside, isFolder := strings.CutSuffix(name, "/")
		relative := strings.TrimPrefix(folder+"/"+inside, "/")
		switch _, err := backend.ParseRef(backend.Join(ref.Path(), relative), ""); {
		case !isFolder:
			entries = append(entries, relative)
		case recursive && err != nil:
			entries = append(entries, relative+"/")
		case recursive:
			folders = append(folders, relative)
		}
	}
	return entries, folders
}

// listOne names what is in one folder, given relative to ref.
func (v *vault) listOne(ctx context.Context, engine string, ref backend.EntryRef, folder string) ([]string, error) {
	path := v.mount + "/"
	if engine == v1alpha1.KVVersion2 {
		path += "metadata/"
	}
	if folder = backend.Join(ref.Path(), folder); folder != backend.Root {
		path += folder + "/"
	}
	got, err := v.authorized(ctx, call{method: http.MethodGet, path: path, query: url.Values{"list": {"true"}}, namespace: v.namespace})
	if err != nil {
		return nil, err
	}
	switch {
	case got.Status == http.StatusNotFound && len(got.texts()) == 0:
		return nil, nil
	case got.Status == http.StatusNotFound:
		return nil, v.notFound(got, ref)
	case got.Status != http.StatusOK:
		return nil, v.refused(got, fmt.Sprintf("listing folder %q in mount %q%s", folder, v.mount, v.inNamespace()), path+"*", "list")
	}
	if len(got.Body) > maxBody {
		return nil, backend.FolderTooLarge(ref, "4 MiB of names")
	}
	return got.keys()
}

// keys returns the names that a list answers with.
func (a *answer) keys() ([]string, error) {
	var said struct {
		Data *struct {
			Keys []string `json:"keys"`
		} `json:"data"`
	}
	if err := a.decode(&said); err != nil {
		return nil, err
	}
	if said.Data == nil || said.Data.Keys == nil {
		return nil, unreadable("the names are missing")
	}
	return said.Data.Keys, nil
}
