// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// HeldFor returns the request that the Secret says it is held for; empty if none.
func (l Live) HeldFor() string {
	if !l.Exists() {
		return ""
	}
	if l.share != nil {
		claim, _ := ClaimOf(l.secret, l.share.want.Owner.Name)
		return claim.HeldFor
	}
	return l.secret.Annotations[v1alpha1.AnnotationHeldFor]
}

// Mark notes on a live target of ours which request it is held for, an empty one being none,
// and leaves all else as another hand made it. Errors: Conflict (it changed since it was
// read), else classed by fault.FromAPI.
func (w *Writer) Mark(ctx context.Context, live Live, heldFor string) error {
	next := live.secret.DeepCopy()
	delete(next.Annotations, v1alpha1.AnnotationHeldFor)
	if live.share != nil {
		claim, ok := ClaimOf(next, live.share.want.Owner.Name)
		if !ok { // Another hand removed it, which is left as it is, too.
			return nil
		}
		claim.HeldFor = heldFor
		metav1.SetMetaDataAnnotation(&next.ObjectMeta, live.share.want.claimAnnotation(), claim.text())
	} else if heldFor != "" {
		metav1.SetMetaDataAnnotation(&next.ObjectMeta, v1alpha1.AnnotationHeldFor, heldFor)
	}
	err := w.echoes.after(next, w.client.Update(ctx, next))
	if apierrors.IsNotFound(err) {
		return fault.New(fault.Conflict, "Conflict", "Secret %q was deleted while it was being marked", next.Name)
	}
	return fault.FromAPI(err, fmt.Sprintf("marking Secret %q", live.secret.Name))
}

// Retired reports whether the marks of a Secret of ours that is not served any more are as want
// has them: what it is held for, and that it goes with its owner only if that is wanted.
func (o Observed) Retired(want Want) bool {
	refs := o.meta.OwnerReferences
	return o.meta.Annotations[v1alpha1.AnnotationHeldFor] == want.HeldFor && slices.EqualFunc(want.ownerReferences(refs), refs, sameOwner)
}

// Retire marks a live Secret of ours as one that is not served any more, and leaves all else.
// Errors: as those of Mark.
func (w *Writer) Retire(ctx context.Context, live Live, want Want) error {
	next := live.secret.DeepCopy()
	if want.HeldFor == "" {
		delete(next.Annotations, v1alpha1.AnnotationHeldFor)
	}
	next.OwnerReferences = want.ownerReferences(next.OwnerReferences)
	return w.update(ctx, next)
}
