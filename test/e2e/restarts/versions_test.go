// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restarts

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

func versioned(s *v1alpha1.SecretSync) { s.Spec.Target.Versioned = new(true) }

// versionedFor is a shop with Deployments, whose SecretSync db came after these.
func versionedFor(t *testing.T, deployments []*appsv1.Deployment, edits ...harness.SyncEdit) *shop {
	t.Helper()
	return newShopAfter(t, func(s *shop) {
		for _, d := range deployments {
			s.Create(t, d)
		}
	}, append([]harness.SyncEdit{versioned}, edits...)...)
}

// reads makes a Deployment refer to a Secret.
func reads(secret string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		d.Spec.Template.Spec.Containers[0].Env[0].ValueFrom.SecretKeyRef.Name = secret
	}
}

// referred returns the Secret that a Deployment refers to.
func (s *shop) referred(t *testing.T, name string) string {
	t.Helper()
	var d appsv1.Deployment
	harness.Must(t, s.Client.Get(t.Context(), s.Key(name), &d))
	return d.Spec.Template.Spec.Containers[0].Env[0].ValueFrom.SecretKeyRef.Name
}

// refers checks that a Deployment refers to the version that is served.
func (s *shop) refers(t *testing.T, name string) {
	t.Helper()
	if got, want := s.referred(t, name), s.Get(t, "db").Status.Target; got != want || want == "db" {
		t.Errorf("%s refers to %s, want %s", name, got, want)
	}
}

// TestVersionsReachPods: with the name of the target in the manifest, each content rolls the
// workload on to a Secret of its own; what runs the old one keeps it, and a look-alike is let alone.
func TestVersionsReachPods(t *testing.T) {
	t.Parallel()
	since := time.Now()
	s := versionedFor(t, []*appsv1.Deployment{deployment("api"), deployment("other", reads("db-0123456789"))})
	s.awaitRestart(t, 1, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-1")
	first := s.Secret(t, s.referred(t, "api"))

	s.change(t, "password-2")
	s.awaitRestart(t, 2, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-2")
	s.refers(t, "api")
	s.Unchanged(t, first)
	var sets appsv1.ReplicaSetList
	harness.Must(t, s.Client.List(t.Context(), &sets, client.InNamespace(s.Namespace), client.MatchingLabels{"app": "api"}))
	old := 0
	for i := range sets.Items {
		if sets.Items[i].Spec.Template.Spec.Containers[0].Env[0].ValueFrom.SecretKeyRef.Name == first.Name {
			old++
		}
	}
	if old != 1 {
		t.Errorf("%d ReplicaSets refer to %s, want that of the content before", old, first.Name)
	}
	s.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "1")
	s.awaitRestart(t, 1, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-1")
	s.Annotate(t, "db", v1alpha1.AnnotationRollbackTo, "")
	s.awaitRestart(t, 2, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-2")
	s.refers(t, "api")
	if got := s.referred(t, "other"); got != "db-0123456789" {
		t.Errorf("what was never ours was moved to %s", got)
	}
	if got := s.patches(t, "deployments", since); got != 4 {
		t.Errorf("Deployments were patched %d times, want 4: at first, for each change, back and forth", got)
	}
}

// TestVersionsAreTakenBack: what does not come up with a version is pointed back, and held.
func TestVersionsAreTakenBack(t *testing.T) {
	t.Parallel()
	s := versionedFor(t, []*appsv1.Deployment{deployment("api")}, takesBack)
	s.awaitRestart(t, 1, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-1")
	first := s.referred(t, "api")

	s.spoil(t, "2")
	s.awaitRestart(t, 1, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-1")
	if got := s.referred(t, "api"); got != first {
		t.Errorf("it refers to %s, want %s", got, first)
	}
	if got := s.Secret(t, first).Annotations[v1alpha1.AnnotationHeldFor]; got != "auto:2" {
		t.Errorf("the version is held for %q", got)
	}
	s.change(t, "password-3")
	s.awaitRestart(t, 3, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-3")
	s.refers(t, "api")
}

// TestNothingMovesWhenAdded: a version that runs is left alone until there is another content.
func TestNothingMovesWhenAdded(t *testing.T) {
	t.Parallel()
	since := time.Now()
	s := versionedFor(t, nil, func(s *v1alpha1.SecretSync) { s.Spec.Restart = nil })
	first := s.Get(t, "db").Status.Target
	s.Create(t, deployment("api", reads(first)))
	s.awaitRunning(t, "api", "password-1")
	s.change(t, "password-2")
	s.AwaitReady(t, "db", 2)
	s.Edit(t, "db", auto)
	s.AwaitStatus(t, "db", "the edit seen", func(sync *v1alpha1.SecretSync) string {
		if sync.Status.ObservedGeneration != sync.Generation || sync.Status.Restart != nil {
			return "it is not, or there are restarts"
		}
		return ""
	})
	if got := s.referred(t, "api"); got != first {
		t.Errorf("it was moved to %s", got)
	}
	s.change(t, "password-3")
	s.awaitRestart(t, 3, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-3")
	if got := s.patches(t, "deployments", since); got != 1 {
		t.Errorf("Deployments were patched %d times, want once", got)
	}
}

// applied is a Deployment as a GitOps tool applies it: with server-side apply.
func (s *shop) apply(t *testing.T, force bool, secret string) error {
	t.Helper()
	d := deployment("api", reads(secret))
	d.TypeMeta = metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}
	d.Namespace = s.Namespace
	options := []client.PatchOption{client.FieldOwner("gitops")}
	if force {
		options = append(options, client.ForceOwnership)
	}
	return s.Client.Patch(t.Context(), d, client.Apply, options...) //nolint:staticcheck // a whole object is what such a tool sends
}

// TestOvertakenPatch: what the operator takes for a template that was changed meanwhile is what
// the API server answers to a patch whose test fails.
func TestOvertakenPatch(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	d := deployment("api")
	n.Create(t, d)
	patch := client.RawPatch(types.JSONPatchType, []byte(`[{"op": "test", "path": "/metadata/generation", "value": 99}]`))
	if err := n.Client.Patch(t.Context(), d, patch); !apierrors.IsInvalid(err) {
		t.Errorf("got %v", err)
	}
}

// TestServerSideApply: the name becomes the operator's field. Who applies another without force
// is refused, who applies it with force has it, until the next content.
func TestServerSideApply(t *testing.T) {
	t.Parallel()
	s := newShopAfter(t, func(s *shop) { harness.Must(t, s.apply(t, false, "db")) }, versioned)
	s.awaitRestart(t, 1, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-1")
	first := s.referred(t, "api")
	s.change(t, "password-2")
	s.awaitRestart(t, 2, v1alpha1.RestartDone)

	if err := s.apply(t, false, first); err == nil {
		t.Error("want a conflict with the operator's field")
	}
	harness.Must(t, s.apply(t, true, first))
	s.awaitRunning(t, "api", "password-1")
	since := time.Now()
	s.Annotate(t, "db", v1alpha1.AnnotationRefresh, "at rest")
	s.AwaitStatus(t, "db", "the read", func(sync *v1alpha1.SecretSync) string {
		if handled := sync.Status.LastHandledRefresh; handled == nil || handled.Request != "at rest" {
			return "it is not"
		}
		return ""
	})
	if got := s.referred(t, "api"); got != first || s.patches(t, "deployments", since) != 0 {
		t.Errorf("it refers to %s without a change of content", got)
	}
	s.change(t, "password-3")
	s.awaitRestart(t, 3, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-3")
	s.refers(t, "api")
}
