// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
)

// Keys that hold digests in a cached Secret in place of its data. No real key of a
// Secret contains a slash, so nobody can send them.
const (
	observedCurrent  = "secretsync.io/digest"
	observedPrevious = "secretsync.io/digest-previous"
)

// Observed is what the cache knows of a target: everything but its data, and a keyed
// digest of that. The zero value is a target that the cache does not have.
type Observed struct {
	meta    metav1.ObjectMeta
	digests map[string][]byte
	fixed   bool // it is immutable
}

// Transform returns the cache's transform. It drops data for digests, and what nobody
// here reads. Applied twice to one object it changes nothing more.
func Transform(keys revision.Keys) toolscache.TransformFunc {
	return func(obj any) (any, error) {
		secret, ok := obj.(*corev1.Secret)
		if !ok {
			return obj, nil
		}
		secret.ManagedFields = nil
		delete(secret.Annotations, corev1.LastAppliedConfigAnnotation)
		if _, done := secret.Data[observedCurrent]; !done {
			secret.Data = digests(keys, secret)
		}
		secret.StringData = nil
		return secret, nil
	}
}

// digests returns the digests of a Secret, bound to the revision that it says it holds.
func digests(keys revision.Keys, secret *corev1.Secret) map[string][]byte {
	content := render.FromSecret(string(secret.Type), secret.Data)
	id := claimedID(&secret.ObjectMeta)
	result := map[string][]byte{observedCurrent: []byte(keys.Digest(id, content.Type, content.Data))}
	if len(keys.Previous) > 0 {
		previous := revision.Keys{Current: keys.Previous}
		result[observedPrevious] = []byte(previous.Digest(id, content.Type, content.Data))
	}
	for _, name := range Claimants(secret) {
		claim, _ := ClaimOf(secret, name)
		claim.digests(keys, secret, name, result)
	}
	return result
}

// digests adds the digests of the keys that a SecretSync claims, if all of them are there.
func (c Claim) digests(keys revision.Keys, secret *corev1.Secret, name string, to map[string][]byte) {
	data := make(map[string][]byte, len(c.Keys))
	for _, key := range c.Keys {
		value, there := secret.Data[key]
		if !there {
			return
		}
		data[key] = value
	}
	content := render.FromSecret(v1alpha1.DefaultTargetType, data)
	id := revision.ID{Namespace: secret.Namespace, Name: name, Number: c.Revision}
	to[observedCurrent+"/"+name] = []byte(keys.Digest(id, content.Type, content.Data))
	if len(keys.Previous) > 0 {
		previous := revision.Keys{Current: keys.Previous}
		to[observedPrevious+"/"+name] = []byte(previous.Digest(id, content.Type, content.Data))
	}
}

func claimedID(meta *metav1.ObjectMeta) revision.ID {
	namespace, name, _ := strings.Cut(meta.Annotations[v1alpha1.AnnotationOwner], "/")
	return revision.ID{Namespace: namespace, Name: name, Number: claimedRevision(meta)}
}

// claimedRevision returns the number that the annotation claims; zero if it is none that
// we wrote.
func claimedRevision(meta *metav1.ObjectMeta) int64 {
	return numberIn(meta, v1alpha1.AnnotationRevision)
}

// numberIn returns the number of a revision in an annotation; zero if it is none that we
// wrote.
func numberIn(meta *metav1.ObjectMeta, annotation string) int64 {
	number, err := strconv.ParseInt(meta.Annotations[annotation], 10, 64)
	if err != nil || number < 0 || number > revision.MaxNumber {
		return 0
	}
	return number
}

// Observe returns what the cache knows of a target. cached must read from a cache with
// Transform.
func Observe(ctx context.Context, cached client.Reader, key client.ObjectKey) (Observed, error) {
	var secret corev1.Secret
	err := cached.Get(ctx, key, &secret)
	if apierrors.IsNotFound(err) {
		return Observed{}, nil
	}
	if err != nil {
		return Observed{}, fmt.Errorf("looking up Secret %q in the cache: %w", key.Name, err)
	}
	return ObservedOf(&secret), nil
}

// ObservedOf returns what a Secret from a cache with Transform tells.
func ObservedOf(cached *corev1.Secret) Observed {
	return Observed{meta: cached.ObjectMeta, digests: cached.Data, fixed: isImmutable(cached)}
}

// Name returns the target's name; empty if the cache does not have it.
func (o Observed) Name() string { return o.meta.Name }

// VersionOf returns the name of the target that it is a version of; empty if it is none.
func (o Observed) VersionOf() string { return o.meta.Annotations[v1alpha1.AnnotationVersionOf] }

// Exists reports whether the cache has the target.
func (o Observed) Exists() bool { return o.meta.Name != "" }

// Revision returns the number of the revision the target says it holds for that owner;
// zero if it is not the owner's.
func (o Observed) Revision(owner client.ObjectKey) int64 {
	if !o.Exists() || o.meta.Annotations[v1alpha1.AnnotationOwner] != owner.String() {
		return o.claim(owner).Revision
	}
	return claimedRevision(&o.meta)
}

// HeldFor returns the request that the target says it is held for; empty if none, or if it
// does not belong to owner.
func (o Observed) HeldFor(owner client.ObjectKey) string {
	if o.Revision(owner) == 0 {
		return ""
	}
	if o.meta.Annotations[v1alpha1.AnnotationOwner] != owner.String() {
		return o.claim(owner).HeldFor
	}
	return o.meta.Annotations[v1alpha1.AnnotationHeldFor]
}

// claim returns what owner claims of a Secret that keys were put into; zero if that is nothing.
func (o Observed) claim(owner client.ObjectKey) Claim {
	claim, _ := ClaimOf(&o.meta, owner.Name)
	return claim
}

// Has reports whether type and data have the digest of the revision that the target says it
// holds.
func (o Observed) Has(digest string) bool {
	return digest != "" && (string(o.digests[observedCurrent]) == digest || string(o.digests[observedPrevious]) == digest)
}

// Holds reports whether the target is as wanted in all but its data, and its type and
// data have the digest.
func (o Observed) Holds(want Want, digest string) bool {
	if want.Merge {
		return o.holdsKeys(want, digest)
	}
	if !o.Exists() || digest == "" || len(want.metadataDifferences(&o.meta)) > 0 || want.VersionOf != "" && !o.fixed {
		return false
	}
	return o.Has(digest)
}

// holdsKeys is Holds for a Secret that keys are put into: its own data does not matter.
func (o Observed) holdsKeys(want Want, digest string) bool {
	claim := o.claim(want.Owner)
	if digest == "" || len(want.claimDifferences(&o.meta, claim.Keys)) > 0 {
		return false
	}
	name := "/" + want.Owner.Name
	return string(o.digests[observedCurrent+name]) == digest || string(o.digests[observedPrevious+name]) == digest
}
