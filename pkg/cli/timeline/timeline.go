// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package timeline owns what the status of a SecretSync says of time: which revisions are
// kept, what was live when, and which one a person means by a number, the one before, or a
// moment. It is pure; it must not ask a server or a clock.
package timeline

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// ErrNotATime is in the chain of the error about a text that names no moment.
var ErrNotATime = errors.New("not a time")

// ErrTwice is in the chain of the error about a local time that the clocks show twice.
var ErrTwice = errors.New("comes twice")

// ErrNotKept is in the chain of the error about a revision that is not kept.
var ErrNotKept = errors.New("is not kept")

// ErrNotKnown is in the chain of the error about a moment of which the status tells nothing.
var ErrNotKnown = errors.New("not known")

// Span is a time during which one revision was live.
type Span struct {
	v1alpha1.ServedEntry

	// Until is when the next one became live; zero for the last one.
	Until time.Time
	// Live says that it is served at present. Where the last one is not, as after its entries
	// went from the backend, nothing tells when that ended.
	Live bool
}

// Spans returns what was live, newest first.
func Spans(status *v1alpha1.SecretSyncStatus) []Span {
	spans := make([]Span, len(status.Served))
	for i, entry := range status.Served {
		spans[i].ServedEntry = entry
		if i > 0 {
			spans[i].Until = status.Served[i-1].From.Time
		} else {
			spans[i].Live = status.ServingRevision > 0
		}
	}
	return spans
}

// LiveAt returns what was live at a moment. The error wraps ErrNotKnown if the moment lies
// before all that the status remembers.
func LiveAt(status *v1alpha1.SecretSyncStatus, at time.Time) (Span, error) {
	spans := Spans(status)
	for _, span := range spans {
		if !span.From.After(at) {
			return span, nil
		}
	}
	if len(spans) == 0 {
		return Span{}, fmt.Errorf("what was live at %s: %w: nothing was served yet", Time(at, at.Location()), ErrNotKnown)
	}
	oldest := spans[len(spans)-1].From.Time
	return Span{}, fmt.Errorf("what was live at %s: %w: the status begins at %s",
		Time(at, at.Location()), ErrNotKnown, Time(oldest, at.Location()))
}

// Previous returns the revision that was served last before the one that is served now.
// The error wraps ErrNotKnown if there was none.
func Previous(status *v1alpha1.SecretSyncStatus) (int64, error) {
	for _, entry := range status.Served {
		if entry.Revision != status.ServingRevision {
			return entry.Revision, nil
		}
	}
	return 0, fmt.Errorf("what was served before revision %d: %w", status.ServingRevision, ErrNotKnown)
}

// LiveSince returns when a revision became live the last time; zero if that is not known.
func LiveSince(status *v1alpha1.SecretSyncStatus, number int64) time.Time {
	for _, entry := range status.Served {
		if entry.Revision == number {
			return entry.From.Time
		}
	}
	return time.Time{}
}

// Newest returns the revision that is served where nothing is held: the one observed last,
// of several within a second the highest. Its number need not be the highest of all, as
// after a backup brought back old revisions; zero if there is none.
func Newest(status *v1alpha1.SecretSyncStatus) int64 {
	if len(status.History) == 0 {
		return status.NewestRevision
	}
	return slices.MaxFunc(status.History, func(a, b v1alpha1.HistoryEntry) int {
		return cmp.Or(a.ObservedAt.Compare(b.ObservedAt.Time), cmp.Compare(a.Revision, b.Revision))
	}).Revision
}

// Kept returns what the status says of a revision. The error wraps ErrNotKept and says
// which there are.
func Kept(status *v1alpha1.SecretSyncStatus, number int64) (*v1alpha1.HistoryEntry, error) {
	for i := range status.History {
		if status.History[i].Revision == number {
			return &status.History[i], nil
		}
	}
	return nil, fmt.Errorf("revision %d %w; %s", number, ErrNotKept, Choice(status))
}

// Ask is what a person wants to go back to; exactly one member is set.
type Ask struct {
	// Number of a revision.
	Number int64
	// Previous means what was served before what is served now.
	Previous bool
	// At means what was live then.
	At time.Time
}

// Resolve returns the number of the kept revision that is meant. Its errors wrap
// ErrNotKept or ErrNotKnown.
func (a Ask) Resolve(status *v1alpha1.SecretSyncStatus) (int64, error) {
	number := a.Number
	switch {
	case a.Previous:
		previous, err := Previous(status)
		if err != nil {
			return 0, fmt.Errorf("%w; %s", err, Choice(status))
		}
		number = previous
	case !a.At.IsZero():
		span, err := LiveAt(status, a.At)
		if err != nil {
			return 0, fmt.Errorf("%w; %s", err, Choice(status))
		}
		number = span.Revision
	}
	if _, err := Kept(status, number); err != nil {
		return 0, err
	}
	return number, nil
}

// Marks returns what a revision is at present: serving, newest, held.
func Marks(status *v1alpha1.SecretSyncStatus, number int64) []string {
	var marks []string
	if number == status.ServingRevision {
		marks = append(marks, "serving")
	}
	if number == Newest(status) {
		marks = append(marks, "newest")
	}
	if status.Rollback != nil && status.Rollback.Revision == number {
		marks = append(marks, "held")
	}
	return marks
}

// Choice says in words which revisions are kept.
func Choice(status *v1alpha1.SecretSyncStatus) string {
	if len(status.History) == 0 {
		return "no revision is kept yet"
	}
	var kept []string
	for _, entry := range status.History {
		text := strconv.FormatInt(entry.Revision, 10)
		if marks := Marks(status, entry.Revision); len(marks) > 0 {
			text += " (" + strings.Join(marks, ", ") + ")"
		}
		kept = append(kept, text)
	}
	return "kept are " + strings.Join(kept, ", ")
}

// Numbers returns the revisions that are kept, newest first.
func Numbers(status *v1alpha1.SecretSyncStatus) []int64 {
	var numbers []int64
	for _, entry := range status.History {
		numbers = append(numbers, entry.Revision)
	}
	slices.SortFunc(numbers, func(a, b int64) int { return cmp.Compare(b, a) })
	return numbers
}
