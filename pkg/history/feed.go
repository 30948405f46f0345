// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/secretsync/secretsync/pkg/revision"
)

var secretsResource = corev1.SchemeGroupVersion.WithResource("secrets")

// feed takes the events of one reflector into the index, keeping numbers in place of objects.
type feed struct {
	index *Index
	// namespace that it tells of; empty for all.
	namespace string
	// listed is called after the first list.
	listed func()
	once   sync.Once
}

var _ cache.ReflectorStore = (*feed)(nil)

// Add notes a revision.
func (f *feed) Add(obj any) error {
	if id, owner, ok := identify(obj); ok && f.index.add(id, owner) && !f.index.expected(id) {
		f.tell(id)
	}
	return nil
}

// Update notes a changed owner.
func (f *feed) Update(obj any) error { return f.Add(obj) }

// Delete notes that a revision is gone.
func (f *feed) Delete(obj any) error {
	if gone, ok := obj.(cache.DeletedFinalStateUnknown); ok {
		obj = gone.Obj
	}
	if id, _, ok := identify(obj); ok && f.index.remove(id) {
		f.tell(id)
	}
	return nil
}

// Replace takes in a whole list: what is not in it is gone, as far as the feed tells of it.
func (f *feed) Replace(list []any, _ string) error {
	present := make(map[revision.ID]bool, len(list))
	for _, obj := range list {
		if id, owner, ok := identify(obj); ok {
			present[id] = true
			if f.index.add(id, owner) {
				f.tell(id)
			}
		}
	}
	for _, id := range f.index.ids() {
		if ours := f.namespace == metav1.NamespaceAll || f.namespace == id.Namespace; ours && !present[id] && f.index.remove(id) {
			f.tell(id)
		}
	}
	f.once.Do(f.listed)
	return nil
}

// Resync has nothing to do: events are level-triggered by the reconciler.
func (f *feed) Resync() error { return nil }

func (f *feed) tell(id revision.ID) {
	f.index.changed(types.NamespacedName{Namespace: id.Namespace, Name: id.Name})
}

// identify returns which revision an object is by its name; a look-alike under a foreign
// name is none.
func identify(obj any) (revision.ID, types.UID, bool) {
	meta, ok := obj.(*metav1.PartialObjectMetadata)
	if !ok {
		return revision.ID{}, "", false
	}
	name, number, ok := revision.ParseSecretName(meta.Name)
	if !ok {
		return revision.ID{}, "", false
	}
	var owner types.UID
	if controller := metav1.GetControllerOfNoCopy(meta); controller != nil {
		owner = controller.UID
	}
	return revision.ID{Namespace: meta.Namespace, Name: name, Number: number}, owner, true
}
