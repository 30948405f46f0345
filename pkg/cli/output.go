// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/printers"
	"sigs.k8s.io/yaml"
)

// Formats of -o.
const (
	formatTable = ""
	formatWide  = "wide"
	formatJSON  = "json"
	formatYAML  = "yaml"
)

// format is the value of the flag -o.
type format string

// addFormat adds the flag -o, which takes the formats beside the table.
func addFormat(cmd *cobra.Command, f *format, formats ...string) {
	cmd.Flags().StringVarP((*string)(f), "output", "o", formatTable, "one of "+strings.Join(formats, ", "))
	complete := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return formats, cobra.ShellCompDirectiveNoFileComp
	}
	mustComplete(cmd, "output", complete)
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if *f != formatTable && !slices.Contains(formats, string(*f)) {
			return fmt.Errorf("%w: -o %s is none of %s", errUsage, *f, strings.Join(formats, ", "))
		}
		return nil
	}
}

// structured reports whether the output is for programs.
func (f format) structured() bool { return f == formatJSON || f == formatYAML }

// write prints a value as JSON or YAML.
func (f format) write(w io.Writer, value any) error {
	text, err := yaml.Marshal(value)
	if f == formatJSON {
		text, err = json.MarshalIndent(value, "", "    ")
	}
	if err != nil {
		return fmt.Errorf("encoding the output: %w", err)
	}
	_, err = fmt.Fprintln(w, strings.TrimRight(string(text), "\n"))
	return err
}

// writeTable prints rows below a heading, in columns.
func writeTable(w io.Writer, heading []string, rows [][]string) error {
	table := printers.GetNewTabWriter(w)
	for _, row := range slices.Concat([][]string{heading}, rows) {
		cells := make([]string, len(row))
		for i, text := range row {
			cells[i] = cell(text)
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("writing a table: %w", err)
	}
	return nil
}

// dash stands for nothing in a table.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
