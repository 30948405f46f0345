// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
)

// marker is part of every value of the tests, and must not show anywhere.
const marker = "m4rk3r"

// syncOf returns the SecretSync payments/db, changed.
func syncOf(changes ...func(*v1alpha1.SecretSync)) *v1alpha1.SecretSync {
	s := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "db", UID: "uid-1"}}
	for _, change := range changes {
		change(s)
	}
	return s
}

func labelled(labels map[string]v1alpha1.LabelValue) func(*v1alpha1.SecretSync) {
	return func(s *v1alpha1.SecretSync) { s.Spec.Target.Metadata.Labels = labels }
}

func annotated(annotations map[string]v1alpha1.AnnotationValue) func(*v1alpha1.SecretSync) {
	return func(s *v1alpha1.SecretSync) { s.Spec.Target.Metadata.Annotations = annotations }
}

func deletedWithOwner(s *v1alpha1.SecretSync) { s.Spec.Target.OnDelete = v1alpha1.Delete }

func recreatable(s *v1alpha1.SecretSync) { s.Spec.Target.Recreate = v1alpha1.RecreateAllowed }

// contentOf returns Opaque content of keys and values in turn.
func contentOf(pairs ...string) render.Content {
	data := map[string][]byte{}
	for i := 0; i < len(pairs); i += 2 {
		data[pairs[i]] = []byte(pairs[i+1])
	}
	return render.FromSecret("Opaque", data)
}

// live returns the target as Create writes it, changed by others.
func live(want Want, content render.Content, changes ...func(*corev1.Secret)) *corev1.Secret {
	secret := want.secret(content)
	secret.UID, secret.ResourceVersion = "uid-secret", ""
	for _, change := range changes {
		change(secret)
	}
	return secret
}

func testKeys(current byte, previous ...byte) revision.Keys {
	keys := revision.Keys{Current: bytes.Repeat([]byte{current}, 32)}
	for _, b := range previous {
		keys.Previous = bytes.Repeat([]byte{b}, 32)
	}
	return keys
}

func testID(number int64) revision.ID {
	return revision.ID{Namespace: "payments", Name: "db", Number: number}
}

func digestOf(keys revision.Keys, number int64, content render.Content) string {
	return keys.Digest(testID(number), content.Type, content.Data)
}

func wantFault(t *testing.T, err error, class fault.Class, reason string) {
	t.Helper()
	if fault.ClassOf(err) != class || fault.ReasonOf(err) != reason {
		t.Errorf("the error is %v (%s, %s), want %s, %s", err, fault.ClassOf(err), fault.ReasonOf(err), class, reason)
	}
	if err != nil && strings.Contains(err.Error(), marker) {
		t.Errorf("the error shows a value: %v", err)
	}
}

// drawMap draws a few entries from so few keys that maps often overlap.
func drawMap(t *rapid.T, label string, keys ...string) map[string]string {
	return rapid.MapOfN(rapid.SampledFrom(keys), rapid.StringMatching(`[a-z]{0,3}`), 0, len(keys)).Draw(t, label)
}

// drawWant draws how a target has to be, by its SecretSync.
func drawWant(t *rapid.T, label string) Want {
	s := syncOf()
	s.UID = rapid.SampledFrom([]types.UID{"uid-1", "uid-0"}).Draw(t, label+" uid")
	labels, annotations := map[string]v1alpha1.LabelValue{}, map[string]v1alpha1.AnnotationValue{}
	for key, value := range drawMap(t, label+" labels", "team", "app", "a/b") {
		labels[key] = v1alpha1.LabelValue(value)
	}
	for key, value := range drawMap(t, label+" annotations", "note", "app", "a/b") {
		annotations[key] = v1alpha1.AnnotationValue(value)
	}
	labelled(labels)(s)
	annotated(annotations)(s)
	if rapid.Bool().Draw(t, label+" deleted with its owner") {
		deletedWithOwner(s)
	}
	return WantOf(s, rapid.Int64Range(1, 9).Draw(t, label+" revision"))
}

// without returns m without some keys.
func without(m map[string]string, keys ...string) map[string]string {
	m = maps.Clone(m)
	maps.DeleteFunc(m, func(key, _ string) bool { return slices.Contains(keys, key) })
	return m
}
