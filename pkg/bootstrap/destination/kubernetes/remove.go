// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
)

// Remove takes the key away, with what was written beside it, and the Secret too if nothing
// of anybody else is left in it.
func (k *key) Remove(ctx context.Context, observed destination.State) error {
	live, err := k.get(ctx)
	if err != nil {
		return err
	}
	if live == nil {
		return nil
	}
	if err := destination.CheckUnchanged(k.Describe(), observed, k.state(live)); err != nil {
		return err
	}
	if last(live, k.Key) {
		return k.delete(ctx, live)
	}
	return k.withdraw(ctx, live)
}

// last reports whether a Secret holds nothing but one key, and only the bootstrap helper ever
// wrote to it.
func last(live *corev1.Secret, key string) bool {
	_, has := live.Data[key]
	foreign := func(m metav1.ManagedFieldsEntry) bool { return !strings.HasPrefix(m.Manager, FieldManager) }
	return has && len(live.Data) == 1 && !slices.ContainsFunc(live.ManagedFields, foreign)
}

func (k *key) delete(ctx context.Context, live *corev1.Secret) error {
	client, err := k.cluster.secrets()
	if err != nil {
		return err
	}
	err = client.Secrets(k.Namespace).Delete(ctx, k.Name, metav1.DeleteOptions{
		Preconditions: &metav1.Preconditions{UID: &live.UID, ResourceVersion: &live.ResourceVersion},
	})
	if err != nil && !apierrors.IsNotFound(err) {
		return k.fault(err, "removing")
	}
	return nil
}

// withdraw applies nothing, so that all goes that this key's manager alone wrote, labels
// included. What somebody else wrote as well, such as a value altered by hand, is removed by
// name.
func (k *key) withdraw(ctx context.Context, live *corev1.Secret) error {
	client, err := k.cluster.secrets()
	if err != nil {
		return err
	}
	left, err := client.Secrets(k.Namespace).Apply(ctx,
		applycorev1.Secret(k.Name, k.Namespace).WithResourceVersion(live.ResourceVersion), metav1.ApplyOptions{FieldManager: manager(k.Key)})
	if err != nil {
		return k.fault(err, "removing")
	}
	_, key := left.Data[k.Key]
	_, note := left.Annotations[annotation(k.Key)]
	if !key && !note {
		return nil
	}
	patch, err := json.Marshal(map[string]any{
		"data":     map[string]any{k.Key: nil},
		"metadata": map[string]any{"resourceVersion": left.ResourceVersion, "annotations": map[string]any{annotation(k.Key): nil}},
	})
	if err != nil {
		return k.fault(err, "removing")
	}
	_, err = client.Secrets(k.Namespace).Patch(ctx, k.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: manager(k.Key)})
	if err != nil {
		return k.fault(err, "removing")
	}
	return nil
}
