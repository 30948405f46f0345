// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/cli/plan"
)

// task is a set of moves that one command makes.
type task struct {
	moves []move
	flags moveFlags
	// in is the scope of the command.
	in scope
	// impossible are SecretSyncs that were meant and cannot be moved, with the reason.
	impossible map[string]error
	// confirm is what is asked before anything is written, without its question mark; empty
	// asks nothing.
	confirm string
	// after is said once something is written.
	after string
	// resume is the command that goes on waiting where the operator has not answered in time.
	resume string
	// done says what has become of a move that ended well.
	done func(m *move, waited bool) string
}

// carryOut tells the plan, asks, writes, waits and restarts, as far as it is asked to.
func (s *session) carryOut(ctx context.Context, t task) error {
	if err := t.impossible[t.in.namespace+"/"+t.in.name]; err != nil {
		return fmt.Errorf("%s/%s: %w", t.in.namespace, t.in.name, err)
	}
	plans, err := s.plans(ctx, t.moves)
	if err != nil {
		return err
	}
	if err := s.tell(plans, t); err != nil {
		return err
	}
	if len(t.moves) == 0 {
		return fmt.Errorf("none of %d can be done", len(t.impossible))
	}
	if t.flags.dryRun {
		return s.rehearse(ctx, t, plans)
	}
	if t.confirm != "" {
		if err := s.confirm(ctx, t.question(plans)); err != nil {
			return err
		}
	}
	return s.execute(ctx, t, plans)
}

// execute writes, waits and restarts.
func (s *session) execute(ctx context.Context, t task, plans []plan.Plan) error {
	failed := s.write(ctx, t.moves)
	unwritten := len(failed)
	if t.flags.waits() {
		maps.Copy(failed, s.awaitMoves(ctx, t, failed))
	}
	maps.Copy(failed, t.impossible)
	err := s.report(t, failed, t.flags.waits())
	if t.after != "" && unwritten < len(t.moves) {
		s.say("%s", t.after)
	}
	if slices.ContainsFunc(slices.Collect(maps.Values(failed)), unanswered) {
		s.say("To go on waiting: %s", t.resume)
	}
	switch {
	case err != nil:
		return s.unrestarted(t, plans, err)
	case t.flags.restart:
		return s.restartAll(ctx, plans)
	}
	s.hint(plans)
	return nil
}

// question asks for all that will be done, the restarts included.
func (t *task) question(plans []plan.Plan) string {
	restart, _ := plan.Restarts(plans)
	switch {
	case !t.flags.restart:
		return t.confirm + "?"
	case len(t.impossible) > 0:
		return t.confirm + " and restart NOTHING?"
	case len(restart) == 1:
		return t.confirm + " and restart 1 workload?"
	default:
		return fmt.Sprintf("%s and restart %d workloads?", t.confirm, len(restart))
	}
}

func (s *session) tell(plans []plan.Plan, t task) error {
	for _, name := range slices.Sorted(maps.Keys(t.impossible)) {
		s.say("%s: not possible: %v", name, t.impossible[name])
	}
	if err := writePlans(s.Out, plans, t.in.name != ""); err != nil {
		return err
	}
	if t.flags.restart && len(t.impossible) > 0 && len(plans) > 0 {
		s.say("NOTHING will be restarted, because %d of %d are not possible: Pods must not start with some of their Secrets back and some not.",
			len(t.impossible), len(t.impossible)+len(t.moves))
	}
	return nil
}

func writePlans(w io.Writer, plans []plan.Plan, single bool) error {
	switch {
	case len(plans) == 0:
		return nil
	case single:
		return plans[0].Write(w)
	default:
		return plan.WriteGroup(w, plans)
	}
}

// rehearse asks the API server whether it would take the writes, the restarts included.
func (s *session) rehearse(ctx context.Context, t task, plans []plan.Plan) error {
	failed := s.write(ctx, t.moves, client.DryRunAll)
	maps.Copy(failed, t.impossible)
	all := len(t.moves) + len(t.impossible)
	if t.flags.restart && len(t.impossible) == 0 {
		restart, _ := plan.Restarts(plans)
		all += len(restart)
		for _, c := range restart {
			if err := s.restart(ctx, c, client.DryRunAll); err != nil {
				failed[c.Kind+" "+c.Namespace+"/"+c.Name] = err
			}
		}
	}
	s.say("Dry run: nothing was written.")
	if len(failed) > 0 {
		s.listErrors("These would fail:", failed)
		return fmt.Errorf("%d of %d would fail", len(failed), all)
	}
	return nil
}

// awaitMoves waits for the moves that were written. Of a hold without an answer it says what
// that does to what is served.
func (s *session) awaitMoves(ctx context.Context, t task, unwritten map[string]error) map[string]error {
	checks := map[types.NamespacedName]check{}
	for i := range t.moves {
		if m := &t.moves[i]; unwritten[key(m.sync)] == nil {
			checks[id(m.sync)] = m.answered
		}
	}
	failed := s.await(ctx, t.flags.timeout, checks)
	for i := range t.moves {
		m := &t.moves[i]
		err := failed[key(m.sync)]
		switch {
		case !unanswered(err):
		case m.release:
			failed[key(m.sync)] = fmt.Errorf("%w; %s", err, stands(m.sync))
		default:
			failed[key(m.sync)] = fmt.Errorf("%w; %s", err, takeBack(m.sync))
		}
	}
	return failed
}

// report lists what is done and what is not. It returns an error if anything is not.
func (s *session) report(t task, failed map[string]error, waited bool) error {
	if len(t.moves) == 1 && len(t.impossible) == 0 {
		m := &t.moves[0]
		if err := failed[key(m.sync)]; err != nil {
			return fmt.Errorf("%s: %w", key(m.sync), err)
		}
		s.say("%s: %s", key(m.sync), t.done(m, waited))
		return nil
	}
	s.say("Done:")
	for i := range t.moves {
		if m := &t.moves[i]; failed[key(m.sync)] == nil {
			s.say("  %s: %s", key(m.sync), t.done(m, waited))
		}
	}
	if len(failed) == 0 {
		return nil
	}
	s.listErrors("NOT done:", failed)
	return fmt.Errorf("%d of %d are not done", len(failed), len(t.moves)+len(t.impossible))
}

func (s *session) listErrors(title string, errs map[string]error) {
	s.say("%s", title)
	for _, name := range slices.Sorted(maps.Keys(errs)) {
		s.say("  %s: %v", name, errs[name])
	}
}
