// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"slices"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

func TestParseNumbers(t *testing.T) {
	cases := map[string]struct {
		text   string
		want   []int64
		reason string
	}{
		"None":    {},
		"One":     {text: "3", want: []int64{3}},
		"Several": {text: "3,4, 12", want: []int64{3, 4, 12}},
		"Word":    {text: "three", reason: "InvalidForget"},
		"Empty":   {text: "3,,4", reason: "InvalidForget"},
		"Zero":    {text: "0", reason: "InvalidForget"},
		"Huge":    {text: "999999999999", reason: "InvalidForget"},
		"Range":   {text: "3-5", reason: "InvalidForget"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := parseNumbers(tc.text)
			if !slices.Equal(got, tc.want) || fault.ReasonOf(err) != tc.reason {
				t.Errorf("got %v, %v; want %v, %q", got, err, tc.want, tc.reason)
			}
			if err != nil && !fault.Is(err, fault.InvalidSpec) {
				t.Errorf("%v is no InvalidSpec", err)
			}
		})
	}
}

func TestNeeded(t *testing.T) {
	u := newRun(func(u *run) {
		u.status.ServingRevision, u.requested, u.decision.Serve = 3, 2, 3
		for _, number := range []int64{6, 5, 3, 2} {
			u.status.History = append(u.status.History, v1alpha1.HistoryEntry{Revision: number})
		}
	})
	for number, want := range map[int64]string{6: "the newest", 5: "", 3: "served", 2: "asked for", 1: ""} {
		if got := u.needed(number); got != want {
			t.Errorf("revision %d is needed as %q, want %q", number, got, want)
		}
	}
}
