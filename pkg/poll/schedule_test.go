// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestBackoff(t *testing.T) {
	cases := map[string]struct {
		base  time.Duration
		fails int
		want  time.Duration
	}{
		"FirstFailure":     {base: 15 * time.Second, fails: 1, want: 15 * time.Second},
		"SecondDoubles":    {base: 15 * time.Second, fails: 2, want: 30 * time.Second},
		"Fifth":            {base: 15 * time.Second, fails: 5, want: 4 * time.Minute},
		"CappedAtFive":     {base: 15 * time.Second, fails: 6, want: 5 * time.Minute},
		"ManyDoNotWrap":    {base: 15 * time.Second, fails: 1 << 20, want: 5 * time.Minute},
		"NeverMoreOften":   {base: time.Hour, fails: 1, want: time.Hour},
		"NeverLessAnyMore": {base: time.Hour, fails: 9, want: time.Hour},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			if got := backoff(tc.base, tc.fails); got != tc.want {
				t.Errorf("backoff is %v, want %v", got, tc.want)
			}
		})
	}
}

func TestNextPhaseIsTheNextPointOfItsRaster(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Duration(rapid.Int64Range(0, int64(1000*time.Hour)).Draw(t, "now"))
		every := time.Duration(rapid.Int64Range(int64(time.Second), int64(24*time.Hour)).Draw(t, "interval"))
		phase := rapid.Float64Range(0, 0.999999).Draw(t, "phase")
		got := nextPhase(now, every, phase)
		if got <= now || got > now+every {
			t.Fatalf("next of %v is %v, want within the interval %v after it", now, got, every)
		}
		if again := nextPhase(got, every, phase); again != got+every {
			t.Fatalf("after %v comes %v, want one interval of %v later", got, again, every)
		}
		if early := nextPhase(got-1, every, phase); early != got {
			t.Fatalf("just before %v the next is %v", got, early)
		}
	})
}

func TestPhasesSpread(t *testing.T) {
	const names, buckets = 1000, 10
	var count [buckets]int
	for i := range names {
		phase := phaseOf("ClusterSecretBackend/vault", "app", ref(t, "apps/team-"+string(rune('a'+i%26))+"/"+nsOf(i)))
		count[int(phase*buckets)]++
	}
	for i, n := range count {
		if n < names/buckets/2 || n > names/buckets*2 {
			t.Errorf("%d of %d names fall into tenth %d of the interval", n, names, i)
		}
	}
}

func TestPhaseDependsOnEachPartOfTheName(t *testing.T) {
	base := phaseOf("b", "i", ref(t, "p"))
	for n, other := range map[string]float64{
		"Backend":  phaseOf("c", "i", ref(t, "p")),
		"Identity": phaseOf("b", "j", ref(t, "p")),
		"Path":     phaseOf("b", "i", ref(t, "q")),
		"Boundary": phaseOf("bi", "", ref(t, "p")),
	} {
		if other == base {
			t.Errorf("%s makes no difference", n)
		}
	}
}

func TestShorter(t *testing.T) {
	cases := map[string]struct{ a, b, want time.Duration }{
		"Shorter":    {a: 5, b: 3, want: 3},
		"Longer":     {a: 3, b: 5, want: 3},
		"NoneFirst":  {a: 0, b: 5, want: 5},
		"NoneSecond": {a: 5, b: 0, want: 5},
		"None":       {a: 0, b: 0, want: 0},
		"Negative":   {a: 0, b: -1, want: 0},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			if got := shorter(tc.a, tc.b); got != tc.want {
				t.Errorf("shorter is %v, want %v", got, tc.want)
			}
		})
	}
}
