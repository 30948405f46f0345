// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"time"

	"github.com/secretsync/secretsync/pkg/fault"
)

const (
	breakerThreshold = 5
	minProbePause    = time.Second
	maxProbePause    = 30 * time.Second
)

// BreakerState says whether a backend is read.
type BreakerState string

// The states of a breaker.
const (
	// BreakerClosed: reads are made.
	BreakerClosed BreakerState = "Closed"
	// BreakerOpen: the backend did not answer five times in a row; one read at a time
	// probes whether it does again, and nothing else is read.
	BreakerOpen BreakerState = "Open"
)

// verdict is what the end of a read says about the backend.
type verdict int

const (
	// silent: the read never reached the backend, so it says nothing.
	silent verdict = iota
	// answered: the backend answered, if only to say no.
	answered
	// unavailable: it did not.
	unavailable
)

func verdictOf(err error) verdict {
	switch fault.ClassOf(err) {
	case "", fault.NotFound, fault.Denied, fault.Throttled, fault.InvalidContent:
		return answered
	case fault.Unavailable:
		return unavailable
	default:
		return silent
	}
}

// breaker counts unavailable answers. The zero value is closed.
type breaker struct {
	open    bool
	probing bool
	fails   int
	pause   time.Duration
	probeAt time.Duration
}

// record takes the end of a read into account and reports whether the state changed. The
// hint is how long the backend asked to be left alone.
func (b *breaker) record(v verdict, probe bool, now, hint time.Duration) (changed bool) {
	if probe {
		b.probing = false
	}
	switch v {
	case answered:
		changed = b.open
		*b = breaker{probing: b.probing}
		return changed
	case unavailable:
		b.fails++
	case silent:
	}
	switch {
	case !b.open && b.fails >= breakerThreshold:
		b.open, b.pause = true, minProbePause
		b.probeAt = now + max(b.pause, hint)
		return true
	case b.open && probe:
		if v == unavailable {
			b.pause = min(2*b.pause, maxProbePause)
		}
		b.probeAt = now + max(b.pause, hint)
	}
	return false
}

// tells reports whether a probe is under way, or due, that will tell more than is known.
func (b *breaker) tells(now time.Duration) bool { return b.probing || b.probeAt <= now }

func (b *breaker) state() BreakerState {
	if b.open {
		return BreakerOpen
	}
	return BreakerClosed
}
