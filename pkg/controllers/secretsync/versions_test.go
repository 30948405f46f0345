// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/target"
)

// TestRetired: a version that is not served is held for nothing; the one that is served stays
// held until the next one is, and what is no version keeps its mark.
func TestRetired(t *testing.T) {
	held := func(name string) *corev1.Secret {
		s := version(name, 2, 0)
		s.Annotations[v1alpha1.AnnotationHeldFor] = "2"
		return s
	}
	left := held("former")
	delete(left.Annotations, v1alpha1.AnnotationVersionOf)
	for name, tc := range map[string]struct {
		secret  *corev1.Secret
		plain   bool
		held    string
		version bool
	}{
		"Old":         {secret: held("db-00000000aa"), version: true},
		"Served":      {secret: held("db-00000000bb"), version: true, held: "2"},
		"Copy":        {secret: held("db-backup"), held: "2"},
		"OtherName":   {secret: left, held: "2"},
		"SwitchedOff": {secret: held("db-00000000aa"), plain: true},
	} {
		t.Run(name, func(t *testing.T) {
			u := newRun(following, func(u *run) { u.status.Target, u.name = "db-00000000bb", "db-00000000cc" })
			if tc.plain {
				u.object.Spec.Target.Versioned = nil
			}
			want := u.retired(target.ObservedOf(tc.secret))
			if want.Name != tc.secret.Name || want.HeldFor != tc.held || (want.VersionOf != "") != tc.version {
				t.Errorf("want it held for %q, version: %t; got %+v", tc.held, tc.version, want)
			}
		})
	}
}
