// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package revision

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/secretsync/secretsync/pkg/fault"
)

// ReasonUnknown is the reason of the errors of Resolve: nothing tells which revision is
// meant, or it does not exist.
const ReasonUnknown = "RevisionUnknown"

// Words that may be asked for in place of a number or a time.
const (
	// Previous is the revision that was served before the one that is.
	Previous = "previous"
	// Current is the revision that is served.
	Current = "current"
)

// Hold is a state that was asked for and is kept while the text stands.
type Hold struct {
	// Request is the text that asked for it; empty if nobody asks for anything.
	Request string
	// Number is the revision that it resolved to; zero if it could not be resolved.
	Number int64
}

// Resolve returns what text, the request, asks for: the hold that is in force if it was
// resolved before, else a new one; for an empty text that by which a failed revision is taken
// back, or a zero Hold. Times are those at which a revision became live, so that what was
// recorded and not served is never meant.
// Errors: InvalidSpec with ReasonUnknown, telling what would be valid; the Hold then has
// no number.
func Resolve(text string, known Known, now time.Time) (Hold, error) {
	switch {
	case text == "":
		return known.react(), nil
	case text == known.Held.Request && known.Held.Number > 0:
		return known.Held, nil
	}
	number, why := find(text, known, now)
	if why == "" && number == 0 {
		why = "nothing was ever served"
	}
	if why == "" && number != known.Serving && !slices.Contains(known.Kept, number) {
		why = fmt.Sprintf("revision %d is not kept", number)
	}
	if why != "" {
		return Hold{Request: text}, fault.New(fault.InvalidSpec, ReasonUnknown,
			"%s; %s", why, known.choices())
	}
	return Hold{Request: text, Number: number}, nil
}

// maxRequest bounds, in bytes, the text of a request: that of a time is much shorter.
const maxRequest = 64

// skew is how far the clock of whoever asks may be ahead of ours.
const skew = time.Minute

// find returns the number that a request means, or why it means none.
func find(text string, known Known, now time.Time) (number int64, why string) {
	switch text {
	case Previous:
		return known.previous()
	case Current:
		return known.Serving, ""
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(number, 10) == text {
		if number < 1 || number > MaxNumber {
			return 0, fmt.Sprintf("%d is not the number of a revision", number)
		}
		return number, ""
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil && len(text) <= maxRequest {
		return known.liveAt(at, now)
	}
	return 0, "it is neither a number nor previous, current, or a time such as 2026-01-02T15:04:05Z"
}

// previous returns the revision that was served last before the one that is.
func (k Known) previous() (number int64, why string) {
	for _, life := range k.Lives {
		if life.Number != k.Serving {
			return life.Number, ""
		}
	}
	return 0, "no other revision is known to have been served before"
}

// liveAt returns the revision that the target held at a time.
func (k Known) liveAt(at, now time.Time) (number int64, why string) {
	if at.After(now.Add(skew)) {
		return 0, at.Format(time.RFC3339) + " is in the future"
	}
	for _, life := range k.Lives {
		if !life.From.After(at) {
			return life.Number, ""
		}
	}
	return 0, "what was served at " + at.Format(time.RFC3339) + " is not known"
}

// choices tells what may be asked for.
func (k Known) choices() string {
	numbers := slices.Sorted(slices.Values(k.Kept))
	if len(numbers) == 0 {
		return "no revision is kept"
	}
	texts := make([]string, 0, len(numbers))
	for _, number := range numbers {
		texts = append(texts, strconv.FormatInt(number, 10))
	}
	return "kept are the revisions " + strings.Join(texts, ", ")
}
