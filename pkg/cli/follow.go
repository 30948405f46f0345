// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/plan"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
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
	t := task{flags: f.moveFlags, in: in, impossible: map[string]error{}, done: released}
	for i := range syncs {
		sync := &syncs[i]
		if !f.means(sync) {
			continue
		}
		m, err := release(sync, s.now())
		if err != nil {
			t.impossible[key(sync)] = err
			continue
		}
		t.moves = append(t.moves, m)
	}
	return s.followAll(ctx, f, t)
}

func asked(sync *v1alpha1.SecretSync) bool {
	return sync.Annotations[v1alpha1.AnnotationRollbackTo] != ""
}

// means reports whether a SecretSync is held or to be, and of the group, if one is given. It
// still is held where the annotation went and the operator has not answered that.
func (f *followFlags) means(sync *v1alpha1.SecretSync) bool {
	if f.group != "" {
		return asked(sync) && sync.Annotations[v1alpha1.AnnotationRollbackGroup] == f.group
	}
	return asked(sync) || sync.Status.Rollback != nil
}

func (s *session) followAll(ctx context.Context, f *followFlags, t task) error {
	switch {
	case len(t.moves)+len(t.impossible) > 0:
		return s.carryOut(ctx, t)
	case f.group != "":
		return fmt.Errorf("%w: nothing is held by group %q there; another --namespace, or -A?", errUsage, f.group)
	default:
		s.say("%s/%s is not held: nothing to do, and nothing is restarted.", s.namespace, t.in.name)
		return nil
	}
}

// release makes the move to the newest revision. The time it writes tells the operator
// that a person ended the hold, and not a tool that knows nothing of the annotation.
func release(sync *v1alpha1.SecretSync, now time.Time) (move, error) {
	if tool := plan.SetFromGit(sync); tool != "" {
		return move{}, fmt.Errorf("%s is set from Git by %s: remove it there", v1alpha1.AnnotationRollbackTo, tool)
	}
	return move{sync: sync, to: timeline.Newest(&sync.Status), release: true, annotations: map[string]any{
		v1alpha1.AnnotationRollbackTo:    nil,
		v1alpha1.AnnotationRollbackGroup: nil,
		v1alpha1.AnnotationReleased:      now.UTC().Format(time.RFC3339),
	}}, nil
}

func released(m *move, waited bool) string {
	if waited {
		return "follows the backend again"
	}
	return fmt.Sprintf("asked to follow the backend (see: kubectl secretsync status -n %s %s)", m.sync.Namespace, m.sync.Name)
}
