// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWants(t *testing.T) {
	cases := map[string]struct {
		reason string
		spec   string
		want   []string
	}{
		"DataBeforeDataFrom": {
			spec: `{dataFrom: [{entry: {path: c}}], data: [{secretKey: a, from: {path: b, field: x}}, {secretKey: b, from: {path: a, field: x}}]}`,
			want: []string{"/: b@", "/: a@", "/: c@"},
		},
		"NamedTwice": {
			reason: "an entry is read once however many fields of it are taken",
			spec:   `{data: [{secretKey: a, from: {path: b, field: x}}, {secretKey: b, from: {path: b, field: y}}], dataFrom: [{entry: {path: b}}]}`,
			want:   []string{"/: b@"},
		},
		"VersionsDiffer": {
			spec: `{data: [{secretKey: a, from: {path: b, field: x, version: "1"}}, {secretKey: b, from: {path: b, field: x}}]}`,
			want: []string{"/: b@1", "/: b@"},
		},
		"OwnBackendWins": {
			spec: `{backendRef: {kind: SecretBackend, name: v}, data: [{secretKey: a, from: {path: b, field: x, backendRef: {kind: ClusterSecretBackend, name: v}}}, {secretKey: b, from: {path: b, field: x}}]}`,
			want: []string{"ClusterSecretBackend/v: b@", "SecretBackend/v: b@"},
		},
		"OwnBackendIsTheSame": {
			reason: "naming the default is no difference",
			spec:   `{backendRef: {kind: SecretBackend, name: v}, data: [{secretKey: a, from: {path: b, field: x, backendRef: {kind: SecretBackend, name: v}}}, {secretKey: b, from: {path: b, field: x}}]}`,
			want:   []string{"SecretBackend/v: b@"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			wants, err := wantsOf(specOf(t, tc.spec))
			if err != nil {
				t.Fatalf("Wants: %v", err)
			}
			var got []string
			for _, want := range wants {
				got = append(got, fmt.Sprintf("%s/%s: %s@%s", want.Backend.Kind, want.Backend.Name, want.Path, want.Version))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}
