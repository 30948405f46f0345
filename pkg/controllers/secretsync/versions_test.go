// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/target"
)

// TestObserveVersions: of several versions the one that the status tells is served; where it is
// lost, what the versions say of holds tells, also of one that nobody asked for.
func TestObserveVersions(t *testing.T) {
	held := func(name string, number int64, request string) *corev1.Secret {
		v := version(name, number, 0)
		v.Annotations[v1alpha1.AnnotationHeldFor] = request
		return v
	}
	cases := map[string]struct {
		reason   string
		versions []client.Object
		target   string
		asked    string
		want     string
	}{
		"Told":         {versions: []client.Object{version("db-0000000005", 5, 0), version("db-0000000006", 6, 0)}, target: "db-0000000005", want: "db-0000000005"},
		"Highest":      {versions: []client.Object{version("db-0000000005", 5, 0), version("db-0000000006", 6, 0)}, want: "db-0000000006"},
		"Asked":        {versions: []client.Object{held("db-0000000005", 5, "previous"), version("db-0000000006", 6, 0)}, asked: "previous", want: "db-0000000005"},
		"AskedNoMore":  {versions: []client.Object{held("db-0000000005", 5, "previous"), version("db-0000000006", 6, 0)}, want: "db-0000000006"},
		"TakenBack":    {reason: "the failed one was served before", versions: []client.Object{held("db-0000000006", 6, "auto:7"), version("db-0000000007", 7, 7)}, want: "db-0000000006"},
		"Overtaken":    {reason: "it is not retired yet", versions: []client.Object{held("db-0000000006", 6, "auto:7"), version("db-0000000007", 7, 7), version("db-0000000008", 8, 8)}, want: "db-0000000008"},
		"TakenTwice":   {versions: []client.Object{held("db-0000000006", 6, "auto:7"), held("db-0000000008", 8, "auto:9"), version("db-0000000009", 9, 9)}, want: "db-0000000008"},
		"AskedForThat": {versions: []client.Object{held("db-0000000006", 6, "auto:7"), held("db-0000000007", 7, "7")}, asked: "7", want: "db-0000000007"},
		"CannotBeDone": {reason: "what is served stays", versions: []client.Object{held("db-0000000006", 6, "auto:7"), version("db-0000000007", 7, 7)}, asked: "x", want: "db-0000000006"},
		"None":         {want: "db"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(following, annotated(v1alpha1.AnnotationRollbackTo, tc.asked), func(u *run) { u.status.Target = tc.target })
			for range 2 { // In whichever order they are listed.
				slices.Reverse(tc.versions)
				r := &Reconciler{Options: Options{Cached: fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).
					WithIndex(&corev1.Secret{}, ownedField, ownedBy).WithObjects(tc.versions...).Build()}}
				_, got, err := r.observe(t.Context(), u.object, &u.status)
				if err != nil || got != tc.want {
					t.Errorf("%s is served, want %s (%v): %s", got, tc.want, err, tc.reason)
				}
			}
		})
	}
}

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
