// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// free plans to take the ownerReference off what is to stay when the owner is deleted: garbage
// collection looks at nothing else, so it would go with what was copied, taken over or kept. It
// waits neither for a rollout nor for the end of a pause, which may come too late, and changes
// nothing of what is served.
func (p *plan) free(s *seen) {
	alive, written := s.alive(), sets.New[client.ObjectKey]()
	for _, sync := range slices.Concat(p.update, p.remove) {
		written.Insert(client.ObjectKeyFromObject(sync))
	}
	for key, have := range s.syncs {
		ending := !have.DeletionTimestamp.IsZero() || !alive[key.Namespace]
		if ending || written.Has(key) || !p.template.owns(have) || p.goesWithOwner(s, have) {
			continue
		}
		if p.mayWrite(s, heldAs(key, releasing)) {
			p.release = append(p.release, have)
		}
	}
}

// owns reports whether a SecretSync goes when the owner is deleted.
func (t template) owns(have *v1alpha1.SecretSync) bool {
	return slices.ContainsFunc(have.OwnerReferences, func(ref metav1.OwnerReference) bool { return t.isOwner(ref) && ref.UID == t.owner.UID })
}

// goesWithOwner reports whether a SecretSync is to go when the owner is deleted. One that is
// kept where it is not wanted any more is an ordinary one.
func (p *plan) goesWithOwner(s *seen, have *v1alpha1.SecretSync) bool {
	kept := s.owner.Spec.OnDeselect == v1alpha1.Keep && p.err == nil && p.leftOver(have)
	return s.owner.Spec.OnDelete == v1alpha1.Delete && ours(have, s.owner) && !copied(have) && !kept
}

// alive returns the namespaces that are there and not on their way out.
func (s *seen) alive() map[string]bool {
	alive := make(map[string]bool, len(s.namespaces))
	for i := range s.namespaces {
		alive[s.namespaces[i].Name] = s.namespaces[i].DeletionTimestamp.IsZero()
	}
	return alive
}
