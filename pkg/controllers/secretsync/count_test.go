// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/poll"
)

func TestMade(t *testing.T) {
	version := func(age time.Duration) poll.Result {
		return poll.Result{Entry: backend.Entry{VersionTime: now().Add(-age)}}
	}
	cases := map[string]struct {
		reason string
		edit   func(*run)
		want   time.Duration // ago; zero is none
	}{
		"Changed":      {want: time.Second},
		"First":        {reason: "nobody waited for it", edit: func(u *run) { u.status.History = u.status.History[:1] }},
		"Held":         {reason: "it did not become live", edit: func(u *run) { u.status.ServingRevision, u.served = 3, nil }},
		"NotRecorded":  {reason: "nothing is new", edit: func(u *run) { u.recorded = false }},
		"Unversioned":  {reason: "the backend does not say", edit: func(u *run) { u.snapshot.Results = []poll.Result{{}} }},
		"Respecified":  {reason: "an old version is served otherwise", edit: func(u *run) { u.snapshot.Results = []poll.Result{version(2 * time.Hour)} }},
		"NoneWasTaken": {reason: "what is served comes from a record", edit: func(u *run) { u.snapshot = nil }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(func(u *run) {
				u.recorded, u.decision.Record, u.status.ServingRevision = true, 4, 4
				u.served = []v1alpha1.ServedEntry{{Revision: 4}}
				u.snapshot = &poll.Snapshot{Results: []poll.Result{version(5 * time.Hour), version(time.Second)}}
				source := []v1alpha1.SourceVersion{{Path: "db", Version: "1"}}
				u.status.History = []v1alpha1.HistoryEntry{
					{Revision: 4, ObservedAt: metav1.NewTime(now()), Sources: source},
					{Revision: 3, ObservedAt: metav1.NewTime(now().Add(-time.Hour)), Sources: source},
				}
				if tc.edit != nil {
					tc.edit(u)
				}
			})
			want := time.Time{}
			if tc.want > 0 {
				want = now().Add(-tc.want)
			}
			if got := u.made(); !got.Equal(want) {
				t.Errorf("made at %s, want %s: %s", got, want, tc.reason)
			}
		})
	}
}
