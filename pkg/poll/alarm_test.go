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

// alarmModel is eight alarms, and a plain map of when they ring.
type alarmModel struct {
	alarms

	all  [8]alarm
	want map[int]time.Duration
	now  time.Duration
}

func newAlarmModel() *alarmModel {
	m := &alarmModel{want: map[int]time.Duration{}}
	for i := range m.all {
		m.all[i].owner = bell(i)
	}
	return m
}

// earliest returns when the first alarm of the map rings.
func (m *alarmModel) earliest() (at time.Duration, ok bool) {
	for _, one := range m.want {
		if !ok || one < at {
			at, ok = one, true
		}
	}
	return at, ok
}

func (m *alarmModel) draw(t *rapid.T) (i int, at time.Duration) {
	return rapid.IntRange(0, 7).Draw(t, "i"), m.now + time.Duration(rapid.IntRange(0, 20).Draw(t, "at"))
}

func (m *alarmModel) setOne(t *rapid.T) {
	i, at := m.draw(t)
	m.set(&m.all[i], at)
	m.want[i] = at
}

func (m *alarmModel) hastenOne(t *rapid.T) {
	i, at := m.draw(t)
	m.hasten(&m.all[i], at)
	if old, ok := m.want[i]; !ok || at < old {
		m.want[i] = at
	}
}

func (m *alarmModel) clearOne(t *rapid.T) {
	i, _ := m.draw(t)
	m.clear(&m.all[i])
	delete(m.want, i)
}

func (m *alarmModel) ringDue(t *rapid.T) {
	m.now += time.Duration(rapid.IntRange(0, 5).Draw(t, "pass"))
	for a := m.due(m.now); a != nil; a = m.due(m.now) {
		if at, _ := m.earliest(); a.at != at || a.at > m.now {
			t.Fatalf("%v rings at %v, want %v", a.at, m.now, at)
		}
		rung, _ := a.owner.(bell)
		delete(m.want, int(rung))
	}
}

func (m *alarmModel) check(t *rapid.T) {
	at, ok := m.next()
	if wantAt, want := m.earliest(); ok != want || at != wantAt {
		t.Fatalf("next is %v, %t; want %v, %t", at, ok, wantAt, want)
	}
}

// TestAlarmsRingInOrder compares alarms with a plain map.
func TestAlarmsRingInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newAlarmModel()
		t.Repeat(map[string]func(*rapid.T){
			"set": m.setOne, "hasten": m.hastenOne, "clear": m.clearOne, "ring": m.ringDue, "": m.check,
		})
	})
}
