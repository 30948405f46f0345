// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/template"
)

// maxTemplateMap is how many bytes the texts of a ConfigMap of templates may have: those of all
// namespaces lie in memory, labelled by whoever may write them.
const maxTemplateMap = 128 << 10

// overflow stands among the binary data of a cached ConfigMap whose texts were too large to keep. No
// ConfigMap of the API server has such a key.
const overflow = "/too large"

// SlimTemplates drops of a ConfigMap what is no template, before it is cached: binary data, metadata
// but for its name, and texts that are too large altogether.
func SlimTemplates(object any) (any, error) {
	from, ok := object.(*corev1.ConfigMap)
	if !ok {
		return object, nil
	}
	size := 0
	for key, text := range from.Data {
		size += len(key) + len(text)
	}
	slim := &corev1.ConfigMap{TypeMeta: from.TypeMeta, Data: from.Data, ObjectMeta: metav1.ObjectMeta{
		Namespace: from.Namespace, Name: from.Name, UID: from.UID, ResourceVersion: from.ResourceVersion, Generation: from.Generation,
	}}
	if _, before := from.BinaryData[overflow]; before || size > maxTemplateMap {
		slim.Data, slim.BinaryData = nil, map[string][]byte{overflow: nil}
	}
	return slim, nil
}

// retemplated reports whether an update of a cached ConfigMap changes a template. Whoever writes
// annotations of it wakes nobody.
func retemplated(e event.UpdateEvent) bool {
	before, ok := e.ObjectOld.(*corev1.ConfigMap)
	after, also := e.ObjectNew.(*corev1.ConfigMap)
	return !ok || !also || !maps.Equal(before.Data, after.Data) || len(before.BinaryData) != len(after.BinaryData)
}

// checkTemplateMap reports a cached ConfigMap whose texts were dropped. Errors: InvalidSpec.
func checkTemplateMap(object *corev1.ConfigMap) error {
	if _, over := object.BinaryData[overflow]; !over {
		return nil
	}
	return fault.New(fault.InvalidSpec, template.ReasonTemplateInvalid,
		"ConfigMap %q has more than %d bytes of texts, which are not read: keep its templates in several", object.Name, maxTemplateMap)
}
