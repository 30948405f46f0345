// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/secretsync/secretsync/pkg/cli/consumers"
)

// WriteGroup tells the plans for many SecretSyncs: a line each, then what is dangerous and
// who has to be restarted.
func WriteGroup(w io.Writer, plans []Plan) error {
	text := &strings.Builder{}
	table := printers.GetNewTabWriter(text)
	fmt.Fprintln(table, "NAMESPACE\tNAME\tFROM\tTO\tSOURCES THEN\tKEYS\tRESTARTS")
	for i := range plans {
		p := &plans[i]
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", p.Namespace, p.Name,
			number(p.From.Revision), number(p.To.Revision), Sources(p.To.Sources), p.keysInLine(), len(p.Restarts()))
	}
	_ = table.Flush() // a Builder takes everything
	fmt.Fprintln(text)
	for i := range plans {
		plans[i].dangers(text)
	}
	writeNotes(text, plans)
	writeRestarts(text, plans)
	fmt.Fprintln(text, NotUndone)
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	return nil
}

func (p Plan) keysInLine() string {
	switch {
	case p.Changes == nil:
		return "not known"
	case p.Same():
		return "none changes"
	default:
		return Keys(*p.Changes)
	}
}

// dangers says which workloads suffer, if any does.
func (p Plan) dangers(text *strings.Builder) {
	var losses strings.Builder
	WriteLosses(&losses, p.Consumers, p.Removed())
	if losses.Len() > 0 {
		fmt.Fprintf(text, "%s/%s:\n%s", p.Namespace, p.Name, losses.String())
	}
}

// maxNamed is how many SecretSyncs a note names; the others are counted.
const maxNamed = 3

// writeNotes tells each note once, with those it is about.
func writeNotes(text *strings.Builder, plans []Plan) {
	about := map[string][]string{}
	var notes []string
	for i := range plans {
		for _, note := range plans[i].Notes {
			if about[note] == nil {
				notes = append(notes, note)
			}
			about[note] = append(about[note], plans[i].Namespace+"/"+plans[i].Name)
		}
	}
	for _, note := range notes {
		names := about[note]
		if more := len(names) - maxNamed; more > 0 {
			names = append(names[:maxNamed], fmt.Sprintf("%d more", more))
		}
		fmt.Fprintf(text, "Note on %s: %s.\n", strings.Join(names, ", "), note)
	}
}

func writeRestarts(text *strings.Builder, plans []Plan) {
	if list := Restarts(plans); len(list) > 0 {
		fmt.Fprintln(text, "\nThese need a restart:")
		for _, c := range list {
			fmt.Fprintf(text, "  %s %s/%s\n", c.Kind, c.Namespace, c.Name)
		}
		fmt.Fprintln(text)
	}
}

// Restarts returns each workload that any of the plans needs restarted, once.
func Restarts(plans []Plan) []consumers.Consumer {
	var all []consumers.Consumer
	for i := range plans {
		for _, c := range plans[i].Restarts() {
			if !slices.ContainsFunc(all, func(o consumers.Consumer) bool { return same(o, c) }) {
				all = append(all, c)
			}
		}
	}
	return all
}

func same(a, b consumers.Consumer) bool {
	return a.Kind == b.Kind && a.Namespace == b.Namespace && a.Name == b.Name
}
