// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/plan"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
)

// errUsage is in the chain of an error about flags or arguments that do not go together.
var errUsage = errors.New("wrong usage")

// rollbackFlags are the flags of the command rollback.
type rollbackFlags struct {
	moveFlags

	to            int64
	previous      bool
	at            string
	selector      string
	allNamespaces bool
	yes           bool
}

func (a *app) rollbackCommand() *cobra.Command {
	f := &rollbackFlags{}
	cmd := &cobra.Command{
		Use:   "rollback (NAME | -l SELECTOR) (--to REVISION | --previous | --at TIME)",
		Short: "Go back to a revision, and hold it until follow",
		Long: "Go back to a revision, and hold it until follow. The plan is shown first: from what to what, which\n" +
			"keys change, who reads them, and what has to be restarted. TIME is an RFC 3339 time, a local time\n" +
			"such as \"2026-11-12 14:00\", or how long ago, such as 30m.",
		Example: "  kubectl secretsync rollback payments-db --previous --restart\n" +
			"  kubectl secretsync rollback payments-db --to 3 --dry-run\n" +
			"  kubectl secretsync rollback -l app.kubernetes.io/part-of=shop --at \"2026-11-12 14:00\" --wait",
		Args: cobra.MaximumNArgs(1),
		RunE: a.run(func(ctx context.Context, s *session, args []string) error { return s.rollback(ctx, f, args) }),
	}
	cmd.Flags().Int64Var(&f.to, "to", 0, "number of the revision")
	cmd.Flags().BoolVar(&f.previous, "previous", false, "what was served before what is served now")
	cmd.Flags().StringVar(&f.at, "at", "", "what was live at that time")
	cmd.Flags().StringVarP(&f.selector, "selector", "l", "", "roll all SecretSyncs with these labels back")
	addAllNamespaces(cmd, &f.allNamespaces)
	addYes(cmd, &f.yes)
	f.add(cmd)
	cmd.MarkFlagsMutuallyExclusive("to", "previous", "at")
	a.completeNames(cmd, 1)
	a.completeRevisionFlag(cmd, "to")
	return cmd
}

func (s *session) rollback(ctx context.Context, f *rollbackFlags, args []string) error {
	if len(args) == 1 {
		return s.rollbackOne(ctx, f, args[0])
	}
	return s.rollbackGroup(ctx, f)
}

func (s *session) rollbackOne(ctx context.Context, f *rollbackFlags, name string) error {
	if f.selector != "" || f.allNamespaces {
		return fmt.Errorf("%w: give a NAME, or -l SELECTOR with or without -A", errUsage)
	}
	syncs, err := s.settled(ctx, s.one(name), f.moveFlags, anySync)
	if err != nil {
		return err
	}
	sync := &syncs[0]
	ask, err := s.ask(f)
	if err != nil {
		return fmt.Errorf("%w; of %s %s", err, key(sync), timeline.Choice(&sync.Status))
	}
	m, err := hold(sync, ask, "")
	if err != nil {
		return fmt.Errorf("%s: %w", key(sync), err)
	}
	return s.carryOut(ctx, task{
		moves: []move{m}, flags: f.moveFlags, in: s.one(name), done: held,
		resume:  fmt.Sprintf("kubectl secretsync rollback %s -n %s --to %d --wait", sync.Name, sync.Namespace, m.to),
		confirm: unless(f.yes, fmt.Sprintf("Hold %s at revision %d", key(sync), m.to)),
	})
}

func anySync(*v1alpha1.SecretSync) bool { return true }

func (s *session) rollbackGroup(ctx context.Context, f *rollbackFlags) error {
	in, err := s.groupScope(f)
	if err != nil {
		return err
	}
	ask, err := s.ask(f)
	if err != nil {
		return err
	}
	syncs, err := s.settled(ctx, in, f.moveFlags, anySync)
	if err != nil {
		return err
	}
	group := groupID(s.now())
	t := task{flags: f.moveFlags, in: in, impossible: map[string]error{}, done: held}
	for i := range syncs {
		m, err := hold(&syncs[i], ask, group)
		if err != nil {
			t.impossible[key(&syncs[i])] = err
			continue
		}
		t.moves = append(t.moves, m)
	}
	if len(syncs) == 0 {
		return fmt.Errorf("%w: no SecretSync has the labels %q there", errUsage, f.selector)
	}
	t.confirm = unless(f.yes, fmt.Sprintf("Hold these %d", len(t.moves)))
	// Served since is known to the second, and a selector has no quotes.
	t.resume = fmt.Sprintf("kubectl secretsync rollback -l '%s' %s --at %s --wait", f.selector, where(in), ask.At.Format(time.RFC3339))
	t.after = fmt.Sprintf("To end all these holds: kubectl secretsync follow --group %s %s", group, where(in))
	return s.carryOut(ctx, t)
}

func (s *session) groupScope(f *rollbackFlags) (scope, error) {
	if f.selector == "" {
		return scope{}, fmt.Errorf("%w: give the NAME of a SecretSync, or -l SELECTOR for several", errUsage)
	}
	if f.at == "" {
		return scope{}, fmt.Errorf("%w: several SecretSyncs go back to one moment: --at TIME (their numbers mean different things)", errUsage)
	}
	selector, err := labels.Parse(f.selector)
	if err != nil {
		return scope{}, fmt.Errorf("reading -l %q: %w", f.selector, err)
	}
	return s.several(selector, f.allNamespaces), nil
}

// ask returns what the flags ask for. Which moment a time came to is said at once, because
// all that follows rests on it.
func (s *session) ask(f *rollbackFlags) (timeline.Ask, error) {
	switch {
	case f.to > 0:
		return timeline.Ask{Number: f.to}, nil
	case f.previous:
		return timeline.Ask{Previous: true}, nil
	case f.at != "":
		at, err := parsePast(f.at, s.now())
		if err == nil {
			s.say("Back to what was live at %s (%s).\n", s.show(at), at.Format("MST"))
		}
		return timeline.Ask{At: at}, err
	default:
		return timeline.Ask{}, fmt.Errorf("%w: say where to go back to: --to REVISION, --previous or --at TIME", errUsage)
	}
}

func parsePast(text string, now time.Time) (time.Time, error) {
	at, err := timeline.Parse(text, now)
	if err == nil && at.After(now) {
		return time.Time{}, fmt.Errorf("%w: %s is still to come", errUsage, at.Format(time.RFC3339))
	}
	return at, err
}

// hold makes the move to what is asked for. The number is written, so that the operator
// does what the plan shows, whatever becomes live meanwhile.
func hold(sync *v1alpha1.SecretSync, ask timeline.Ask, group string) (move, error) {
	if tool := plan.SetFromGit(sync); tool != "" {
		return move{}, fmt.Errorf("%s is set from Git by %s, which would undo another value: change it in Git",
			v1alpha1.AnnotationRollbackTo, tool)
	}
	if ask.Previous {
		if err := unheld(sync); err != nil {
			return move{}, err
		}
	}
	number, err := ask.Resolve(&sync.Status)
	if err != nil {
		return move{}, err
	}
	m := move{sync: sync, to: number, at: ask.At, annotations: map[string]any{
		v1alpha1.AnnotationRollbackTo:    strconv.FormatInt(number, 10),
		v1alpha1.AnnotationRollbackGroup: nil,
		v1alpha1.AnnotationReleased:      nil,
	}}
	if group != "" {
		m.annotations[v1alpha1.AnnotationRollbackGroup] = group
	}
	return m, nil
}

// unheld returns an error if a hold is asked for or in force: what was served before it is what
// somebody went back from, so that to go there again would be to go forward.
func unheld(sync *v1alpha1.SecretSync) error {
	text, hold := sync.Annotations[v1alpha1.AnnotationRollbackTo], sync.Status.Rollback
	var standing string
	switch {
	case hold != nil:
		standing = fmt.Sprintf("revision %d is held, for %q", hold.Revision, hold.Requested)
	case text != "":
		standing = fmt.Sprintf("a hold is asked for, by %s: %q", v1alpha1.AnnotationRollbackTo, text)
	default:
		return nil
	}
	return fmt.Errorf("%w: --previous is not taken while %s, because what was served before may be what was to be left: say --to REVISION, or: kubectl secretsync follow -n %s %s; %s",
		errUsage, standing, sync.Namespace, sync.Name, before(&sync.Status))
}

// before says in words what --previous could have meant.
func before(status *v1alpha1.SecretSyncStatus) string {
	number, err := timeline.Previous(status)
	if err != nil {
		return timeline.Choice(status)
	}
	return fmt.Sprintf("revision %d is served, and before it revision %d was; %s", status.ServingRevision, number, timeline.Choice(status))
}

func held(m *move, waited bool) string {
	if waited {
		return fmt.Sprintf("holds revision %d", m.to)
	}
	return fmt.Sprintf("asked to hold revision %d (see: kubectl secretsync status -n %s %s)", m.to, m.sync.Namespace, m.sync.Name)
}

// where is the flag that looks in the namespace of a scope.
func where(in scope) string {
	if in.namespace == "" {
		return "-A"
	}
	return "-n " + in.namespace
}

// groupID returns a text that no other command uses.
func groupID(now time.Time) string {
	return now.UTC().Format("20060102t150405z") + "-" + strings.ToLower(rand.Text()[:6])
}
