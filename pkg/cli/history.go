// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/plan"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
)

// historyFlags are the flags of the command history.
type historyFlags struct {
	at     string
	output format
}

func (a *app) historyCommand() *cobra.Command {
	f := &historyFlags{}
	cmd := &cobra.Command{
		Use:   "history NAME [--at TIME]",
		Short: "Show the revisions there are, and what was live when",
		Long: "Show the revisions there are, and what was live when and by whose wish. Who asked is the field\n" +
			"manager that the object shows: a claim; the audit log of the API server is the authority.",
		Example: "  kubectl secretsync history payments-db\n" +
			"  kubectl secretsync history payments-db --at \"2026-11-12 14:00\"",
		Args: cobra.ExactArgs(1),
		RunE: a.run(func(ctx context.Context, s *session, args []string) error { return s.history(ctx, f, args[0]) }),
	}
	cmd.Flags().StringVar(&f.at, "at", "", "tell what was live at that time")
	addFormat(cmd, &f.output, formatJSON, formatYAML, formatWide)
	a.completeNames(cmd, 1)
	return cmd
}

func (s *session) history(ctx context.Context, f *historyFlags, name string) error {
	sync, err := s.get(ctx, name)
	if err != nil {
		return err
	}
	if f.at != "" {
		return s.historyAt(sync, f)
	}
	if f.output.structured() {
		return f.output.write(s.Out, record(sync))
	}
	if len(sync.Status.History) == 0 {
		s.warn("%s has no revision yet.", key(sync))
		return nil
	}
	if err := s.writeRevisions(sync, f.output == formatWide); err != nil {
		return err
	}
	s.say("\nWhat was live, newest first:")
	return s.writeServed(&sync.Status)
}

// historyDocument is what -o json and -o yaml print.
type historyDocument struct {
	Namespace       string                   `json:"namespace"`
	Name            string                   `json:"name"`
	ServingRevision int64                    `json:"servingRevision,omitempty"`
	NewestRevision  int64                    `json:"newestRevision,omitempty"`
	Rollback        *v1alpha1.RollbackStatus `json:"rollback,omitempty"`
	History         []v1alpha1.HistoryEntry  `json:"history"`
	Served          []v1alpha1.ServedEntry   `json:"served"`
}

func record(sync *v1alpha1.SecretSync) historyDocument {
	status := &sync.Status
	return historyDocument{
		Namespace: sync.Namespace, Name: sync.Name,
		ServingRevision: status.ServingRevision, NewestRevision: status.NewestRevision, Rollback: status.Rollback,
		History: status.History, Served: status.Served,
	}
}

func (s *session) writeRevisions(sync *v1alpha1.SecretSync, wide bool) error {
	heading := []string{"REVISION", "STATE", "OBSERVED", "SOURCES", "KEYS"}
	if wide {
		heading = append(heading, "SECRET", "DIGEST")
	}
	var rows [][]string
	for _, entry := range sync.Status.History {
		sources := plan.Sources(entry.Sources)
		if entry.Truncated != nil && *entry.Truncated {
			sources += ", ..."
		}
		row := []string{
			plan.Number(entry.Revision), dash(strings.Join(timeline.Marks(&sync.Status, entry.Revision), ",")),
			s.show(entry.ObservedAt.Time), sources, plan.Keys(entry.Keys),
		}
		if wide {
			row = append(row, revisionName(sync, entry.Revision), dash(entry.Digest))
		}
		rows = append(rows, row)
	}
	return writeTable(s.Out, heading, rows)
}

func (s *session) writeServed(status *v1alpha1.SecretSyncStatus) error {
	var rows [][]string
	for _, span := range timeline.Spans(status) {
		rows = append(rows, []string{
			s.show(span.From.Time), s.until(span), plan.Number(span.Revision), span.Cause, dash(span.By), dash(span.Request),
		})
	}
	return writeTable(s.Out, []string{"FROM", "UNTIL", "REVISION", "CAUSE", "BY", "REQUEST"}, rows)
}

// until says when something ceased to be live.
func (s *session) until(span timeline.Span) string {
	switch {
	case !span.Until.IsZero():
		return s.show(span.Until)
	case span.Live:
		return "now"
	default:
		return "not known (nothing is served now)"
	}
}

// momentDocument is what -o json and -o yaml print of one moment.
type momentDocument struct {
	v1alpha1.ServedEntry `json:",inline"`

	// Until is absent while it is live, and where the end is not known.
	Until *metav1.Time `json:"until,omitempty"`
	// Live says that it is served now.
	Live bool `json:"live"`
}

func moment(span timeline.Span) momentDocument {
	document := momentDocument{ServedEntry: span.ServedEntry, Live: span.Live}
	if !span.Until.IsZero() {
		document.Until = &metav1.Time{Time: span.Until}
	}
	return document
}

// historyAt answers which revision was live at a moment, since when, and by whose wish.
func (s *session) historyAt(sync *v1alpha1.SecretSync, f *historyFlags) error {
	at, err := parsePast(f.at, s.now())
	if err != nil {
		return err
	}
	span, err := timeline.LiveAt(&sync.Status, at)
	if err != nil {
		return fmt.Errorf("%s: %w; the operator's audit log goes further back", key(sync), err)
	}
	if f.output.structured() {
		return f.output.write(s.Out, moment(span))
	}
	s.say("At %s, %s served revision %d.", s.show(at), key(sync), span.Revision)
	s.say("  since:    %s", s.show(span.From.Time))
	s.say("  until:    %s", s.until(span))
	s.say("  cause:    %s", span.Cause)
	if span.Request != "" || span.By != "" {
		s.say("  asked by: %s (a claim; the audit log is the authority), as %q", dash(span.By), span.Request)
	}
	entry, err := timeline.Kept(&sync.Status, span.Revision)
	if err != nil {
		s.say("  sources:  %v", err)
		return nil //nolint:nilerr // the question is answered without them
	}
	s.say("  sources:  %s", plan.Sources(entry.Sources))
	return nil
}
