// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// woken is a queue that lists what is put into it.
type woken struct {
	queue

	names []string
}

func (w *woken) AddAfter(r reconcile.Request, _ time.Duration) { w.names = append(w.names, r.Name) }

// TestNews: a SecretSync wakes whom it names, and, when it goes, who may want its name.
func TestNews(t *testing.T) {
	named := func(name, pattern string) client.Object {
		owner := fan(func(s *v1alpha1.ClusterSecretSyncSpec) { s.SecretSync.Name = pattern })
		owner.Name = name
		return owner
	}
	n := news{client: newWorld(t, fan(), named("same", fanName), named("other", "other"), named("perhaps", "{namespace}")).client}
	foreign := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: fanName}}
	owned := foreign.DeepCopy()
	owned.OwnerReferences = []metav1.OwnerReference{{Kind: v1alpha1.KindClusterSecretSync, Name: "owner"}}
	labelled := foreign.DeepCopy()
	labelled.Labels = map[string]string{v1alpha1.LabelFanOut: "other"}
	cases := map[string]struct {
		happens func(context.Context, queue)
		want    []string
	}{
		"ForeignComes": {happens: func(ctx context.Context, q queue) { n.Create(ctx, event.CreateEvent{Object: foreign}, q) }},
		"OwnedComes":   {happens: func(ctx context.Context, q queue) { n.Create(ctx, event.CreateEvent{Object: owned}, q) }, want: []string{"owner"}},
		"LabelGoes": {
			happens: func(ctx context.Context, q queue) {
				n.Update(ctx, event.UpdateEvent{ObjectOld: labelled, ObjectNew: foreign}, q)
			},
			want: []string{"other"},
		},
		"ForeignGoes": {
			happens: func(ctx context.Context, q queue) { n.Delete(ctx, event.DeleteEvent{Object: foreign}, q) },
			want:    []string{fanName, "perhaps", "same"},
		},
		"AnothersGoes": {
			happens: func(ctx context.Context, q queue) { n.Delete(ctx, event.DeleteEvent{Object: labelled}, q) },
			want:    []string{fanName, "other", "perhaps", "same"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var q woken
			tc.happens(t.Context(), &q)
			slices.Sort(q.names)
			if diff := cmp.Diff(tc.want, q.names); diff != "" {
				t.Errorf("woken (-want +got):\n%s", diff)
			}
		})
	}
}
