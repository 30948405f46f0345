// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// bell is an owner of an alarm that does nothing.
type bell int

func (bell) ring(*Poller, time.Duration) {}

// TestAlarmsRingInOrder compares alarms with a plain map.
func TestAlarmsRingInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var (
			set   alarms
			all   [8]alarm
			model = map[int]time.Duration{}
			now   time.Duration
		)
		for i := range all {
			all[i].owner = bell(i)
		}
		earliest := func() (int, bool) {
			best, found := -1, false
			for i, at := range model {
				if !found || at < model[best] {
					best, found = i, true
				}
			}
			return best, found
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				i, at := rapid.IntRange(0, 7).Draw(t, "i"), now+time.Duration(rapid.IntRange(0, 20).Draw(t, "at"))
				set.set(&all[i], at)
				model[i] = at
			},
			"hasten": func(t *rapid.T) {
				i, at := rapid.IntRange(0, 7).Draw(t, "i"), now+time.Duration(rapid.IntRange(0, 20).Draw(t, "at"))
				set.hasten(&all[i], at)
				if old, ok := model[i]; !ok || at < old {
					model[i] = at
				}
			},
			"clear": func(t *rapid.T) {
				i := rapid.IntRange(0, 7).Draw(t, "i")
				set.clear(&all[i])
				delete(model, i)
			},
			"ring": func(t *rapid.T) {
				now += time.Duration(rapid.IntRange(0, 5).Draw(t, "pass"))
				for a := set.due(now); a != nil; a = set.due(now) {
					i, _ := earliest()
					if a.at != model[i] || a.at > now {
						t.Fatalf("%v rings at %v, want %v", a.at, now, model[i])
					}
					rung, _ := a.owner.(bell)
					delete(model, int(rung))
				}
				if i, some := earliest(); some && model[i] <= now {
					t.Fatalf("alarm of %v did not ring at %v", model[i], now)
				}
			},
			"": func(t *rapid.T) {
				i, some := earliest()
				at, ok := set.next()
				if ok != some || (ok && at != model[i]) {
					t.Fatalf("next is %v, %t; want %v, %t", at, ok, model[i], some)
				}
			},
		})
	})
}
