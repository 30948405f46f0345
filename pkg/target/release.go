// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"cmp"
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Release gives up what owner claims of a Secret of somebody else: its keys go if onDelete is
// Delete, else they stay and are the Secret's own. Where onDelete is empty, because nobody is
// there to say, the claim says it. What others hold stays as it is. A Secret that is gone or
// claims nothing for owner is no error. Errors are classed by fault.FromAPI.
func (w *Writer) Release(ctx context.Context, secret string, owner types.NamespacedName, onDelete string) (released bool, err error) {
	var live corev1.Secret
	key := client.ObjectKey{Namespace: owner.Namespace, Name: secret}
	if err := w.client.Get(ctx, key, &live); apierrors.IsNotFound(err) {
		return false, nil
	} else if err != nil {
		return false, fault.FromAPI(err, fmt.Sprintf("reading Secret %q", secret))
	}
	if !release(&live, owner, onDelete) {
		return false, nil
	}
	err = client.IgnoreNotFound(w.echoes.after(&live, w.client.Update(ctx, &live)))
	return err == nil, fault.FromAPI(err, fmt.Sprintf("taking keys from Secret %q", secret))
}

// release takes off live what owner claims, and reports whether that was anything.
func release(live *corev1.Secret, owner types.NamespacedName, onDelete string) bool {
	claim, ok := ClaimOf(live, owner.Name)
	if !ok {
		return false
	}
	if cmp.Or(onDelete, claim.OnDelete) == v1alpha1.Delete && !isImmutable(live) {
		for key := range newShare(Want{Name: live.Name, Owner: owner}, live).own {
			delete(live.Data, key)
		}
	}
	unclaim(live, owner.Name)
	return true
}
