// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/cli"
)

// TestMigratingIsAsItSays converts each example of another operator's objects by the command that
// stands below it, and compares what it tells and what it prints, byte for byte.
func TestMigratingIsAsItSays(t *testing.T) {
	tried := map[string]int{}
	for _, page := range all(t) {
		blocks := page.Blocks()
		for i, block := range blocks {
			if !block.IsPeers() {
				continue
			}
			tried[page.Name]++
			if i+2 >= len(blocks) || blocks[i+1].Language != "console" || blocks[i+2].Language != "yaml" {
				t.Errorf("%s: below it do not stand the command and what it prints", block.Where())
				continue
			}
			command, told, _ := strings.Cut(blocks[i+1].Text, "\n")
			out, beside := converted(t, block, Words(strings.TrimPrefix(command, "$ kubectl secretsync")))
			if diff := cmp.Diff(told, beside); diff != "" {
				t.Errorf("%s (-shown +told):\n%s", blocks[i+1].Where(), diff)
			}
			if diff := cmp.Diff(blocks[i+2].Text, strings.TrimPrefix(out, "---\n")); diff != "" {
				t.Errorf("%s (-shown +printed):\n%s", blocks[i+2].Where(), diff)
			}
		}
	}
	want := map[string]int{
		"docs/guides/migrate-external-secrets.md": 1, "docs/guides/migrate-vault-secrets-operator.md": 1, "docs/guides/migrate-infisical.md": 2,
	}
	if diff := cmp.Diff(want, tried); diff != "" {
		t.Errorf("examples (-want +tried):\n%s", diff)
	}
}

// converted runs the command on a file with a block, and returns what it prints and what it
// tells beside that. It asks no cluster.
func converted(t *testing.T, block Block, words []string) (out, beside string) {
	t.Helper()
	file := slices.IndexFunc(words, func(word string) bool { return strings.HasSuffix(word, ".yaml") })
	if file < 0 {
		t.Fatalf("%s: the command below it names no file: %q", block.Where(), words)
	}
	words[file] = filepath.Join(t.TempDir(), words[file])
	if err := os.WriteFile(words[file], []byte(block.Text), 0o600); err != nil {
		t.Fatal(err)
	}
	var printed, told bytes.Buffer
	command := cli.New(cli.Options{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: &printed, ErrOut: &told},
		Clock:     clock.RealClock{}, Zone: time.UTC,
	})
	command.SetArgs(append(words, "--server", "https://nobody.invalid"))
	if err := command.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("%s: %v", block.Where(), err)
	}
	return printed.String(), told.String()
}
