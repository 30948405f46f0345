// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

const (
	// patience is how long anything may take that is not timed: a machine may be busy.
	patience = 3 * time.Minute
	// glance is the pause between two looks.
	glance = 100 * time.Millisecond
)

// Await looks until missing returns an empty text. The test fails with the last text if it
// never does.
func Await(tb testing.TB, what string, missing func() string) {
	tb.Helper()
	Within(tb, patience, what, missing)
}

// Within is Await with a bound of its own.
func Within(tb testing.TB, limit time.Duration, what string, missing func() string) {
	tb.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(min(glance, limit/20))
	defer tick.Stop()
	for {
		text := missing()
		if text == "" {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			tb.Fatalf("waiting %s for %s: %s", limit, what, text)
		case <-tb.Context().Done():
			tb.Fatalf("waiting for %s: %s", what, text)
		}
	}
}

// AwaitSecret waits until a Secret holds exactly these texts, and returns it.
func (n *Tenant) AwaitSecret(tb testing.TB, name string, data map[string]string) *corev1.Secret {
	tb.Helper()
	var secret corev1.Secret
	Await(tb, "Secret "+name, func() string {
		secret = corev1.Secret{}
		err := n.Client.Get(tb.Context(), n.Key(name), &secret)
		if apierrors.IsNotFound(err) {
			return "it does not exist; " + n.describe(tb, name)
		}
		Must(tb, err)
		if texts := Texts(&secret); !maps.Equal(texts, data) {
			return "it differs (-want +got):\n" + cmp.Diff(data, texts) + n.describe(tb, name)
		}
		return ""
	})
	return &secret
}

// describe shows a SecretSync if there is one.
func (n *Tenant) describe(tb testing.TB, name string) string {
	tb.Helper()
	var s v1alpha1.SecretSync
	if err := n.Client.Get(tb.Context(), n.Key(name), &s); err != nil {
		return fmt.Sprintf("SecretSync %s: %v", name, err)
	}
	return "SecretSync " + name + ":\n" + show(&s)
}

// AwaitStatus waits until what is missing in a SecretSync is nothing, and returns it.
func (n *Tenant) AwaitStatus(tb testing.TB, name, what string, missing func(*v1alpha1.SecretSync) string) *v1alpha1.SecretSync {
	tb.Helper()
	var s *v1alpha1.SecretSync
	Await(tb, fmt.Sprintf("SecretSync %s to have %s", name, what), func() string {
		s = n.Get(tb, name)
		if text := missing(s); text != "" {
			return text + "\n" + show(s)
		}
		return ""
	})
	return s
}

// AwaitCondition waits until a SecretSync's status speaks of its newest specification and
// has the condition with that status and reason, and returns the SecretSync.
func (n *Tenant) AwaitCondition(tb testing.TB, name, conditionType string, status metav1.ConditionStatus, reason string) *v1alpha1.SecretSync {
	tb.Helper()
	return n.AwaitStatus(tb, name, fmt.Sprintf("%s=%s/%s", conditionType, status, reason), func(s *v1alpha1.SecretSync) string {
		got := meta.FindStatusCondition(s.Status.Conditions, conditionType)
		if s.Status.ObservedGeneration != s.Generation || got == nil || got.Status != status || got.Reason != reason {
			return "it has not"
		}
		return ""
	})
}

// AwaitReady waits until a SecretSync is ready and serves a revision.
func (n *Tenant) AwaitReady(tb testing.TB, name string, serving int64) *v1alpha1.SecretSync {
	tb.Helper()
	return n.AwaitStatus(tb, name, fmt.Sprintf("Ready=True serving %d", serving), func(s *v1alpha1.SecretSync) string {
		if s.Status.ObservedGeneration != s.Generation || s.Status.ServingRevision != serving ||
			!meta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionReady) {
			return "it has not"
		}
		return ""
	})
}

// Unchanged fails the test if a Secret is not exactly the one seen before: the same object
// at the same resource version.
func (n *Tenant) Unchanged(tb testing.TB, before *corev1.Secret) {
	tb.Helper()
	now := n.Secret(tb, before.Name)
	if now.UID != before.UID || now.ResourceVersion != before.ResourceVersion {
		tb.Errorf("Secret %s was written to (-before +now):\n%s", before.Name, cmp.Diff(before, now))
	}
}

// SameBytes fails the test if a Secret does not hold what it held before.
func (n *Tenant) SameBytes(tb testing.TB, before *corev1.Secret) {
	tb.Helper()
	now := n.Secret(tb, before.Name)
	if diff := cmp.Diff(Texts(before), Texts(now)); diff != "" || now.Type != before.Type {
		tb.Errorf("Secret %s holds something else, type %s (-before +now):\n%s", before.Name, now.Type, diff)
	}
}

// AwaitAccount waits until the tenant has a ServiceAccount of that name.
func (n *Tenant) AwaitAccount(tb testing.TB, name string) {
	tb.Helper()
	Await(tb, "ServiceAccount "+name, func() string {
		if err := n.Client.Get(tb.Context(), n.Key(name), &corev1.ServiceAccount{}); err != nil {
			return err.Error()
		}
		return ""
	})
}

// AwaitRepaired watches a Secret until it is as it should be.
func (n *Tenant) AwaitRepaired(tb testing.TB, name string, right func(*corev1.Secret) bool) {
	tb.Helper()
	Within(tb, patience/3, "Secret "+name+" to be put right", func() string {
		var secret corev1.Secret
		err := n.Client.Get(tb.Context(), n.Key(name), &secret)
		if apierrors.IsNotFound(err) {
			return "it does not exist; " + n.describe(tb, name)
		}
		Must(tb, err)
		if !right(&secret) {
			return fmt.Sprintf("it is not: %v %v %v\n%s", Texts(&secret), secret.Labels, secret.Annotations, n.describe(tb, name))
		}
		return ""
	})
}
