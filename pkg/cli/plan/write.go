// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
	"github.com/secretsync/secretsync/pkg/workload"
)

// NotUndone is what no rollback undoes.
const NotUndone = "Not undone: the other side. A database, a broker or an API must still accept the values that come back;\n" +
	"where a password was rotated there, the old one has to be set again. The backend is not changed either."

// Write tells the plan for one SecretSync.
func (p Plan) Write(w io.Writer) error {
	text := &strings.Builder{}
	p.heading(text)
	p.ends(text)
	p.keys(text)
	p.readers(text)
	for _, note := range p.Notes {
		fmt.Fprintf(text, "Note: %s.\n", note)
	}
	if !p.Same() {
		fmt.Fprintln(text, NotUndone)
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("writing the plan: %w", err)
	}
	return nil
}

func (p Plan) heading(text *strings.Builder) {
	what := "hold revision"
	if p.Release {
		what = "end the hold and follow the newest, revision"
	}
	fmt.Fprintf(text, "%s/%s: %s %d (Secret %q)\n\n", p.Namespace, p.Name, what, p.To.Revision, p.Secret)
}

func (p Plan) ends(text *strings.Builder) {
	table := printers.GetNewTabWriter(text)
	fmt.Fprintln(table, "\tREVISION\tOBSERVED\tLIVE SINCE\tSOURCES")
	for _, end := range []struct {
		label string
		at    Point
	}{{"from", p.From}, {"to", p.To}} {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\n", end.label, end.at.Revision,
			timeline.Time(end.at.ObservedAt, p.zone), timeline.Time(end.at.LiveSince, p.zone), Sources(end.at.Sources))
	}
	_ = table.Flush() // a Builder takes everything
	fmt.Fprintln(text)
}

func (p Plan) keys(text *strings.Builder) {
	switch {
	case p.Changes == nil:
		fmt.Fprintln(text, "Keys: not known (see the notes).")
	case p.Same():
		fmt.Fprintln(text, "Keys: none changes; the Secret stays as it is.")
	default:
		named(text, "Keys changed", p.Changes.Changed)
		named(text, "Keys added", p.Changes.Added)
		named(text, "Keys REMOVED", p.Changes.Removed)
	}
	WriteLosses(text, p.Consumers, p.Removed())
}

func named(text *strings.Builder, label string, keys []string) {
	if len(keys) > 0 {
		fmt.Fprintf(text, "%s: %s\n", label, strings.Join(keys, ", "))
	}
}

// WriteLosses says what workloads suffer from the removal of keys, the worst first.
func WriteLosses(w io.Writer, readers []workload.Consumer, removed []string) {
	for _, c := range readers {
		for _, use := range c.Breaks(removed) {
			fate := "its Pods DO NOT START without it, from the next start on"
			if use.Freezes(removed) {
				fate = "without it no file of the volume is updated: running Pods keep ALL their old files, and new Pods DO NOT START"
			}
			fmt.Fprintf(w, "  WARNING: %s %s needs %s (%s): %s.\n",
				c.Kind, c.Name, strings.Join(use.Breaks(removed), ", "), place(use), fate)
		}
	}
	for _, c := range readers {
		for _, use := range c.Loses(removed) {
			fmt.Fprintf(w, "  Warning: %s %s loses %s (%s).\n", c.Kind, c.Name, strings.Join(use.Reads(removed), ", "), place(use))
		}
	}
}

func (p Plan) readers(text *strings.Builder) {
	if len(p.Consumers) == 0 {
		fmt.Fprint(text, "Consumers: none seen.\n\n")
		return
	}
	fmt.Fprint(text, "\nConsumers:\n")
	table := printers.GetNewTabWriter(text)
	fmt.Fprintln(table, "  KIND\tNAME\tREADS IT BY\tAFTERWARDS")
	for _, c := range p.Consumers {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", c.Kind, c.Name, places(c), p.afterwards(c))
	}
	_ = table.Flush() // a Builder takes everything
	fmt.Fprintln(text)
}

// afterwards says what it takes until a consumer has the new values.
func (p Plan) afterwards(c workload.Consumer) string {
	switch {
	case !c.Concerned(p.Changes) && !p.stale(c):
		return "not concerned"
	case p.doomed(c) && p.restarts(c):
		return "NOT restarted, because its new Pods would not start"
	case c.Freezes(p.Removed()):
		return "keeps ALL its old files, and new Pods do not start"
	case p.restarts(c):
		return "needs a restart"
	case p.stale(c):
		return c.ByHand
	case c.OnlyPulls():
		return "used at the next pull of an image"
	default:
		return "updates itself in about a minute, if it reads the file again"
	}
}

func places(c workload.Consumer) string {
	var all []string
	for _, use := range c.Uses {
		if text := place(use); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}

func place(u workload.Use) string {
	text := string(u.Means)
	if u.Container != "" {
		text = u.Container + ": " + text
	}
	if u.Means == workload.Env {
		text += " " + strings.Join(u.Keys, ", ")
	}
	return text
}

// maxValues bounds the values of one entry that are shown.
const maxValues = 8

// Sources shows entries as path@version, or as path#field@version where values have
// versions, and what the backend no longer has.
func Sources(sources []v1alpha1.SourceVersion) string {
	if len(sources) == 0 {
		return "-"
	}
	var all []string
	for _, s := range sources {
		text := s.Path
		if s.Version != "" {
			text += "@" + s.Version
		}
		if s.Destroyed != nil && *s.Destroyed {
			text += " (destroyed)"
		}
		if len(s.Values) > 0 {
			text += "#" + values(s.Values)
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func values(of []v1alpha1.ValueVersion) string {
	var all []string
	for _, value := range of[:min(len(of), maxValues)] {
		all = append(all, value.Field+"@"+value.Version)
	}
	if more := len(of) - len(all); more > 0 {
		all = append(all, fmt.Sprintf("%d more", more))
	}
	return strings.Join(all, "+")
}

// Keys shows changes by name: +added, -removed, ~changed.
func Keys(changes v1alpha1.KeyChanges) string {
	var all []string
	for _, group := range []struct {
		sign string
		keys []string
	}{{"+", changes.Added}, {"-", changes.Removed}, {"~", changes.Changed}} {
		for _, key := range group.keys {
			all = append(all, group.sign+key)
		}
	}
	if len(all) == 0 {
		return "-"
	}
	return strings.Join(all, " ")
}

// Number shows a revision; - if there is none.
func Number(n int64) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatInt(n, 10)
}
