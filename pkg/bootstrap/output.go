// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/secretsync/secretsync/pkg/bootstrap/workflow"
)

// report is what a command found or did: for people a table, for machines an object.
type report struct {
	// title is what the table is called in a step's summary.
	title string
	// rows are the table.
	heading []string
	rows    [][]string
	// counts are the outputs of a step, in their order.
	counts []count
	// object is what -o json prints.
	object any
}

// count is how often something was found.
type count struct {
	name string
	n    int
}

// checkOutput refuses a format that there is not.
func (a *app) checkOutput() error {
	if a.flags.output != "" && a.flags.output != "json" {
		return fmt.Errorf("%w: -o %s is not json", errUsage, a.flags.output)
	}
	return nil
}

// print tells a report, to a workflow's run as well.
func (s *session) print(r report) error {
	if err := s.tell(r); err != nil {
		return err
	}
	if s.flags.output == "json" {
		return s.printJSON(r.object)
	}
	table := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(r.heading, "\t"))
	for _, row := range r.rows {
		cells := make([]string, len(row))
		for i, text := range row {
			cells[i] = printers.EscapeTerminal(strings.ReplaceAll(text, "\n", " "))
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("writing a table: %w", err)
	}
	words := make([]string, len(r.counts))
	for i, c := range r.counts {
		words[i] = strconv.Itoa(c.n) + " " + c.name
	}
	_, err := fmt.Fprintln(s.Out, strings.Join(words, ", "))
	return err
}

func (a *app) printJSON(object any) error {
	text, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the output: %w", err)
	}
	_, err = fmt.Fprintln(a.Out, string(text))
	return err
}

// tell appends to the summary and the outputs of a step of a workflow.
func (s *session) tell(r report) error {
	if !s.run.OnGitHub {
		return nil
	}
	if err := s.appendTo("GITHUB_STEP_SUMMARY", func(file *os.File) error {
		return workflow.Table(file, r.title, r.heading, r.rows)
	}); err != nil {
		return err
	}
	return s.appendTo("GITHUB_OUTPUT", func(file *os.File) error {
		for _, c := range r.counts {
			if err := workflow.Output(file, c.name, strconv.Itoa(c.n)); err != nil {
				return err
			}
		}
		return nil
	})
}

// appendTo appends to the file that a variable names, if it does.
func (s *session) appendTo(variable string, write func(*os.File) error) error {
	name := s.environment.Plain(variable)
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the runner names it
	if err != nil {
		return fmt.Errorf("opening what %s names: %w", variable, err)
	}
	if err := write(file); err != nil {
		_ = file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("closing what %s names: %w", variable, err)
	}
	return nil
}
