// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/controllers/secretsync"
	"github.com/secretsync/secretsync/pkg/fieldowner"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/target"
)

// NewScheme returns the scheme of all that the operator reads and writes.
func NewScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil { // Registering a type twice is a defect found by the first test.
			panic("building the scheme: " + err.Error())
		}
	}
	return scheme
}

// cacheOptions keeps of Secrets only labelled targets, and of those no data; of ConfigMaps only
// those labelled as templates, and of those texts up to a size; of other objects nothing that
// nobody reads. Without namespaces it watches the whole cluster.
func cacheOptions(keys revision.Keys, namespaces []string) cache.Options {
	return cache.Options{
		DefaultNamespaces:           watched(namespaces),
		DefaultTransform:            slim,
		ReaderFailOnMissingInformer: true,
		ByObject: map[client.Object]cache.ByObject{
			&corev1.Secret{}: {
				Label:     labels.SelectorFromSet(labels.Set{v1alpha1.LabelTarget: "true"}),
				Transform: target.Transform(keys),
			},
			&corev1.ConfigMap{}: {
				Label:     labels.SelectorFromSet(labels.Set{v1alpha1.LabelTemplate: "true"}),
				Transform: secretsync.SlimTemplates,
			},
		},
	}
}

// credentialCacheOptions keeps the metadata of Secrets that are credentials.
func credentialCacheOptions(scheme *runtime.Scheme, namespaces []string) cache.Options {
	return cache.Options{
		Scheme:            scheme,
		DefaultNamespaces: watched(namespaces),
		DefaultTransform:  slim,
		ByObject: map[client.Object]cache.ByObject{
			&corev1.Secret{}: {Label: labels.SelectorFromSet(labels.Set{v1alpha1.LabelCredential: "true"})},
		},
	}
}

// watched is what a cache watches: nil is everything.
func watched(namespaces []string) map[string]cache.Config {
	if len(namespaces) == 0 {
		return nil
	}
	configs := make(map[string]cache.Config, len(namespaces))
	for _, namespace := range namespaces {
		configs[namespace] = cache.Config{}
	}
	return configs
}

// asker keeps of a SecretSync's managedFields who asked for a rollback, if anybody does.
func asker(object any, fields []metav1.ManagedFieldsEntry) []metav1.ManagedFieldsEntry {
	sync, ok := object.(*v1alpha1.SecretSync)
	if !ok || sync.Annotations[v1alpha1.AnnotationRollbackTo] == "" {
		return nil
	}
	return fieldowner.Keep(fields, fieldowner.Annotation(v1alpha1.AnnotationRollbackTo))
}

// slim drops what nobody here reads and what may repeat a secret. A Secret that gets here
// is a credential, whose data is read live when a login needs it.
func slim(object any) (any, error) {
	if secret, ok := object.(*corev1.Secret); ok {
		secret.Data, secret.StringData = nil, nil
	}
	if meta, ok := object.(metav1.Object); ok {
		meta.SetManagedFields(asker(object, meta.GetManagedFields()))
		delete(meta.GetAnnotations(), corev1.LastAppliedConfigAnnotation)
	}
	return object, nil
}
