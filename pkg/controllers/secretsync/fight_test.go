// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestFight(t *testing.T) {
	var f fight
	at := now()
	for repair := 1; repair <= 4; repair++ {
		f = f.after("tool", at)
		if f.wait("tool", at) != 0 || f.told("db") != nil {
			t.Fatalf("%d repairs are no fight yet", repair)
		}
	}
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second} {
		f = f.after("tool", at)
		if got := f.wait("tool", at); got != want {
			t.Errorf("after %d repairs the next waits %s, want %s", f.repairs, got, want)
		}
		if f.told("db") == nil {
			t.Error("it is not told")
		}
		if got := f.wait("somebody", at); got != 0 {
			t.Errorf("somebody else waits %s", got)
		}
		at = at.Add(want)
		if got := f.wait("tool", at); got != 0 {
			t.Errorf("%s later it still waits %s", want, got)
		}
	}
	if at = f.end(); !f.over(at) || f.after("tool", at).repairs != 1 {
		t.Error("after a time of calm it is not over")
	}
}

// TestFightOfAnyLength: a repair never waits longer than five minutes, and spaced edits
// never wait.
func TestFightOfAnyLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var f fight
		at := now()
		for range rapid.IntRange(1, 100).Draw(t, "repairs") {
			pause := time.Duration(rapid.Int64Range(0, int64(10*time.Minute)).Draw(t, "pause"))
			at = at.Add(pause)
			wait := f.wait("tool", at)
			if wait > lastTruce || pause >= lastTruce+calm && wait != 0 {
				t.Fatalf("it waits %s after %s", wait, pause)
			}
			at = at.Add(wait)
			f = f.after("tool", at)
		}
	})
}
