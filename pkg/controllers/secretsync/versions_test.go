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
		"Told":         {versions: []client.Object{version("db-5", 5, 0), version("db-6", 6, 0)}, target: "db-5", want: "db-5"},
		"Highest":      {versions: []client.Object{version("db-5", 5, 0), version("db-6", 6, 0)}, want: "db-6"},
		"Asked":        {versions: []client.Object{held("db-5", 5, "previous"), version("db-6", 6, 0)}, asked: "previous", want: "db-5"},
		"AskedNoMore":  {versions: []client.Object{held("db-5", 5, "previous"), version("db-6", 6, 0)}, want: "db-6"},
		"TakenBack":    {reason: "the failed one was served before", versions: []client.Object{held("db-6", 6, "auto:7"), version("db-7", 7, 7)}, want: "db-6"},
		"Overtaken":    {reason: "it is not retired yet", versions: []client.Object{held("db-6", 6, "auto:7"), version("db-7", 7, 7), version("db-8", 8, 8)}, want: "db-8"},
		"TakenTwice":   {versions: []client.Object{held("db-6", 6, "auto:7"), held("db-8", 8, "auto:9"), version("db-9", 9, 9)}, want: "db-8"},
		"AskedForThat": {versions: []client.Object{held("db-6", 6, "auto:7"), held("db-7", 7, "7")}, asked: "7", want: "db-7"},
		"CannotBeDone": {reason: "what is served stays", versions: []client.Object{held("db-6", 6, "auto:7"), version("db-7", 7, 7)}, asked: "x", want: "db-6"},
		"None":         {want: "db"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			u := newRun(following, annotated(v1alpha1.AnnotationRollbackTo, tc.asked), func(u *run) { u.status.Target = tc.target })
			for range 2 { // In whichever order they are listed.
				slices.Reverse(tc.versions)
				r := &Reconciler{Options: Options{Cached: fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).
					WithIndex(&corev1.Secret{}, versionField, versionFor).WithObjects(tc.versions...).Build()}}
				_, got, err := r.observe(t.Context(), u.object, &u.status)
				if err != nil || got != tc.want {
					t.Errorf("%s is served, want %s (%v): %s", got, tc.want, err, tc.reason)
				}
			}
		})
	}
}
