// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"cmp"
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
)

// Restart returns the number of the revision that the target says workloads have to be
// restarted for; zero if none, or if it does not belong to owner.
func (o Observed) Restart(owner client.ObjectKey) int64 {
	if o.Revision(owner) == 0 {
		return 0
	}
	return restartOn(&o.meta, owner)
}

// restartOn returns what a Secret says to owner of restarts: in an annotation of its own where
// it is owner's, in owner's claim where only keys are.
func restartOn(meta *metav1.ObjectMeta, owner types.NamespacedName) int64 {
	if meta.Annotations[v1alpha1.AnnotationOwner] == owner.String() {
		return numberIn(meta, v1alpha1.AnnotationRestart)
	}
	claim, _ := ClaimOf(meta, owner.Name)
	return claim.Restart
}

// claimOn returns what w notes of these keys on a Secret: what that says of restarts stays
// until there is another.
func (w Want) claimOn(meta *metav1.ObjectMeta, keys []string) Claim {
	claim := w.claim(keys)
	claim.Restart = cmp.Or(w.Restart, restartOn(meta, w.Owner))
	return claim
}

// Ours returns content without the keys that are somebody else's in the Secret until now: what
// they hold was never served.
func (l Live) Ours(content render.Content) render.Content {
	if l.share == nil {
		return content
	}
	data := maps.Clone(content.Data)
	for key := range l.secret.Data {
		if !l.share.own[key] {
			delete(data, key)
		}
	}
	content.Data = data
	return content
}

// Annotations returns a copy of all annotations of the target.
func (o Observed) Annotations() map[string]string { return maps.Clone(o.meta.Annotations) }
