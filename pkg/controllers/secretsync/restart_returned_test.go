// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/target"
)

// TestReturned: a Secret that went with its source is made anew. Pods that kept what it held are
// restarted for anything else, and told so by the Secret itself.
func TestReturned(t *testing.T) {
	keys := revision.Keys{Current: []byte("key")}
	old, changed := passwords("Opaque", "old"), passwords("Opaque", "new")
	cases := map[string]struct {
		reason  string
		number  int64
		content render.Content
		edit    func(*run)
		want    int64
	}{
		"Changed":   {number: 4, content: changed, want: 4},
		"Same":      {number: 3, content: old},
		"SameAgain": {reason: "another number for the same", number: 4, content: old},
		"Unknown":   {reason: "nothing tells what Pods have", number: 4, content: old, edit: func(u *run) { u.status.History = nil }, want: 4},
		"Off":       {number: 4, content: changed, edit: func(u *run) { u.object.Spec.Restart = nil }},
		"First":     {reason: "none was served before", number: 1, content: changed, edit: func(u *run) { u.before.Served, u.known.Lives = nil, nil }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			server := fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).Build()
			u := newRun(func(u *run) {
				u.object.Spec.Restart, u.decision.Serve, u.name = &v1alpha1.Restart{}, tc.number, "db"
				u.known.Lives = []revision.Life{{Number: 3}, {Number: 2}}
				u.status = v1alpha1.SecretSyncStatus{
					Served:  []v1alpha1.ServedEntry{{Revision: 3}, {Revision: 2}},
					History: []v1alpha1.HistoryEntry{{Revision: 3, Digest: keys.Digest(u.id(3), old.Type, old.Data)}},
				}
				u.before = *u.status.DeepCopy()
				if tc.edit != nil {
					tc.edit(u)
				}
			})
			r := &Reconciler{Options: Options{Keys: keys, Targets: target.NewWriter(server)}}
			if err := r.bring(t.Context(), u, tc.content); err != nil {
				t.Fatal(err)
			}
			var made corev1.Secret
			if err := server.Get(t.Context(), u.key, &made); err != nil {
				t.Fatal(err)
			}
			if says := target.ObservedOf(&made).Restart(u.key); u.restart != tc.want || says != tc.want {
				t.Errorf("restarted for %d, and the Secret says %d, want %d: %s", u.restart, says, tc.want, tc.reason)
			}
		})
	}
}
