// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/plan"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
)

// statusFlags are the flags of the command status.
type statusFlags struct {
	allNamespaces bool
	selector      string
	output        format
}

func (a *app) statusCommand() *cobra.Command {
	f := &statusFlags{}
	cmd := &cobra.Command{
		Use:     "status [NAME]",
		Short:   "Show what is served, problems first",
		Example: "  kubectl secretsync status -A\n  kubectl secretsync status payments-db",
		Args:    cobra.MaximumNArgs(1),
		RunE:    a.run(func(ctx context.Context, s *session, args []string) error { return s.status(ctx, f, args) }),
	}
	addAllNamespaces(cmd, &f.allNamespaces)
	cmd.Flags().StringVarP(&f.selector, "selector", "l", "", "only SecretSyncs with these labels")
	addFormat(cmd, &f.output, formatJSON, formatYAML, formatWide)
	a.completeNames(cmd, 1)
	return cmd
}

func (s *session) status(ctx context.Context, f *statusFlags, args []string) error {
	selector, err := labels.Parse(f.selector)
	if err != nil {
		return fmt.Errorf("reading -l %q: %w", f.selector, err)
	}
	in := s.several(selector, f.allNamespaces)
	if len(args) == 1 {
		if f.allNamespaces || f.selector != "" {
			return fmt.Errorf("%w: a NAME is that of one namespace: without -A and -l", errUsage)
		}
		in = s.one(args[0])
	}
	syncs, err := s.find(ctx, in)
	if err != nil {
		return err
	}
	slices.SortStableFunc(syncs, func(a, b v1alpha1.SecretSync) int { return cmp.Compare(urgency(&a), urgency(&b)) })
	switch {
	case f.output.structured():
		return f.output.write(s.Out, objects(syncs, in.name != ""))
	case len(syncs) == 0:
		s.warn("No SecretSync found there.")
		return nil
	}
	heading, rows := statusTable(syncs, f.allNamespaces, f.output == formatWide, s.now())
	if err := writeTable(s.Out, heading, rows); err != nil {
		return err
	}
	s.explain(syncs)
	return nil
}

// objects are the SecretSyncs as the API has them, without the bookkeeping of writers.
func objects(syncs []v1alpha1.SecretSync, single bool) any {
	for i := range syncs {
		syncs[i].ManagedFields = nil
		syncs[i].SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.KindSecretSync))
	}
	if single {
		return &syncs[0]
	}
	return &v1alpha1.SecretSyncList{
		TypeMeta: metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.KindSecretSync + "List"},
		Items:    syncs,
	}
}

// urgency orders SecretSyncs, the smallest first: what does not serve, what is odd, what is
// held, and the rest.
func urgency(sync *v1alpha1.SecretSync) int {
	ready := meta.FindStatusCondition(sync.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready != nil && ready.Status == metav1.ConditionFalse:
		return 0
	case ready == nil || ready.Status != metav1.ConditionTrue:
		return 1
	case len(oddities(sync)) > 0:
		return 2
	case sync.Status.Rollback != nil:
		return 3
	default:
		return 4
	}
}

// oddities are the conditions, beside Ready, that somebody should know of.
func oddities(sync *v1alpha1.SecretSync) []metav1.Condition {
	var odd []metav1.Condition
	for _, c := range sync.Status.Conditions {
		switch c.Type {
		case v1alpha1.ConditionReady:
		case v1alpha1.ConditionRolledBack:
			if c.Status == metav1.ConditionFalse {
				odd = append(odd, c)
			}
		default:
			if c.Status == metav1.ConditionTrue {
				odd = append(odd, c)
			}
		}
	}
	return odd
}

func statusTable(syncs []v1alpha1.SecretSync, namespaces, wide bool, now time.Time) (heading []string, rows [][]string) {
	heading = []string{"NAME", "READY", "REASON", "SERVING", "NEWEST", "HELD", "AGE"}
	if namespaces {
		heading = slices.Insert(heading, 0, "NAMESPACE")
	}
	if wide {
		heading = append(heading, "SECRET", "BACKEND", "CONDITIONS")
	}
	for i := range syncs {
		rows = append(rows, statusRow(&syncs[i], namespaces, wide, now))
	}
	return heading, rows
}

func statusRow(sync *v1alpha1.SecretSync, namespaces, wide bool, now time.Time) []string {
	status, reason := "Unknown", ""
	if ready := meta.FindStatusCondition(sync.Status.Conditions, v1alpha1.ConditionReady); ready != nil {
		status, reason = string(ready.Status), ready.Reason
	}
	row := []string{
		sync.Name, status, dash(reason), plan.Number(sync.Status.ServingRevision), plan.Number(timeline.Newest(&sync.Status)),
		dash(holds(sync)), duration.HumanDuration(now.Sub(sync.CreationTimestamp.Time)),
	}
	if namespaces {
		row = slices.Insert(row, 0, sync.Namespace)
	}
	if !wide {
		return row
	}
	backend, odd := "", ""
	if ref := sync.Spec.BackendRef; ref != nil {
		backend = ref.Name
	}
	for _, c := range oddities(sync) {
		odd += c.Type + "=" + string(c.Status) + " "
	}
	return append(row, sync.ServedName(), dash(backend), dash(odd))
}

// maxRequest is how much of a request that cannot be done is shown in a table, in characters.
const maxRequest = 32

// holds says what a SecretSync is held for, and what it is asked for in vain.
func holds(sync *v1alpha1.SecretSync) string {
	var all []string
	if hold := sync.Status.Rollback; hold != nil {
		all = append(all, hold.Requested)
	}
	if timeline.Refusal(sync) != nil {
		text := []rune(sync.Annotations[v1alpha1.AnnotationRollbackTo])
		if len(text) > maxRequest {
			text = append(text[:maxRequest], []rune("...")...)
		}
		all = append(all, string(text)+" (refused)")
	}
	return strings.Join(all, ", ")
}

// explain says below the table what is wrong, and what helps.
func (s *session) explain(syncs []v1alpha1.SecretSync) {
	for i := range syncs {
		sync := &syncs[i]
		if urgency(sync) > 2 && (len(syncs) > 1 || sync.Status.Rollback == nil) {
			continue
		}
		s.say("\n%s:", key(sync))
		if ready := meta.FindStatusCondition(sync.Status.Conditions, v1alpha1.ConditionReady); ready == nil {
			s.say("  no status yet: is the operator running?")
		} else if ready.Status != metav1.ConditionTrue {
			s.say("  Ready %s, %s: %s", ready.Status, ready.Reason, ready.Message)
		}
		for _, c := range oddities(sync) {
			s.say("  %s %s, %s: %s", c.Type, c.Status, c.Reason, c.Message)
		}
		if timeline.Refusal(sync) != nil {
			s.say("  %s", takeBack(sync))
		}
		s.explainHold(sync)
		if sync.Status.Blocked != nil {
			s.say("  to let the blocked state through: kubectl secretsync accept -n %s %s", sync.Namespace, sync.Name)
		}
	}
}

func (s *session) explainHold(sync *v1alpha1.SecretSync) {
	hold := sync.Status.Rollback
	if hold == nil {
		return
	}
	s.say("  held at revision %d since %s, asked for as %q by %s; to end it: kubectl secretsync follow -n %s %s",
		hold.Revision, s.show(hold.Since.Time), hold.Requested, dash(hold.By), sync.Namespace, sync.Name)
}

// show writes a time in the zone of the person, in a form that --at takes.
func (s *session) show(t time.Time) string { return timeline.Time(t, s.Zone) }
