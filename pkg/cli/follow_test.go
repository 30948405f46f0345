// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

func TestHeldBy(t *testing.T) {
	const group, request, released = v1alpha1.AnnotationRollbackGroup, v1alpha1.AnnotationRollbackTo, v1alpha1.AnnotationReleased
	cases := map[string]struct {
		reason      string
		annotations map[string]string
		held        bool
		want        string
	}{
		"Alone":    {reason: "it went back without others", annotations: map[string]string{request: "2"}, held: true},
		"Asked":    {reason: "the operator will hold it", annotations: map[string]string{request: "2", group: "g"}, want: "g"},
		"Held":     {reason: "it is held", annotations: map[string]string{request: "2", group: "g"}, held: true, want: "g"},
		"Ending":   {reason: "the operator has not answered yet", annotations: map[string]string{group: "g", released: "now"}, held: true, want: "g"},
		"Over":     {reason: "it follows", annotations: map[string]string{group: "g", released: "now"}},
		"OtherNow": {reason: "somebody went back after the group did not any more", annotations: map[string]string{request: "1", group: "g", released: "now"}, held: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			sync := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Annotations: tc.annotations}}
			if tc.held {
				sync.Status.Rollback = &v1alpha1.RollbackStatus{Requested: "2", Revision: 2}
			}
			if got := heldBy(sync); got != tc.want {
				t.Errorf("got %q, want %q: %s", got, tc.want, tc.reason)
			}
		})
	}
}

// TestOver: whoever follows while the operator ends the hold has what they want.
func TestOver(t *testing.T) {
	cases := map[string]struct {
		release bool
		now     *v1alpha1.SecretSync
		want    bool
	}{
		"Ended":     {release: true, now: state(3, "", ""), want: true},
		"HeldStill": {release: true, now: holding(state(2, "", ""), 2)},
		"AskedAnew": {release: true, now: state(3, "1", "")},
		"NoRelease": {now: state(3, "", "")},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := (&move{sync: state(2, "", ""), to: 3, release: tc.release}).over(tc.now); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

// TestReleaseOfWhatWasTakenBack: a hold that nobody asked for ends by being accepted.
func TestReleaseOfWhatWasTakenBack(t *testing.T) {
	for request, want := range map[string]any{"auto:5": "auto:5", "5": nil, "previous": nil} {
		sync := &v1alpha1.SecretSync{Status: v1alpha1.SecretSyncStatus{Rollback: &v1alpha1.RollbackStatus{Requested: request, Revision: 4}}}
		m, err := (&followFlags{}).release(sync, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if got := m.annotations[v1alpha1.AnnotationAccept]; got != want {
			t.Errorf("of %q %v is accepted", request, got)
		}
	}
}
