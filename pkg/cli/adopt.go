// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/convert"
)

// adopt lets SecretSyncs take over the Secrets that there are, after asking, and says what is
// to be done then. A Secret that is not there needs no leave.
func (s *session) adopt(ctx context.Context, f *convertFlags, handovers []convert.Handover) error {
	var found []*corev1.Secret
	var owners []string
	for _, handover := range handovers {
		if handover.Changes {
			s.warn("Secret %s: stays with %s: the SecretSync would serve something else, because some of what makes it is lost", handover.Secret, handover.From)
			continue
		}
		secret := &corev1.Secret{}
		err := s.client.Get(ctx, handover.Secret, secret)
		if apierrors.IsNotFound(err) {
			s.warn("Note: there is no Secret %s yet.", handover.Secret)
			continue
		}
		if err != nil {
			return lacking(fmt.Errorf("reading Secret %s: %w", handover.Secret, err), secrets(handover.Secret.Namespace))
		}
		s.warn("Secret %s: from %s to SecretSync %s", handover.Secret, handover.From, handover.Sync)
		found, owners = append(found, secret), append(owners, handover.Sync)
	}
	if len(found) == 0 {
		return nil
	}
	if !f.yes {
		if err := s.confirm(ctx, fmt.Sprintf("Let SecretSyncs take over these %d Secrets?", len(found))); err != nil {
			return err
		}
	}
	for i, secret := range found {
		if err := s.allowAdoption(ctx, secret, owners[i]); err != nil {
			return err
		}
	}
	s.afterwards(slices.DeleteFunc(slices.Clone(handovers), func(h convert.Handover) bool { return h.Changes }))
	return nil
}

// allowAdoption annotates a Secret as it was read. Nothing else of it changes.
func (s *session) allowAdoption(ctx context.Context, secret *corev1.Secret, sync string) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"resourceVersion": secret.ResourceVersion,
		"annotations":     map[string]string{v1alpha1.AnnotationAdoptBy: sync},
	}})
	if err != nil {
		return fmt.Errorf("encoding a patch: %w", err)
	}
	if err := s.client.Patch(ctx, secret, client.RawPatch("application/merge-patch+json", patch)); err != nil {
		return fmt.Errorf("annotating Secret %q: %w", client.ObjectKeyFromObject(secret), err)
	}
	return nil
}
