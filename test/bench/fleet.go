// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/bench/raw"
)

// fleet is a set of SecretSyncs, spread over namespaces. Fleets of one world differ in
// their letter alone, so that requests about them have equal sizes.
type fleet struct {
	letter     string
	objects    int
	namespaces int
	interval   time.Duration
	// shared makes all read one entry; else each has its own.
	shared bool
	// folders, unless it is 0, is how many entries all read together, each as many objects.
	folders int
	// entries is the folder of the entries in the backend; empty is that of every fleet.
	entries string
	// backend is the ClusterSecretBackend that is read; empty is that of Vault.
	backend string
}

// perNamespace is how many objects of an ordinary fleet share a namespace.
const perNamespace = 100

// newFleet is an ordinary fleet.
func newFleet(letter string, objects int, interval time.Duration) fleet {
	return fleet{letter: letter, objects: objects, namespaces: (objects + perNamespace - 1) / perNamespace, interval: interval}
}

func (f fleet) namespace(i int) string { return fmt.Sprintf("bench-%s-%03d", f.letter, i%f.namespaces) }
func (f fleet) name(i int) string      { return fmt.Sprintf("app-%05d", i) }

func (f fleet) path(i int) string {
	folder := cmp.Or(f.entries, "bench")
	if f.shared {
		return folder + "/shared"
	}
	if f.folders > 0 {
		i %= f.folders
	}
	return fmt.Sprintf("%s/%05d", folder, i)
}

// key returns the object, and by convention the target, of a number.
func (f fleet) key(i int) client.ObjectKey {
	return client.ObjectKey{Namespace: f.namespace(i), Name: f.name(i)}
}

// paths lists the entries that the fleet reads.
func (f fleet) paths() []string {
	if f.shared {
		return []string{f.path(0)}
	}
	paths := make([]string, min(f.objects, cmp.Or(f.folders, f.objects)))
	for i := range paths {
		paths[i] = f.path(i)
	}
	return paths
}

// entryBytes is the size of an entry: its values together.
const entryBytes = 512

// entry returns values of entryBytes that differ with the seed.
func entry(seed string) map[string]any {
	const fields = 4
	values := map[string]any{}
	for _, name := range []string{"certificate", "password", "url", "username"} {
		text := name + "-" + seed + "-"
		values[name] = (text + strings.Repeat("x", entryBytes/fields))[:entryBytes/fields]
	}
	return values
}

// put writes an entry and returns once Vault has it.
func (w *world) put(ctx context.Context, path, seed string) error {
	if _, err := w.vault.Root().KVv2(mount).Put(ctx, path, entry(seed)); err != nil {
		return fmt.Errorf("writing %q to Vault: %w", path, err)
	}
	return nil
}

// seed writes the entries of a fleet.
func (w *world) seed(ctx context.Context, f fleet) error {
	paths := f.paths()
	return each(ctx, len(paths), func(ctx context.Context, i int) error { return w.put(ctx, paths[i], "first") })
}

// declare creates the namespaces and SecretSyncs of a fleet and returns the objects.
func (w *world) declare(ctx context.Context, f fleet) ([]raw.Object, error) {
	err := each(ctx, f.namespaces, func(ctx context.Context, i int) error {
		return w.client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: f.namespace(i)}})
	})
	if err != nil {
		return nil, fmt.Errorf("creating namespaces: %w", err)
	}
	objects := make([]raw.Object, f.objects)
	err = each(ctx, f.objects, func(ctx context.Context, i int) error {
		sync := f.secretSync(i)
		if err := w.client.Create(ctx, sync); err != nil {
			return err
		}
		objects[i] = raw.Object{Namespace: sync.Namespace, Name: sync.Name, UID: sync.UID, Path: f.path(i)}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("creating SecretSyncs: %w", err)
	}
	return objects, nil
}

func (f fleet) secretSync(i int) *v1alpha1.SecretSync {
	key := f.key(i)
	return &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name},
		Spec: v1alpha1.SecretSyncSpec{
			BackendRef: &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: cmp.Or(f.backend, vaultBackend)},
			Refresh:    v1alpha1.Refresh{Interval: &metav1.Duration{Duration: f.interval}},
			DataFrom:   []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: f.path(i)}}},
		},
	}
}

// clear deletes all that a fleet left, its namespaces aside.
func (w *world) clear(ctx context.Context, f fleet) error {
	err := each(ctx, f.namespaces, func(ctx context.Context, i int) error {
		in := client.InNamespace(f.namespace(i))
		if err := w.client.DeleteAllOf(ctx, &v1alpha1.SecretSync{}, in); err != nil {
			return err
		}
		return w.client.DeleteAllOf(ctx, &corev1.Secret{}, in)
	})
	if err != nil {
		return fmt.Errorf("deleting what a run left: %w", err)
	}
	return nil
}
