// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/revision"
)

const marker = "m4rk3r-value"

func markedMeta() metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: "db", Annotations: map[string]string{corev1.LastAppliedConfigAnnotation: marker, "kept": "1"},
		ManagedFields: []metav1.ManagedFieldsEntry{{Manager: marker}},
	}
}

func TestNewScheme(t *testing.T) {
	scheme := NewScheme()
	for _, kind := range []string{v1alpha1.KindSecretSync, v1alpha1.KindSecretBackend, v1alpha1.KindClusterSecretBackend} {
		if !scheme.Recognizes(v1alpha1.GroupVersion.WithKind(kind)) {
			t.Errorf("the scheme does not know %s", kind)
		}
	}
	for _, known := range []schema.GroupVersionKind{
		corev1.SchemeGroupVersion.WithKind("Secret"), {Group: "coordination.k8s.io", Version: "v1", Kind: "Lease"},
		{Group: "authentication.k8s.io", Version: "v1", Kind: "TokenRequest"},
	} {
		if !scheme.Recognizes(known) {
			t.Errorf("the scheme does not know %s", known)
		}
	}
}

// ofSecrets returns what a cache does with Secrets.
func ofSecrets(t *testing.T, options cache.Options) cache.ByObject {
	t.Helper()
	for object, by := range options.ByObject {
		if _, ok := object.(*corev1.Secret); ok {
			return by
		}
	}
	t.Fatal("the cache keeps every Secret of the cluster")
	return cache.ByObject{}
}

// TestCachesKeepNoData: of Secrets only the marked ones, and of those no value.
func TestCachesKeepNoData(t *testing.T) {
	targets := cacheOptions(revision.Keys{Current: bytes.Repeat([]byte{1}, 32)}, nil)
	credentials := credentialCacheOptions(NewScheme(), nil)
	for name, tc := range map[string]struct {
		options cache.Options
		label   string
	}{"Targets": {targets, v1alpha1.LabelTarget}, "Credentials": {credentials, v1alpha1.LabelCredential}} {
		t.Run(name, func(t *testing.T) {
			by := ofSecrets(t, tc.options)
			for _, other := range []labels.Set{{}, {tc.label: "false"}, {"app": "true"}} {
				if by.Label.Matches(other) {
					t.Errorf("Secrets with the labels %v are cached", other)
				}
			}
			if !by.Label.Matches(labels.Set{tc.label: "true"}) {
				t.Error("marked Secrets are not cached")
			}
			transform := by.Transform
			if transform == nil {
				transform = tc.options.DefaultTransform
			}
			wantSlim(t, transform, &corev1.Secret{
				ObjectMeta: markedMeta(), Data: map[string][]byte{"A": []byte(marker)}, StringData: map[string]string{"B": marker},
			})
			wantSlim(t, tc.options.DefaultTransform, &metav1.PartialObjectMetadata{ObjectMeta: markedMeta()})
		})
	}
	if !targets.ReaderFailOnMissingInformer {
		t.Error("a read may start a watch that nobody asked for")
	}
}

// TestCachesWatchWhatIsServed: all namespaces, or the listed ones and no other.
func TestCachesWatchWhatIsServed(t *testing.T) {
	for name, namespaces := range map[string][]string{"Cluster": nil, "Some": {"a", "b"}} {
		t.Run(name, func(t *testing.T) {
			for _, options := range []cache.Options{cacheOptions(revision.Keys{}, namespaces), credentialCacheOptions(NewScheme(), namespaces)} {
				got := slices.Sorted(maps.Keys(options.DefaultNamespaces))
				if !slices.Equal(got, namespaces) || ofSecrets(t, options).Namespaces != nil {
					t.Errorf("want %v watched, got %v and, of Secrets, %v", namespaces, got, ofSecrets(t, options).Namespaces)
				}
			}
		})
	}
}

func wantSlim(t *testing.T, transform toolscache.TransformFunc, object client.Object) {
	t.Helper()
	for range 2 { // a cache may hand a transform its own result
		got, err := transform(object)
		if err != nil {
			t.Fatalf("transforming %T: %v", object, err)
		}
		slimmed := got.(client.Object)
		for _, text := range []string{fmt.Sprintf("%+v", got), fmt.Sprintf("%s", got)} {
			if strings.Contains(text, marker) {
				t.Errorf("%T: the value stays in the cache: %s", object, text)
			}
		}
		if len(slimmed.GetManagedFields()) > 0 || slimmed.GetAnnotations()["kept"] != "1" || slimmed.GetName() != "db" {
			t.Errorf("%T: too much or too little is dropped: %+v", object, got)
		}
		object = slimmed
	}
}

func TestSlimTakesWhateverComes(t *testing.T) {
	for _, object := range []any{nil, "text", toolscache.DeletedFinalStateUnknown{}, &metav1.PartialObjectMetadata{}} {
		if got, err := slim(object); err != nil || fmt.Sprint(got) != fmt.Sprint(object) {
			t.Errorf("slim(%v) = %v, %v", object, got, err)
		}
	}
}
