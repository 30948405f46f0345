// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/cli"
)

// plugin returns the command that the documentation speaks of, as it is built.
func plugin() *cobra.Command {
	return cli.New(cli.Options{
		IOStreams: genericiooptions.IOStreams{In: strings.NewReader(""), Out: io.Discard, ErrOut: io.Discard},
		Clock:     clock.RealClock{}, Zone: time.UTC,
	})
}

// understood returns an error if the plugin has no such command, flag or argument. It runs
// nothing.
func understood(words []string) error {
	command, rest, err := plugin().Find(words)
	if err != nil {
		return err
	}
	if err := command.ParseFlags(rest); err != nil {
		return command.FlagErrorFunc()(command, err)
	}
	if err := command.ValidateRequiredFlags(); err != nil {
		return err
	}
	if err := command.ValidateFlagGroups(); err != nil {
		return err
	}
	return command.ValidateArgs(command.Flags().Args())
}

func TestUnderstood(t *testing.T) {
	for line, good := range map[string]bool{
		"":                                 true,
		"status -A -o wide":                true,
		"rollback db -n x --to 3 --yes":    true,
		"rollback db --too 3":              false,
		"rollback db --to three":           false,
		"rollback db --to 3 --previous":    false,
		"rollback db cache --to 3":         false,
		"roll db":                          false,
		"history":                          false,
		"version db":                       false,
		"follow --group g -A --timeout 1h": true,
	} {
		if err := understood(Words(line)); (err == nil) != good {
			t.Errorf("%q: got %v", line, err)
		}
	}
}

// TestCommandsAreUnderstood: each command of the plugin that a page shows, and each example of
// its own help, has flags and arguments that there are.
func TestCommandsAreUnderstood(t *testing.T) {
	const prefix = "kubectl secretsync"
	shown := map[string]int{}
	try := func(where string, words []string) {
		shown[where]++
		if err := understood(words); err != nil {
			t.Errorf("%s: kubectl secretsync %s: %v", where, strings.Join(words, " "), err)
		}
	}
	for _, page := range all(t) {
		for _, words := range page.Commands(prefix) {
			try(page.Name, words)
		}
	}
	for _, command := range plugin().Commands() {
		for line := range strings.Lines(command.Example) {
			try("help", Words(line)[len(strings.Fields(prefix)):])
		}
	}
	for where, least := range map[string]int{"docs/guides/roll-back.md": 8, "docs/reference/kubectl-plugin.md": 10, "help": 5} {
		if shown[where] < least {
			t.Errorf("%s: found %d commands of the plugin, want at least %d", where, shown[where], least)
		}
	}
}

// TestEveryFlagIsExplained, and every command, on the plugin's page.
func TestEveryFlagIsExplained(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/reference/kubectl-plugin.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, command := range plugin().Commands() {
		if !strings.Contains(page, command.Name()) {
			t.Errorf("command %s is not explained", command.Name())
		}
		command.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
			short := flag.Shorthand != "" && strings.Contains(page, "-"+flag.Shorthand)
			if flag.Name != "help" && !short && !strings.Contains(page, "--"+flag.Name) {
				t.Errorf("%s: flag --%s is not explained", command.Name(), flag.Name)
			}
		})
	}
}
