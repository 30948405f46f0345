// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

func TestNewest(t *testing.T) {
	entry := func(number int64, minute int) v1alpha1.HistoryEntry {
		return v1alpha1.HistoryEntry{Revision: number, ObservedAt: metav1.NewTime(now().Add(time.Duration(minute) * time.Minute))}
	}
	read := func(number int64, minute int) v1alpha1.HistoryEntry {
		e := entry(number, minute)
		e.Sources = []v1alpha1.SourceVersion{{Path: "db"}}
		return e
	}
	cases := map[string]struct {
		reason  string
		entries []v1alpha1.HistoryEntry
		want    int64
		// after is the minute before which nothing new is recorded.
		after int
	}{
		"None":     {reason: "nothing was recorded"},
		"InOrder":  {reason: "as ever", entries: []v1alpha1.HistoryEntry{entry(3, -1), entry(2, -5), entry(1, -9)}, want: 3},
		"Together": {reason: "whole seconds are kept, and the number tells", entries: []v1alpha1.HistoryEntry{entry(1, -1), entry(2, -1)}, want: 2},
		"Restored": {
			reason:  "a backup tool brought back 2 and 3, after 1 was given out again",
			entries: []v1alpha1.HistoryEntry{entry(3, -7), entry(2, -8), entry(1, -1)}, want: 1,
		},
		"Adopted": {
			reason:  "what was found in a Secret is not what the backend holds",
			entries: []v1alpha1.HistoryEntry{entry(3, -1), read(2, -5)}, want: 2,
		},
		"ClockPutBack": {
			reason:  "the clock was ahead when 2 was recorded: 3 must not look older",
			entries: []v1alpha1.HistoryEntry{entry(2, 30), entry(1, -1)}, want: 2, after: 30,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(func(u *run) { u.status.History = tc.entries })
			var got int64
			if last := newest(tc.entries); last != nil {
				got = last.Revision
			}
			if got != tc.want {
				t.Errorf("newest = %d, want %d: %s", got, tc.want, tc.reason)
			}
			if want := now().Add(time.Duration(tc.after) * time.Minute); !u.observedAt().Equal(want) {
				t.Errorf("what is recorded now was observed at %s, want %s: %s", u.observedAt(), want, tc.reason)
			}
		})
	}
}
