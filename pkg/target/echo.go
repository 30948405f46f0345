// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"sync"

	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// echoes are the resource versions of our own last writes that no watch has shown yet.
type echoes struct {
	mu       *sync.Mutex
	versions map[client.ObjectKey]string
}

func newEchoes() echoes {
	return echoes{mu: &sync.Mutex{}, versions: map[client.ObjectKey]string{}}
}

// after notes a write, unless err says that it failed, and returns err.
func (e echoes) after(written client.Object, err error) error {
	if err == nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.versions[client.ObjectKeyFromObject(written)] = written.GetResourceVersion()
	}
	return err
}

// Echo reports whether a target, as a watch shows it, is what this Writer wrote last, so
// that there is nothing to learn from it.
func (w *Writer) Echo(shown client.Object) bool {
	w.echoes.mu.Lock()
	defer w.echoes.mu.Unlock()
	key := client.ObjectKeyFromObject(shown)
	written, ok := w.echoes.versions[key]
	if !ok {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(shown.GetResourceVersion(), written)
	if err != nil || order >= 0 {
		delete(w.echoes.versions, key)
	}
	return err == nil && order == 0
}
