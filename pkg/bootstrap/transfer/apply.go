// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Result is what became of a step.
type Result string

// The results.
const (
	// Done: it was written.
	Done Result = "Done"
	// Kept: nothing was to be written.
	Kept Result = "Kept"
	// Failed: it was not written, and why is said.
	Failed Result = "Failed"
	// NotDone: it was not begun, because something failed before.
	NotDone Result = "NotDone"
)

// Outcome is a step with what became of it.
type Outcome struct {
	Step

	// Result is what became of it.
	Result Result
	// Err is why it failed.
	Err error
}

// ErrRefused is in the chain of the error about steps that are refused; nothing was written.
var ErrRefused = errors.New("refused")

// ErrUnreachable is in the chain of the error about a stage that cannot be reached; every stage
// before it was written.
var ErrUnreachable = errors.New("not reachable")

// WriteError is the error about a step that was begun and failed. What came before it is done,
// so that it is no refusal, whatever class its cause has.
type WriteError struct {
	// Value and Place name the step.
	Value, Place string
	// Err is why it failed.
	Err error
}

// Error names the step, and says why it failed.
func (e *WriteError) Error() string {
	return fmt.Sprintf("writing value %s to %s: %v", e.Value, e.Place, e.Err)
}

// Unwrap returns why it failed.
func (e *WriteError) Unwrap() error { return e.Err }

// Writing says how to write.
type Writing struct {
	// Now is recorded as the time of writing.
	Now time.Time
	// Begin is told the steps once it is sure that none is refused, before the first is done; its
	// error ends all. It may be nil.
	Begin func(steps []Step) error
	// Progress is told each outcome as it comes; it may be nil.
	Progress func(Outcome)
	// Undo takes back a value that was made for nothing, since its anchor could not be
	// written; it may be nil.
	Undo func(ctx context.Context, value string) error
}

// Apply does the steps of a survey and stops at the first that fails. It returns an outcome
// for every step. Nothing at all is written if a step is refused.
func (s *Survey) Apply(ctx context.Context, w Writing) ([]Outcome, error) {
	steps := s.Steps(Applying)
	if err := refusal(steps, Refuse); err != nil {
		return untouched(steps), err
	}
	beyond := ""
	for _, step := range steps {
		if step.Action == Unreachable {
			beyond = step.Stage
			break
		}
	}
	return s.write(ctx, w, steps, beyond)
}

// refusal returns the error about the first step of one of these actions; nil if there is none.
func refusal(steps []Step, actions ...Action) error {
	for _, step := range steps {
		if slices.Contains(actions, step.Action) {
			return fmt.Errorf("%w: value %s at %s: %s", ErrRefused, step.Value, step.Place.Describe(), step.Reason)
		}
	}
	return nil
}

// write does the steps before a stage that cannot be reached; if it is empty, all.
func (s *Survey) write(ctx context.Context, w Writing, steps []Step, beyond string) ([]Outcome, error) {
	if w.Begin != nil {
		if err := w.Begin(steps); err != nil {
			return untouched(steps), err
		}
	}
	var outcomes []Outcome
	var failure error
	for _, step := range steps {
		if failure == nil && beyond == step.Stage {
			failure = unreachable(steps, beyond)
		}
		outcome := s.do(ctx, w, step, failure != nil)
		if outcome.Err != nil {
			failure = &WriteError{Value: step.Value, Place: step.Place.Describe(), Err: outcome.Err}
		}
		outcomes = append(outcomes, outcome)
		if w.Progress != nil {
			w.Progress(outcome)
		}
	}
	return outcomes, failure
}

// do does one step, unless the run has failed before.
func (s *Survey) do(ctx context.Context, w Writing, step Step, failed bool) Outcome {
	outcome := Outcome{Step: step, Result: Kept}
	switch {
	case failed && (step.Action.Writes() || step.Action == Unreachable):
		outcome.Result = NotDone
	case step.Action.Writes():
		outcome.Result = Done
		if outcome.Err = s.writeOne(ctx, w, step); outcome.Err != nil {
			outcome.Result = Failed
		}
	}
	return outcome
}

func (s *Survey) writeOne(ctx context.Context, w Writing, step Step) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	value, err := s.values.get(ctx, step.Value)
	if err != nil {
		return err
	}
	owner := step.Owner
	owner.Time = w.Now.UTC().Truncate(time.Second)
	err = step.Place.Write(ctx, value, step.Observed, owner)
	if step.Anchor && s.values.fresh[step.Value] && w.Undo != nil && certainlyNotWritten(err) {
		if undone := w.Undo(context.WithoutCancel(ctx), step.Value); undone != nil {
			return errors.Join(err, undone)
		}
	}
	return err
}

// certainlyNotWritten reports whether an error excludes that the value is in its place all the
// same, as it may be after an answer that never came.
func certainlyNotWritten(err error) bool {
	return fault.Is(err, fault.Denied, fault.Conflict, fault.NotOwned, fault.Rejected, fault.InvalidSpec, fault.NotFound)
}

func unreachable(steps []Step, stage string) error {
	for _, step := range steps {
		if step.Stage == stage && step.Action == Unreachable {
			return fmt.Errorf("stage %s is %w: value %s at %s: %s", stage, ErrUnreachable, step.Value, step.Place.Describe(), step.Reason)
		}
	}
	return nil
}

// untouched are the outcomes of steps none of which was begun.
func untouched(steps []Step) []Outcome {
	outcomes := make([]Outcome, len(steps))
	for i, step := range steps {
		outcomes[i] = Outcome{Step: step, Result: NotDone}
		if step.Action == Keep {
			outcomes[i].Result = Kept
		}
	}
	return outcomes
}
