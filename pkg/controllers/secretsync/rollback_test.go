// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/poll"
)

func TestBackendOf(t *testing.T) {
	own := poll.Object{Kind: v1alpha1.KindSecretBackend, Namespace: "payments", Name: "vault"}
	cluster := poll.Object{Kind: v1alpha1.KindClusterSecretBackend, Name: "vault"}
	specified := v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: "specified"}
	cases := map[string]struct {
		key  string
		spec *v1alpha1.BackendRef
		want v1alpha1.BackendRef
	}{
		"Own":       {key: own.Key(), want: v1alpha1.BackendRef{Kind: own.Kind, Name: "vault"}},
		"Cluster":   {key: cluster.Key(), want: v1alpha1.BackendRef{Kind: cluster.Kind, Name: "vault"}},
		"Unknown":   {spec: &specified, want: specified},
		"NotNamed":  {},
		"SpecMoved": {key: cluster.Key(), spec: &specified, want: v1alpha1.BackendRef{Kind: cluster.Kind, Name: "vault"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(func(u *run) { u.object.Spec.BackendRef = tc.spec })
			if got := u.backendOf(history.Source{Backend: tc.key}); got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestEndedSoon(t *testing.T) {
	hold := &v1alpha1.RollbackStatus{Requested: "3", Revision: 3, Since: metav1.NewTime(now().Add(-10 * time.Minute))}
	long := &v1alpha1.RollbackStatus{Requested: "3", Revision: 3, Since: metav1.NewTime(now().Add(-31 * time.Minute))}
	cases := map[string]struct {
		hold        *v1alpha1.RollbackStatus
		annotations map[string]string
		want        bool
	}{
		"Soon":           {hold: hold, want: true},
		"Late":           {hold: long},
		"OtherHold":      {hold: hold, annotations: map[string]string{v1alpha1.AnnotationRollbackTo: "2"}},
		"Released":       {hold: hold, annotations: map[string]string{v1alpha1.AnnotationReleased: now().Format(time.RFC3339)}},
		"ReleasedBefore": {hold: hold, annotations: map[string]string{v1alpha1.AnnotationReleased: now().Add(-time.Hour).Format(time.RFC3339)}, want: true},
		"ReleasedOddly":  {hold: hold, annotations: map[string]string{v1alpha1.AnnotationReleased: "yes"}, want: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(func(u *run) { u.object.Annotations = tc.annotations })
			if got := u.endedSoon(tc.hold); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestServedBeforeThat(t *testing.T) {
	entries := func(numbers ...int64) (served []v1alpha1.ServedEntry) {
		for _, number := range numbers {
			served = append(served, v1alpha1.ServedEntry{Revision: number})
		}
		return served
	}
	for want, served := range map[int64][]v1alpha1.ServedEntry{
		0: entries(6), 5: entries(6, 6, 5), 3: entries(6, 3, 6, 5),
	} {
		u := newRun(func(u *run) { u.status.ServingRevision, u.status.Served = 6, served })
		if got := u.servedBeforeThat(); got != want {
			t.Errorf("of %v, %d was served before, want %d", served, got, want)
		}
	}
}
