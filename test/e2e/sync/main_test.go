// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"os"
	"testing"
	"time"

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

// every sets the interval of a SecretSync.
func every(interval time.Duration) harness.SyncEdit {
	return func(s *v1alpha1.SecretSync) { s.Spec.Refresh.Interval = &metav1.Duration{Duration: interval} }
}

// onRequest has a SecretSync read only on request, so that nothing but what a test does
// moves it.
func onRequest(s *v1alpha1.SecretSync) { every(0)(s) }

// annotated gives a SecretSync an annotation from the start.
func annotated(key, value string) harness.SyncEdit {
	return func(s *v1alpha1.SecretSync) { metav1.SetMetaDataAnnotation(&s.ObjectMeta, key, value) }
}

// item maps a field of an entry to a key.
func item(key, path, field string, edits ...func(*v1alpha1.DataItem)) v1alpha1.DataItem {
	i := v1alpha1.DataItem{
		SecretKey: key,
		From:      v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{Path: path}, Field: field},
	}
	for _, edit := range edits {
		edit(&i)
	}
	return i
}

// data makes a SecretSync read these fields alone.
func data(items ...v1alpha1.DataItem) harness.SyncEdit {
	return func(s *v1alpha1.SecretSync) { s.Spec.Data, s.Spec.DataFrom = items, nil }
}
