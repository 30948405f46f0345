// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/plan"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
	"github.com/secretsync/secretsync/pkg/revision"
)

// followFlags are the flags of the command follow.
type followFlags struct {
	moveFlags

	group         string
	allNamespaces bool
}

func (a *app) followCommand() *cobra.Command {
	f := &followFlags{}
	cmd := &cobra.Command{
		Use:   "follow (NAME | --group ID)",
		Short: "End a hold: serve the newest state again, and those to come",
		Example: "  kubectl secretsync follow payments-db --wait\n" +
			"  kubectl secretsync follow --group 20261112t140311z-k3v9qa -A",
		Args: cobra.MaximumNArgs(1),
		RunE: a.run(func(ctx context.Context, s *session, args []string) error { return s.follow(ctx, f, args) }),
	}
	cmd.Flags().StringVar(&f.group, "group", "", "end the holds of one rollback -l")
	addAllNamespaces(cmd, &f.allNamespaces)
	f.add(cmd)
	a.completeNames(cmd, 1)
	a.completeGroups(cmd, "group")
	return cmd
}

func (s *session) follow(ctx context.Context, f *followFlags, args []string) error {
	var in scope
	switch {
	case len(args) == 1 && f.group == "" && !f.allNamespaces:
		in = s.one(args[0])
	case len(args) == 0 && f.group != "":
		in = s.several(nil, f.allNamespaces)
	default:
		return fmt.Errorf("%w: give the NAME of a SecretSync, or --group ID with or without -A", errUsage)
	}
	// Whoever follows waits for the answer to a hold, and not for that to an end of it.
	syncs, err := s.settled(ctx, in, f.moveFlags, asked)
	if err != nil {
		return err
	}
	t := task{flags: f.moveFlags, in: in, impossible: map[string]error{}, done: released, resume: f.again(in)}
	for i := range syncs {
		sync := &syncs[i]
		if !f.means(sync) {
			continue
		}
		m, err := f.release(sync, s.now())
		if err != nil {
			t.impossible[key(sync)] = err
			continue
		}
		t.moves = append(t.moves, m)
	}
	if len(t.moves)+len(t.impossible) > 0 {
		return s.carryOut(ctx, t)
	}
	return s.nothingHeld(f, in, syncs)
}

// again is the command that goes on where this one ends too early.
func (f *followFlags) again(in scope) string {
	what := in.name
	if f.group != "" {
		what = "--group " + f.group
	}
	return fmt.Sprintf("kubectl secretsync follow %s %s --wait", what, where(in))
}

func asked(sync *v1alpha1.SecretSync) bool {
	return sync.Annotations[v1alpha1.AnnotationRollbackTo] != ""
}

// means reports whether a SecretSync is held or to be, and of the group, if one is given. It
// still is held where the annotation went and the operator has not answered that.
func (f *followFlags) means(sync *v1alpha1.SecretSync) bool {
	if f.group != "" {
		return heldBy(sync) == f.group
	}
	return asked(sync) || sync.Status.Rollback != nil
}

// heldBy returns the group of the rollback that a SecretSync is held for; empty if none. What
// was asked for after the end of that is not the group's.
func heldBy(sync *v1alpha1.SecretSync) string {
	ended := sync.Annotations[v1alpha1.AnnotationReleased] != ""
	if asked(sync) && ended || !asked(sync) && sync.Status.Rollback == nil {
		return ""
	}
	return sync.Annotations[v1alpha1.AnnotationRollbackGroup]
}

// nothingHeld says so. Of a group that nobody has ever heard of that is an error.
func (s *session) nothingHeld(f *followFlags, in scope, syncs []v1alpha1.SecretSync) error {
	const nothing = "nothing to do, and nothing is restarted."
	of := func(sync v1alpha1.SecretSync) bool {
		return sync.Annotations[v1alpha1.AnnotationRollbackGroup] == f.group
	}
	switch {
	case f.group == "":
		s.say("%s/%s is not held: %s", in.namespace, in.name, nothing)
		return nil
	case slices.ContainsFunc(syncs, of):
		s.say("Group %q holds nothing any more there: %s", f.group, nothing)
		return nil
	default:
		return fmt.Errorf("%w: nothing is held by group %q there; another --namespace, or -A?", errUsage, f.group)
	}
}

// release makes the move to the newest revision. The time it writes tells the operator
// that a person ended the hold, and not a tool that knows nothing of the annotation. What is
// followed as a group keeps its name, so that the command can be repeated until all do.
func (f *followFlags) release(sync *v1alpha1.SecretSync, now time.Time) (move, error) {
	if tool := plan.SetFromGit(sync); tool != "" {
		return move{}, fmt.Errorf("%s is set from Git by %s: remove it there", v1alpha1.AnnotationRollbackTo, tool)
	}
	m := move{sync: sync, to: timeline.Newest(&sync.Status), release: true, annotations: map[string]any{
		v1alpha1.AnnotationRollbackTo: nil,
		v1alpha1.AnnotationReleased:   now.UTC().Format(time.RFC3339),
	}}
	if f.group == "" {
		m.annotations[v1alpha1.AnnotationRollbackGroup] = nil
	}
	if hold := sync.Status.Rollback; hold != nil && revision.TakenBack(hold.Requested) > 0 {
		m.annotations[v1alpha1.AnnotationAccept] = hold.Requested // Nobody asked for it: it has to be let go.
	}
	return m, nil
}

func released(m *move, waited bool) string {
	if waited {
		return "follows the backend again"
	}
	return fmt.Sprintf("asked to follow the backend (see: kubectl secretsync status -n %s %s)", m.sync.Namespace, m.sync.Name)
}
