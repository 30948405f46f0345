// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"fmt"
	"io"
	"strings"

	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Mask tells the runner not to show a value, which is how GitHub wants to hear of one that is
// no secret of its own (docs.github.com: workflow commands, add-mask). A command is one line,
// so each line of the value is masked. It is the one place at which a value is printed, and
// only for one that was generated here.
func Mask(w io.Writer, value sensitive.Value) error {
	escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	for line := range strings.SplitSeq(string(value.Reveal()), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "::add-mask::%s\n", escape.Replace(line)); err != nil {
			return fmt.Errorf("masking a value: %w", err)
		}
	}
	return nil
}

// Table writes a table for a step's summary, in Markdown.
func Table(w io.Writer, title string, heading []string, rows [][]string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n| %s |\n|%s\n", title, strings.Join(heading, " | "), strings.Repeat("---|", len(heading)))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, text := range row {
			cells[i] = cell(text)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	if _, err := io.WriteString(w, b.String()+"\n"); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

// cell keeps a text within its cell, and from being taken for HTML.
func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "<", "&lt;", "\r", " ", "\n", " ").Replace(text)
}

// Output writes an output of a step. Name and value are words.
func Output(w io.Writer, name, value string) error {
	if _, err := fmt.Fprintf(w, "%s=%s\n", name, value); err != nil {
		return fmt.Errorf("writing output %s: %w", name, err)
	}
	return nil
}
