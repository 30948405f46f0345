// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/cli/consumers"
	"github.com/secretsync/secretsync/pkg/cli/plan"
)

// errDeclined is the error after a question that was not answered with yes.
var errDeclined = errors.New("nothing was written, because it was not confirmed")

// task is a set of moves that one command makes.
type task struct {
	moves []move
	flags moveFlags
	// in is the scope in which the operator's answers are looked for.
	in scope
	// impossible are SecretSyncs that were meant and cannot be moved, with the reason.
	impossible map[string]error
	// confirm asks before anything is written; empty asks nothing.
	confirm string
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
		return s.rehearse(ctx, t)
	}
	if t.confirm != "" && !s.confirmed(ctx, t.confirm) {
		return errDeclined
	}
	return s.execute(ctx, t, plans)
}

// execute writes, waits and restarts.
func (s *session) execute(ctx context.Context, t task, plans []plan.Plan) error {
	failed := s.write(ctx, t.moves)
	waits := t.flags.wait || t.flags.restart
	if waits {
		maps.Copy(failed, s.awaitMoves(ctx, t, failed))
	}
	maps.Copy(failed, t.impossible)
	if err := s.report(t, failed, waits); err != nil {
		return s.unrestarted(t, plans, err)
	}
	if t.flags.restart {
		return s.restartAll(ctx, plans)
	}
	s.hint(plans)
	return nil
}

func (s *session) tell(plans []plan.Plan, t task) error {
	for _, name := range slices.Sorted(maps.Keys(t.impossible)) {
		s.say("%s: not possible: %v", name, t.impossible[name])
	}
	switch {
	case len(plans) == 0:
		return nil
	case t.in.name != "":
		return plans[0].Write(s.Out)
	default:
		return plan.WriteGroup(s.Out, plans)
	}
}

// rehearse asks the API server whether it would take the writes.
func (s *session) rehearse(ctx context.Context, t task) error {
	failed := s.write(ctx, t.moves, client.DryRunAll)
	maps.Copy(failed, t.impossible)
	s.say("Dry run: nothing was written.")
	if len(failed) > 0 {
		s.listErrors("These would fail:", failed)
		return fmt.Errorf("%d of %d would fail", len(failed), len(t.moves)+len(t.impossible))
	}
	return nil
}

// awaitMoves waits for the moves that were written.
func (s *session) awaitMoves(ctx context.Context, t task, unwritten map[string]error) map[string]error {
	checks := map[string]check{}
	for i := range t.moves {
		m := &t.moves[i]
		if unwritten[key(m.sync)] == nil {
			checks[key(m.sync)] = m.answered
		}
	}
	return s.await(ctx, t.in, t.flags.timeout, checks)
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

// unrestarted adds to an error that nothing was restarted, and what is left to be: a Pod
// may read several Secrets, and must not start with some of them back and some not.
func (s *session) unrestarted(t task, plans []plan.Plan, err error) error {
	list := plan.Restarts(plans)
	if !t.flags.restart || len(list) == 0 {
		return err
	}
	s.commands("Nothing was restarted, because not everything is done. What is to be restarted once it is:", list)
	return fmt.Errorf("%w; therefore nothing was restarted", err)
}

// restartAll renews the Pods that keep old values, each workload once.
func (s *session) restartAll(ctx context.Context, plans []plan.Plan) error {
	list := plan.Restarts(plans)
	if len(list) == 0 {
		s.say("Nothing needs a restart: no workload keeps a value that has changed just now.")
	}
	var failed []error
	for _, c := range list {
		if err := s.restart(ctx, c); err != nil {
			failed = append(failed, err)
			continue
		}
		s.say("%s %s/%s: restarted", c.Kind, c.Namespace, c.Name)
	}
	return errors.Join(failed...)
}

// hint says how to restart what keeps old values.
func (s *session) hint(plans []plan.Plan) {
	if list := plan.Restarts(plans); len(list) > 0 {
		s.commands("What keeps the old values until it is restarted (--restart does it in one go):", list)
	}
}

func (s *session) commands(title string, list []consumers.Consumer) {
	s.say("%s", title)
	for _, c := range list {
		s.say("  kubectl rollout restart -n %s %s/%s", c.Namespace, kubectlName(c.Kind), c.Name)
	}
}
