// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	values := []int{5, 1, 4, 2, 3}
	for p, want := range map[int]int{0: 1, 1: 1, 20: 1, 21: 2, 50: 3, 99: 5, 100: 5} {
		if got := Percentile(values, p); got != want {
			t.Errorf("Percentile(%v, %d) = %d, want %d", values, p, got, want)
		}
	}
	if got := Percentile([]int{}, 99); got != 0 {
		t.Errorf("the percentile of nothing is %d", got)
	}
}

func TestMedian(t *testing.T) {
	cases := map[string]struct {
		values []float64
		want   float64
	}{
		"None": {}, "One": {values: []float64{7}, want: 7},
		"Odd": {values: []float64{9, 1, 2}, want: 2}, "Even": {values: []float64{4, 1, 9, 2}, want: 3},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := Median(tc.values); got != tc.want {
				t.Errorf("Median(%v) = %g, want %g", tc.values, got, tc.want)
			}
		})
	}
}

// TestParseCPU: the name of a process may hold anything, spaces and parentheses too.
func TestParseCPU(t *testing.T) {
	const stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 8 0 1 1 1"
	got, err := parseCPU([]byte(stat))
	if err != nil || got != 2*time.Second {
		t.Errorf("parseCPU = %s, %v, want 2s", got, err)
	}
	for _, bad := range []string{"", "42 (a) S", "42 (a) S 1 42 42 0 -1 4194560 100 0 0 0 x 50 0"} {
		if _, err := parseCPU([]byte(bad)); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}

func TestParseRssAnon(t *testing.T) {
	got, err := parseRssAnon([]byte("VmRSS:\t  900 kB\nRssAnon:\t     512 kB\n"))
	if err != nil || got != 512<<10 {
		t.Errorf("parseRssAnon = %d, %v", got, err)
	}
	for _, bad := range []string{"", "RssAnon:\t x kB"} {
		if _, err := parseRssAnon([]byte(bad)); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}
