// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func (a *app) diffCommand() *cobra.Command {
	var reveal bool
	cmd := &cobra.Command{
		Use:   "diff NAME REVISION [REVISION]",
		Short: "Show which keys differ between two revisions, or a revision and what is served",
		Long: "Show which keys differ between two revisions, or, given one, between it and what is served.\n" +
			"Values are shown with --reveal only.",
		Example: "  kubectl secretsync diff payments-db 3\n  kubectl secretsync diff payments-db 3 6 --reveal",
		Args:    cobra.RangeArgs(2, 3),
		RunE: a.run(func(ctx context.Context, s *session, args []string) error {
			return s.diff(ctx, args[0], args[1:], reveal)
		}),
	}
	cmd.Flags().BoolVar(&reveal, "reveal", false, "show the values, too")
	a.completeNames(cmd, 3)
	return cmd
}

func (s *session) diff(ctx context.Context, name string, texts []string, reveal bool) error {
	sync, err := s.get(ctx, name)
	if err != nil {
		return err
	}
	numbers, err := parseRevisions(texts)
	if err != nil {
		return err
	}
	before, err := s.keptContent(ctx, sync, numbers[0])
	if err != nil {
		return fmt.Errorf("%s: %w", key(sync), err)
	}
	after, label, err := s.other(ctx, sync, numbers[1:])
	if err != nil {
		return fmt.Errorf("%s: %w", key(sync), err)
	}
	s.say("%s: from revision %s to %s", key(sync), texts[0], label)
	if reveal {
		s.warn("%s", unverified)
	}
	return s.writeDiff(before, after, reveal)
}

// other reads what the first revision is compared with, and says in words what that is.
func (s *session) other(ctx context.Context, sync *v1alpha1.SecretSync, numbers []int64) (*render.Content, string, error) {
	if len(numbers) == 0 {
		content, err := s.servedContent(ctx, sync)
		return content, fmt.Sprintf("Secret %q as it is", sync.ServedName()), err
	}
	content, err := s.keptContent(ctx, sync, numbers[0])
	return content, fmt.Sprintf("revision %d", numbers[0]), err
}

// keptContent reads a revision that the status knows of.
func (s *session) keptContent(ctx context.Context, sync *v1alpha1.SecretSync, number int64) (*render.Content, error) {
	if _, err := timeline.Kept(&sync.Status, number); err != nil {
		return nil, err
	}
	return s.revisionContent(ctx, sync, number)
}

func (s *session) writeDiff(before, after *render.Content, reveal bool) error {
	if before.Equal(*after) {
		s.say("No difference.")
		return nil
	}
	if after.Type != "" && before.Type != after.Type {
		s.say("type: %s, then %s", before.Type, after.Type)
	}
	changes := render.Diff(*before, *after)
	var rows [][]string
	add := func(change string, keys []string) {
		for _, name := range keys {
			row := []string{name, change}
			if reveal {
				row = append(row, shown(before.Data, name), shown(after.Data, name))
			}
			rows = append(rows, row)
		}
	}
	add("added", changes.Added)
	add("removed", changes.Removed)
	add("changed", changes.Changed)
	heading := []string{"KEY", "CHANGE"}
	if reveal {
		heading = append(heading, "BEFORE", "AFTER")
	}
	return writeTable(s.Out, heading, rows)
}

// shown is a value for a person who asked to see it, on one line; - if there is none.
func shown(data map[string]sensitive.Value, name string) string {
	value, ok := data[name]
	if !ok {
		return "-"
	}
	if b := value.Reveal(); utf8.Valid(b) {
		return strconv.Quote(string(b))
	}
	return "base64:" + base64.StdEncoding.EncodeToString(value.Reveal())
}

// parseRevisions reads numbers of revisions.
func parseRevisions(texts []string) ([]int64, error) {
	numbers := make([]int64, 0, len(texts))
	for _, text := range texts {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%w: %q is no number of a revision", errUsage, text)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}
