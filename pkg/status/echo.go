// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Echo reports whether the status of s, as a watch shows it, is the one that was put last,
// so that there is nothing to learn from it. The watch may be quicker than the answer to
// the write.
func (w *Writer) Echo(s *v1alpha1.SecretSync) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := client.ObjectKeyFromObject(s)
	e := w.entries[key]
	if e == nil || e.uid != s.UID || e.version != "" && !CaughtUp(s.ResourceVersion, e.version) {
		return false // a watch that lags behind may show a status that is the newest again
	}
	if !e.waiting && e.version != s.ResourceVersion || e.waiting && !equality.Semantic.DeepEqual(e.next, s.Status) {
		return false
	}
	delete(w.entries, key)
	return true
}
