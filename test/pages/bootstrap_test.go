// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/bootstrap"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
)

func bootstrapHelper() *cobra.Command {
	return bootstrap.New(bootstrap.Options{
		In: strings.NewReader(""), Out: io.Discard, ErrOut: io.Discard, Clock: clock.RealClock{},
		Unset: func(string) error { return nil }, Random: strings.NewReader(""),
	})
}

// TestBootstrapCommandsAreUnderstood: each line that a page tells to type has flags and
// arguments that there are.
func TestBootstrapCommandsAreUnderstood(t *testing.T) {
	shown := 0
	for _, page := range all(t) {
		for _, words := range page.Commands("secretsync-bootstrap") {
			shown++
			root := bootstrapHelper()
			command, rest, err := root.Find(words)
			if err == nil {
				err = command.ParseFlags(rest)
			}
			if err == nil {
				err = command.ValidateArgs(command.Flags().Args())
			}
			if err != nil {
				t.Errorf("%s: secretsync-bootstrap %s: %v", page.Name, strings.Join(words, " "), err)
			}
		}
	}
	if shown < 10 {
		t.Errorf("found %d commands, want at least 10", shown)
	}
}

// TestBootstrapPlansAreGood: each plan that a page shows, and that of the examples.
func TestBootstrapPlansAreGood(t *testing.T) {
	texts := map[string]string{}
	for _, page := range all(t) {
		for _, block := range page.Blocks() {
			if block.IsPlan() {
				texts[block.Where()] = block.Text
			}
		}
	}
	const example = "docs/integrations/github/bootstrap.yaml"
	text, err := os.ReadFile(filepath.Join(root, example))
	if err != nil {
		t.Fatal(err)
	}
	texts[example] = string(text)
	for where, text := range texts {
		if _, err := plan.Parse([]byte(text)); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
	if len(texts) < 2 {
		t.Error("no page shows a plan")
	}
}

// TestBootstrapIsExplained: each command, flag, field and exit code, on the page of the helper.
func TestBootstrapIsExplained(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/reference/bootstrap.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	want := func(what, code string) {
		if !strings.Contains(page, code) {
			t.Errorf("%s is not explained: %s", what, code)
		}
	}
	for _, command := range bootstrapHelper().Commands() {
		want("command", "| `"+command.Name())
		command.Flags().VisitAll(func(flag *pflag.Flag) {
			if flag.Name != "help" {
				want("flag of "+command.Name(), "`--"+flag.Name+"`")
			}
		})
	}
	for _, code := range []int{
		bootstrap.ExitDone, bootstrap.ExitFailed, bootstrap.ExitChanges, bootstrap.ExitUsage, bootstrap.ExitRefused, bootstrap.ExitDiffers,
	} {
		want("exit code", "\n| "+strconv.Itoa(code)+" | ")
	}
	var schema struct {
		Properties map[string]any `json:"properties"`
		Defs       map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(plan.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	fields := schema.Properties
	for _, def := range schema.Defs {
		for name := range def.Properties {
			fields[name] = nil
		}
	}
	words := strings.FieldsFunc(page, func(r rune) bool { return strings.ContainsRune("`.", r) })
	for name := range fields {
		if !slices.Contains(words, name) {
			t.Errorf("field %s is not explained", name)
		}
	}
	if len(fields) < 50 {
		t.Errorf("looked for %d fields only", len(fields))
	}
}
