// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

var suite = harness.NewSuite(harness.Options{}) //nolint:gochecknoglobals // One world serves all tests.

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// fields and texts keep the tests short.
type (
	fields = map[string]any
	texts  = map[string]string
)

// settings is the Secret that keys are put into.
const settings = "settings"

// into makes a SecretSync put its keys into the Secret of that name, read on request only.
func into(name string) harness.SyncEdit {
	return func(s *v1alpha1.SecretSync) {
		s.Spec.Refresh.Interval = &metav1.Duration{}
		s.Spec.Target.Name, s.Spec.Target.Mode = name, v1alpha1.ModeMerge
	}
}

// goes has the keys go with the SecretSync.
func goes(s *v1alpha1.SecretSync) { s.Spec.Target.OnDelete = v1alpha1.Delete }

// owned returns a Secret that somebody else made.
func owned(name string, data texts) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, StringData: data}
}

// refresh has a SecretSync read, or look again at a Secret that it waits for.
func refresh(t *testing.T, n *harness.Tenant, name string) {
	t.Helper()
	n.Annotate(t, name, v1alpha1.AnnotationRefresh, time.Now().Format(time.RFC3339Nano))
}

// claim returns the annotation of a Secret that says what a SecretSync has there.
func claim(s *corev1.Secret, name string) string {
	return s.Annotations[v1alpha1.AnnotationMergePrefix+name]
}
