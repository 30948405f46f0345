// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backendtest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// folderCases: what is in a folder is told, no more and no less.
func folderCases() map[string]func(*testing.T, Suite) {
	return map[string]func(*testing.T, Suite){
		"FolderIsListed":       folderIsListed,
		"EmptyFolderHasNoName": emptyFolderHasNoName,
		"DeniedFolderIsToldSo": deniedFolderIsToldSo,
	}
}

// lister returns the backend as one that lists folders, or nil if it need not be one.
func (s Suite) lister(t *testing.T) backend.FolderLister {
	t.Helper()
	lister, ok := s.open(t).(backend.FolderLister)
	if ok != s.supports(backend.Listing) {
		t.Fatalf("want FolderLister implemented exactly if declared, got %t", ok)
	}
	return lister
}

func folderIsListed(t *testing.T, s Suite) {
	p, lister := path(t), s.lister(t)
	if lister == nil {
		return
	}
	for _, name := range []string{"a", "b/c", "b/d/e", "ab"} {
		s.Write(t, p+"/"+name, numbered(0))
	}
	s.Write(t, p+"0/elsewhere", numbered(0))
	flat, deep := []string{"a", "ab"}, []string{"a", "ab", "b/c", "b/d/e"}
	if s.FoldersAreEntries {
		flat, deep = []string{"", "a", "ab", "b"}, []string{"", "a", "ab", "b", "b/c", "b/d", "b/d/e"}
	}
	wantNames(t, lister, p, false, flat)
	wantNames(t, lister, p, true, deep)

	s.Remove(t, p+"/b/c")
	if !s.FoldersAreEntries { // Else the folder stays.
		wantNames(t, lister, p, true, []string{"a", "ab", "b/d/e"})
	}
}

func wantNames(t *testing.T, lister backend.FolderLister, path string, recursive bool, want []string) {
	t.Helper()
	listing, err := lister.ListFolder(t.Context(), ref(t, path, ""), recursive)
	if err != nil {
		t.Fatalf("listing %q: %v", path, err)
	}
	if diff := cmp.Diff(want, listing.Names); diff != "" {
		t.Errorf("listing %q, recursive %t (-want +got):\n%s", path, recursive, diff)
	}
	if listing.Requests < 1 {
		t.Errorf("want the requests counted, got %d", listing.Requests)
	}
}

// emptyFolderHasNoName: of a folder that does not exist a backend says so, or that it is empty.
func emptyFolderHasNoName(t *testing.T, s Suite) {
	p, lister := path(t), s.lister(t)
	if lister == nil {
		return
	}
	listing, err := lister.ListFolder(t.Context(), ref(t, p, ""), true)
	if err != nil {
		wantFault(t, err, fault.NotFound)
	}
	if names := slices.DeleteFunc(listing.Names, func(name string) bool { return name == "" && s.FoldersAreEntries }); len(names) > 0 {
		t.Errorf("want no entry in a folder that does not exist, got %q", names)
	}
}

// deniedFolderIsToldSo: a folder that may not be listed is not told to be empty.
func deniedFolderIsToldSo(t *testing.T, s Suite) {
	lister := s.lister(t)
	if lister == nil || s.FoldersAreEntries { // There, all may be told of all folders.
		return
	}
	_, err := lister.ListFolder(t.Context(), ref(t, s.Denied, ""), false)
	wantFault(t, err, fault.Denied)
}
