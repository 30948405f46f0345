// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
)

const (
	// maxBackoff is the longest pause of a failing entry whose interval is shorter.
	maxBackoff = 5 * time.Minute
	// minBase is the pace of what is retried for subscribers without an interval.
	minBase = 5 * time.Second
	// maxRetryAfter bounds what a backend may ask for, so that a nonsense answer of a
	// proxy cannot silence an entry for years.
	maxRetryAfter = time.Hour
)

// phaseOf places an entry within its interval by its name, as a fraction of it.
func phaseOf(backendKey, identity string, ref backend.EntryRef) float64 {
	h := sha256.New()
	for _, s := range []string{backendKey, identity, ref.Path(), ref.Version()} {
		_, _ = h.Write([]byte(s))
		_, _ = h.Write([]byte{0})
	}
	return float64(binary.BigEndian.Uint32(h.Sum(nil))) / (1 << 32)
}

// nextPhase returns the first point after now that lies at the phase within the interval.
func nextPhase(now, interval time.Duration, phase float64) time.Duration {
	at := time.Duration(phase * float64(interval))
	return now + interval - (now-at+interval)%interval
}

// backoff returns the pause after a number of failures in a row: the base doubling to
// five minutes, never shorter than the base.
func backoff(base time.Duration, fails int) time.Duration {
	wait := base
	for i := 1; i < fails && wait < maxBackoff; i++ {
		wait *= 2
	}
	return max(base, min(wait, maxBackoff))
}

// recoverAt returns when an entry is read after its backend came back: within one base
// (five minutes if that is shorter), at its phase, so that not all come at once.
func recoverAt(now, base time.Duration, phase float64) time.Duration {
	return nextPhase(now, min(base, maxBackoff), phase)
}

// shorter returns the shorter of two intervals, of which 0 means none.
func shorter(a, b time.Duration) time.Duration {
	if a <= 0 || (b > 0 && b < a) {
		return max(b, 0)
	}
	return a
}
