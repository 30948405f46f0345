// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mapPage is the annotated map of the tree.
const mapPage = "docs/dir.md"

// noneCell stands in the map for a folder that has no layer, or concerns no namespace.
const noneCell = "-"

// topLevel is everything that may lie at the top of the repository, beside dot files.
func topLevel() []string {
	return []string{
		"cmd", "pkg", "crds", "helm", "test", "docs",
		"go.mod", "go.sum", "Dockerfile", "Makefile", "README.md", "LICENSE",
	}
}

// mapRow is one folder as the map describes it.
type mapRow struct {
	folder, function, layer, namespace string
}

// readMap returns the rows of every table whose first cell is a folder in back quotes.
func readMap(page string) []mapRow {
	var rows []mapRow
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		folder, quoted := strings.CutPrefix(cells[0], "`")
		folder, folderToo := strings.CutSuffix(folder, "/`")
		if quoted && folderToo && len(cells) == 4 {
			rows = append(rows, mapRow{folder: folder, function: cells[1], layer: cells[2], namespace: cells[3]})
		}
	}
	return rows
}

// compareMap returns where the map and the folders on disk disagree.
func compareMap(rows []mapRow, folders map[string]bool) []string {
	var found []string
	mapped := map[string]bool{}
	for _, row := range rows {
		if mapped[row.folder] {
			found = append(found, fmt.Sprintf("%s is on the map twice", row.folder))
		}
		mapped[row.folder] = true
		if !folders[row.folder] {
			found = append(found, fmt.Sprintf("%s is on the map but not on disk", row.folder))
		}
		if row.function == "" || row.namespace == "" {
			found = append(found, fmt.Sprintf("%s has an empty cell on the map", row.folder))
		}
		if want := layerCell(row.folder); row.layer != want {
			found = append(found, fmt.Sprintf("%s is in layer %q on the map, but in %q by the import rule", row.folder, row.layer, want))
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		if !mapped[folder] {
			found = append(found, fmt.Sprintf("%s is on disk but not on the map", folder))
		}
	}
	return found
}

// layerCell is what the map says of a folder's layer: its row, or none outside the stack and for
// a test's data.
func layerCell(folder string) string {
	if _, row, known := unitOf(folder); known && row != outside && path.Base(folder) != "testdata" {
		return strconv.Itoa(row)
	}
	return noneCell
}

// strangers returns the top-level entries that do not belong there.
func strangers(files []string) []string {
	found := map[string]bool{}
	for _, name := range files {
		top, _, _ := strings.Cut(path.Clean(name), "/")
		if !strings.HasPrefix(top, ".") && !slices.Contains(topLevel(), top) {
			found[top] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func TestMapDescribesTheTree(t *testing.T) {
	rows := readMap(readRepositoryFile(t, mapPage))
	for _, disagreement := range compareMap(rows, repositoryFolders(repositoryFiles(t))) {
		t.Errorf("%s: %s", mapPage, disagreement)
	}
}

func TestTopLevelIsFixed(t *testing.T) {
	for _, name := range strangers(repositoryFiles(t)) {
		t.Errorf("%s must not lie at the top of the repository", name)
	}
}

func TestCompareMapFires(t *testing.T) {
	const page = "| folder | function | layer | namespace |\n|---|---|---|---|\n"
	const poll = "| `pkg/poll/` | reads | 2 | - |\n"
	disk := map[string]bool{"pkg/poll": true}
	cases := map[string]struct {
		page string
		disk map[string]bool
		want string
	}{
		"Agrees":       {page: page + poll, disk: disk},
		"NotOnMap":     {page: page, disk: disk, want: "on disk but not on the map"},
		"NotOnDisk":    {page: page + poll, want: "on the map but not on disk"},
		"Twice":        {page: page + poll + poll, disk: disk, want: "twice"},
		"NoFunction":   {page: page + "| `pkg/poll/` | | 2 | - |\n", disk: disk, want: "empty cell"},
		"WrongLayer":   {page: page + "| `pkg/poll/` | reads | 3 | - |\n", disk: disk, want: `layer "3"`},
		"MissingLayer": {page: page + "| `pkg/poll/` | reads | - | - |\n", disk: disk, want: `layer "-"`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(compareMap(readMap(tc.page), tc.disk), "\n")
			if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("want %q, got %q", tc.want, got)
			}
		})
	}
}

func TestRepositoryFolders(t *testing.T) {
	folders := repositoryFolders([]string{"README.md", "pkg/a/b/c.go", "pkg/a/testdata/fuzz/F/1"})
	want := []string{"pkg", "pkg/a", "pkg/a/b", "pkg/a/testdata"}
	if got := slices.Sorted(maps.Keys(folders)); !slices.Equal(got, want) {
		t.Errorf("want %q, got %q", want, got)
	}
}

func TestStrangersFires(t *testing.T) {
	got := strangers([]string{"go.mod", ".ci/run", "pkg/a.go", "hack/x.sh", "hack/y.sh", "notes.txt"})
	if want := []string{"hack", "notes.txt"}; !slices.Equal(got, want) {
		t.Errorf("want %q, got %q", want, got)
	}
}
