// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// readFrom makes a SecretSync read a ClusterSecretBackend; an empty name names none.
func readFrom(name string) harness.SyncEdit {
	return func(s *v1alpha1.SecretSync) {
		s.Spec.BackendRef = &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: name}
		if name == "" {
			s.Spec.BackendRef = nil
		}
	}
}

// TestEntriesOfTwoBackends makes one Secret of entries that two backends have.
func TestEntriesOfTwoBackends(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	other := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "of the one backend"})
	other.Write(t, "db", fields{"password": "of the other backend"})
	name := other.ClusterBackend(t, "shared", func(b *v1alpha1.ClusterSecretBackend) {
		b.Spec.Allow.Namespaces.Names = []string{n.Namespace}
	})
	n.Sync(t, "both", data(item("mine", "db", "password"), item("theirs", "db", "password", func(i *v1alpha1.DataItem) {
		i.From.BackendRef = &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: name}
	})))
	n.AwaitSecret(t, "both", texts{"mine": "of the one backend", "theirs": "of the other backend"})
	other.Write(t, "db", fields{"password": "changed in the other backend"})
	n.AwaitSecret(t, "both", texts{"mine": "of the one backend", "theirs": "changed in the other backend"})
}

// TestOmittedBackend: the only cluster backend that serves the namespace is meant, or the
// one that is annotated; where it is not clear, nothing is guessed.
func TestOmittedBackend(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.NeedsClusterBackends(t)
	n.Write(t, "db", fields{"password": "of the default"})
	n.Sync(t, "db", readFrom(""))
	s := n.AwaitCondition(t, "db", v1alpha1.ConditionStalled, metav1.ConditionTrue, "BackendNotFound")
	if !strings.Contains(readyMessage(s), n.Namespace) {
		t.Errorf("the message does not say which namespace nobody serves: %q", readyMessage(s))
	}

	one := n.ClusterBackend(t, "one", nil)
	n.AwaitSecret(t, "db", texts{"password": "of the default"})
	n.AwaitReady(t, "db", 1)
	before := n.Secret(t, "db")

	two := n.ClusterBackend(t, "two", nil)
	s = n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "BackendAmbiguous")
	if message := readyMessage(s); !strings.Contains(message, one) || !strings.Contains(message, two) {
		t.Errorf("the message does not name the candidates: %q", message)
	}
	n.Unchanged(t, before)

	var backend v1alpha1.ClusterSecretBackend
	n.Change(t, client.ObjectKey{Name: two}, &backend, func() {
		metav1.SetMetaDataAnnotation(&backend.ObjectMeta, v1alpha1.AnnotationDefaultBackend, "true")
	})
	n.AwaitReady(t, "db", 1)
	n.Unchanged(t, before)
}

// TestPathGuard refuses what the backend does not allow, keeps what was served, and follows
// the backend when that changes its mind.
func TestPathGuard(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "apps/"+n.Namespace+"/db", fields{"password": "of my own path"})
	n.Write(t, "apps/somebody/db", fields{"password": "of somebody else"})
	name := n.ClusterBackend(t, "guarded", func(b *v1alpha1.ClusterSecretBackend) {
		b.Spec.Allow.Paths = []string{"apps/{namespace}/**"}
	})
	n.Sync(t, "mine", readFrom(name), data(item("password", "apps/"+n.Namespace+"/db", "password")))
	n.Sync(t, "theirs", readFrom(name), data(item("password", "apps/somebody/db", "password")))
	n.AwaitSecret(t, "mine", texts{"password": "of my own path"})
	s := n.AwaitCondition(t, "theirs", v1alpha1.ConditionStalled, metav1.ConditionTrue, "NotAllowed")
	if message := readyMessage(s); !strings.Contains(message, "apps/"+n.Namespace+"/**") || !strings.Contains(message, "apps/somebody/db") {
		t.Errorf("the message does not say what is refused and what is allowed: %q", message)
	}
	if reads := n.Reads(t, "apps/somebody/db"); reads != 0 {
		t.Errorf("the refused path was read %d times", reads)
	}

	n.AwaitReady(t, "mine", 1)
	before := n.Secret(t, "mine")
	allow := func(paths ...string) {
		var backend v1alpha1.ClusterSecretBackend
		n.Change(t, client.ObjectKey{Name: name}, &backend, func() { backend.Spec.Allow.Paths = paths })
	}
	allow("apps/somebody/*")
	n.AwaitSecret(t, "theirs", texts{"password": "of somebody else"})
	n.AwaitCondition(t, "mine", v1alpha1.ConditionReady, metav1.ConditionFalse, "NotAllowed")
	n.Unchanged(t, before)
}

// TestBackendThatIsGone leaves the Secret as it is, and goes on when it is back.
func TestBackendThatIsGone(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	before := n.Secret(t, "db")
	var backend v1alpha1.SecretBackend
	if err := n.Client.Get(t.Context(), n.Key(harness.Backend), &backend); err != nil {
		t.Fatal(err)
	}
	n.Delete(t, backend.DeepCopy(), harness.Backend)
	n.AwaitCondition(t, "db", v1alpha1.ConditionStalled, metav1.ConditionTrue, "BackendNotFound")
	n.Unchanged(t, before)
	n.Write(t, "db", fields{"password": "second-password"})
	n.Create(t, &v1alpha1.SecretBackend{ObjectMeta: metav1.ObjectMeta{Name: harness.Backend}, Spec: backend.Spec})
	n.AwaitSecret(t, "db", texts{"password": "second-password"})
	n.AwaitReady(t, "db", 2)
}
