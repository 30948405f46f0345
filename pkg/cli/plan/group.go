// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/secretsync/secretsync/pkg/cli/timeline"
	"github.com/secretsync/secretsync/pkg/workload"
)

// WriteGroup tells the plans for many SecretSyncs: a line each, then what is dangerous and
// who has to be restarted.
func WriteGroup(w io.Writer, plans []Plan) error {
	text := &strings.Builder{}
	table := printers.GetNewTabWriter(text)
	fmt.Fprintln(table, "NAMESPACE\tNAME\tFROM\tLIVE SINCE\tTO\tLIVE SINCE\tSOURCES THEN\tKEYS\tRESTARTS")
	for i := range plans {
		p := &plans[i]
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", p.Namespace, p.Name,
			Number(p.From.Revision), timeline.Time(p.From.LiveSince, p.zone), Number(p.To.Revision), timeline.Time(p.To.LiveSince, p.zone),
			Sources(p.To.Sources), p.keysInLine(), len(p.Restarts()))
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
	restart, doomed := Restarts(plans)
	list(text, "These need a restart:", restart)
	list(text, "These keep old values and are NOT restarted, because their new Pods would not start:", doomed)
	if len(restart)+len(doomed) > 0 {
		fmt.Fprintln(text)
	}
}

func list(text *strings.Builder, title string, workloads []workload.Consumer) {
	if len(workloads) == 0 {
		return
	}
	fmt.Fprintln(text, "\n"+title)
	for _, c := range workloads {
		fmt.Fprintf(text, "  %s %s/%s\n", c.Kind, c.Namespace, c.Name)
	}
}

// Restarts returns each workload whose Pods keep old values and that a change of its Pod
// template restarts, once: those to restart, and those that are doomed, because by any of the
// plans they lose a key without which their new Pods do not start.
func Restarts(plans []Plan) (restart, doomed []workload.Consumer) {
	for _, p := range plans {
		for _, c := range p.Consumers {
			among := &restart
			if dooms(plans, c) {
				among = &doomed
			}
			if p.restarts(c) && !slices.ContainsFunc(*among, c.Is) {
				*among = append(*among, c)
			}
		}
	}
	return restart, doomed
}

// dooms reports whether any of the plans keeps new Pods of a workload from starting.
func dooms(plans []Plan, doomed workload.Consumer) bool {
	return slices.ContainsFunc(plans, func(p Plan) bool {
		return slices.ContainsFunc(p.Consumers, func(c workload.Consumer) bool { return c.Is(doomed) && p.doomed(c) })
	})
}
