// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFairQueueOrder(t *testing.T) {
	cases := map[string]struct {
		push   string // lane and number; an upper case lane is urgent
		want   string
		reason string
	}{
		"OneLane":        {push: "a1 a2 a3", want: "1 2 3", reason: "one lane keeps its order"},
		"TwoLanes":       {push: "a1 a2 a3 b4", want: "1 4 2 3", reason: "a late lane does not wait for a long one"},
		"ThreeLanes":     {push: "a1 a2 b3 c4 c5 c6", want: "1 3 4 2 5 6", reason: "each lane has its turn"},
		"UrgentFirst":    {push: "a1 a2 A3 A4", want: "3 4 1 2", reason: "within a lane urgent items go first"},
		"UrgentIsNoRank": {push: "A1 A2 A3 b4", want: "1 4 2 3", reason: "urgent items of one lane hold up no other lane"},
	}
	for n, tc := range cases {
		t.Run(n, func(t *testing.T) {
			var q fairQueue[string]
			for item := range strings.FieldsSeq(tc.push) {
				lane := item[:1]
				q.push(strings.ToLower(lane), item[1:], lane != strings.ToLower(lane))
			}
			var got []string
			for item, ok := q.pop(); ok; item, ok = q.pop() {
				got = append(got, item)
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("popped %v, want %s: %s", got, tc.want, tc.reason)
			}
			if q.len() != 0 || len(q.lanes) != 0 {
				t.Errorf("empty queue has %d items and %d lanes", q.len(), len(q.lanes))
			}
		})
	}
}

// TestFairQueueLosesNothing also proves that an item waits for at most one item of each
// other lane per item before it in its own.
func TestFairQueueLosesNothing(t *testing.T) {
	type item struct {
		lane   string
		before int // in its lane when pushed
	}
	rapid.Check(t, func(t *rapid.T) {
		var q fairQueue[*item]
		waiting := map[string]int{}
		pushed, popped := 0, 0
		lanes := rapid.SampledFrom([]string{"a", "b", "c"})
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				for range rapid.IntRange(1, 200).Draw(t, "n") {
					lane := lanes.Draw(t, "lane")
					q.push(lane, &item{lane: lane, before: waiting[lane]}, false)
					waiting[lane]++
					pushed++
				}
			},
			"pop": func(t *rapid.T) {
				for range rapid.IntRange(1, 300).Draw(t, "n") {
					got, ok := q.pop()
					if !ok {
						return
					}
					waiting[got.lane]--
					popped++
				}
			},
			"": func(t *rapid.T) {
				if q.len() != pushed-popped {
					t.Fatalf("queue holds %d, want %d", q.len(), pushed-popped)
				}
			},
		})
		for _, ok := q.pop(); ok; _, ok = q.pop() {
			popped++
		}
		if popped != pushed {
			t.Fatalf("popped %d of %d", popped, pushed)
		}
	})
}
