// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"maps"
	"testing"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// thousand is how many objects are created and deleted at once.
const thousand = 1000

// TestAThousandAtOnce creates, deletes and creates again: all are served, none is read any
// more once it is gone, and what was served is never written to again.
func TestAThousandAtOnce(t *testing.T) {
	t.Parallel()
	n := tenant(t)
	names := make([]string, thousand)
	for i := range names {
		names[i] = fmt.Sprintf("db-%04d", i)
	}
	together(t, names, func(name string) error {
		_, err := n.Vault.Root().KVv2(n.Namespace).Put(t.Context(), name, fields{"password": "of " + name})
		return err
	})
	create := func() {
		together(t, names, func(name string) error { return n.Client.Create(t.Context(), n.NewSync(name)) })
	}
	create()
	served := allServed(t, n, names)

	harness.Must(t, n.Client.DeleteAllOf(t.Context(), &v1alpha1.SecretSync{}, client.InNamespace(n.Namespace)))
	awaitRest(t, n)
	create()
	allReady(t, n, len(names))
	for name, now := range allServed(t, n, names) {
		if now.ResourceVersion != served[name].ResourceVersion {
			t.Fatalf("Secret %s was written to when its SecretSync came back", name)
		}
	}
	eachRecordedOnce(t, n, names)
}

// together does something for each name, many at once.
func together(t *testing.T, names []string, do func(string) error) {
	t.Helper()
	var group errgroup.Group
	group.SetLimit(32)
	for _, name := range names {
		group.Go(func() error { return do(name) })
	}
	harness.Must(t, group.Wait())
}

// allServed waits until every name has a Secret with what its entry holds.
func allServed(t *testing.T, n *harness.Tenant, names []string) map[string]corev1.Secret {
	t.Helper()
	found := map[string]corev1.Secret{}
	harness.Await(t, "all to be served", func() string {
		var list corev1.SecretList
		harness.Must(t, n.Client.List(t.Context(), &list, inNamespace(n)))
		clear(found)
		for _, secret := range list.Items {
			if maps.Equal(harness.Texts(&secret), texts{"password": "of " + secret.Name}) {
				found[secret.Name] = secret
			}
		}
		if len(found) < len(names) {
			return fmt.Sprintf("%d of %d are", len(found), len(names))
		}
		return ""
	})
	return found
}

// allReady waits until that many SecretSyncs say that they serve revision 1.
func allReady(t *testing.T, n *harness.Tenant, want int) {
	t.Helper()
	harness.Await(t, "all to be ready", func() string {
		var list v1alpha1.SecretSyncList
		harness.Must(t, n.Client.List(t.Context(), &list, inNamespace(n)))
		ready := 0
		for _, s := range list.Items {
			for _, c := range s.Status.Conditions {
				if c.Type == v1alpha1.ConditionReady && c.Status == metav1.ConditionTrue && s.Status.ServingRevision == 1 {
					ready++
				}
			}
		}
		if ready < want {
			return fmt.Sprintf("%d of %d are", ready, want)
		}
		return ""
	})
}

// awaitRest waits until nobody reads the entries any more: while a SecretSync made for
// this is read twice, nothing else is.
func awaitRest(t *testing.T, n *harness.Tenant) {
	t.Helper()
	const witness = "witness"
	n.Write(t, witness, fields{"password": "of the witness"})
	n.Sync(t, witness)
	n.AwaitReady(t, witness, 1)
	before := n.AllReads(t)
	harness.Await(t, "the reads to end", func() string {
		now := n.AllReads(t)
		if now[witness] < before[witness]+2 {
			return "the witness was not read twice"
		}
		others := len(now)
		for path, count := range now {
			if path == witness || count == before[path] {
				others--
			}
		}
		before = now
		if others > 0 {
			return fmt.Sprintf("%d entries were read", others)
		}
		return ""
	})
	n.Delete(t, &v1alpha1.SecretSync{}, witness)
	n.Delete(t, &corev1.Secret{}, witness)
}

// eachRecordedOnce waits until each name has revision 1 and no other, with an owner that
// lives: the garbage collector takes those of the dead.
func eachRecordedOnce(t *testing.T, n *harness.Tenant, names []string) {
	t.Helper()
	owners := map[string]bool{}
	var syncs v1alpha1.SecretSyncList
	harness.Must(t, n.Client.List(t.Context(), &syncs, inNamespace(n)))
	for _, s := range syncs.Items {
		owners[string(s.UID)] = true
	}
	harness.Await(t, "each to be recorded once", func() string {
		var list corev1.SecretList
		harness.Must(t, n.Client.List(t.Context(), &list, inNamespace(n)))
		recorded := 0
		for _, secret := range list.Items {
			_, number, ok := revision.ParseSecretName(secret.Name)
			if !ok {
				continue
			}
			if number != 1 || len(secret.OwnerReferences) != 1 || !owners[string(secret.OwnerReferences[0].UID)] {
				return fmt.Sprintf("there is %s, owned by %v", secret.Name, secret.OwnerReferences)
			}
			recorded++
		}
		if recorded != len(names) {
			return fmt.Sprintf("%d of %d are", recorded, len(names))
		}
		return ""
	})
}
