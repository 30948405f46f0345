// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// backup is what a backup tool keeps of a namespace: neither identities, nor owners, nor
// statuses.
type backup struct{ secrets, syncs []client.Object }

func backupOf(t *testing.T, n *harness.Tenant) backup {
	t.Helper()
	var b backup
	var secrets corev1.SecretList
	harness.Must(t, n.Client.List(t.Context(), &secrets, inNamespace(n)))
	for _, s := range secrets.Items {
		s.ObjectMeta = stripped(s.ObjectMeta)
		b.secrets = append(b.secrets, &s)
	}
	var syncs v1alpha1.SecretSyncList
	harness.Must(t, n.Client.List(t.Context(), &syncs, inNamespace(n)))
	for _, s := range syncs.Items {
		s.ObjectMeta, s.Status = stripped(s.ObjectMeta), v1alpha1.SecretSyncStatus{}
		b.syncs = append(b.syncs, &s)
	}
	return b
}

func stripped(m metav1.ObjectMeta) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: m.Namespace, Name: m.Name, Labels: m.Labels, Annotations: m.Annotations}
}

// restore creates what is not there, as a backup tool does.
func restore(t *testing.T, n *harness.Tenant, objects []client.Object) {
	t.Helper()
	for _, object := range objects {
		if err := n.Client.Create(t.Context(), object); err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
}

// TestRestoredFromABackup: Pods read the same bytes as before at every moment, the history
// is there, and its numbers go on. In whatever order the tool works.
func TestRestoredFromABackup(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		reason  string
		order   func(backup) [][]client.Object
		serving int64
	}{
		"SecretsFirst": {
			order:   func(b backup) [][]client.Object { return [][]client.Object{b.secrets, b.syncs} },
			serving: 3,
		},
		"SyncsFirst": {
			reason:  "what was served before the old revisions came is newer than they",
			order:   func(b backup) [][]client.Object { return [][]client.Object{b.syncs, b.secrets} },
			serving: 1,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := tenant(t).Neighbour(t, "restored")
			serveTwo(t, n, "db")
			n.Write(t, "db", fields{"password": "third-password"})
			n.AwaitReady(t, "db", 3)
			before, kept := n.Secret(t, "db"), backupOf(t, n)
			n.Renew(t)
			states := follow(t, n, "db")
			for i, objects := range tc.order(kept) {
				restore(t, n, objects)
				if i == 0 && tc.serving == 1 {
					n.AwaitReady(t, "db", 1)
				}
			}
			awaitOwned(t, n, "db", 1, 2, 3)
			n.AwaitReady(t, "db", tc.serving)
			n.SameBytes(t, before)
			n.Write(t, "db", fields{"password": "fourth-password"})
			n.AwaitReady(t, "db", 4)
			want := []texts{{"password": "third-password"}, {"password": "fourth-password"}}
			if diff := cmp.Diff(want, states.seen()); diff != "" {
				t.Errorf("%s; Pods saw other states (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// awaitOwned waits until exactly these revisions exist, each owned by the SecretSync that
// lives now.
func awaitOwned(t *testing.T, n *harness.Tenant, name string, numbers ...int64) {
	t.Helper()
	harness.Await(t, "the revisions to have an owner", func() string {
		kept, owner := n.Revisions(t, name), n.Get(t, name).UID
		for _, number := range numbers {
			secret := kept[number]
			if secret == nil || len(secret.OwnerReferences) != 1 || secret.OwnerReferences[0].UID != owner {
				return fmt.Sprintf("revision %d has none", number)
			}
		}
		if len(kept) != len(numbers) {
			return fmt.Sprintf("there are %v", n.Numbers(t, name))
		}
		return ""
	})
}
