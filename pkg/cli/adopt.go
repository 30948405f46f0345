// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/convert"
)

// adoption is a Secret that a SecretSync is about to take over, or has.
type adoption struct {
	convert.Handover

	secret *corev1.Secret
	// done says that the SecretSync has it.
	done bool
}

// adopt lets SecretSyncs take over the Secrets that there are, after asking, and says what is
// to be done then. Run again it goes on where it was left. Its error names every Secret that
// could not be annotated; the others are.
func (s *session) adopt(ctx context.Context, f *convertFlags, handovers []convert.Handover) error {
	var open, done []adoption
	for _, handover := range handovers {
		a, err := s.examine(ctx, handover, open)
		switch {
		case err != nil:
			return err
		case a == nil:
		case a.done:
			done = append(done, *a)
		default:
			open = append(open, *a)
		}
	}
	if len(open) > 0 && !f.yes {
		if err := s.confirm(ctx, fmt.Sprintf("Let SecretSyncs take over these %d Secrets?", len(open))); err != nil {
			return err
		}
	}
	var failed []error
	for _, a := range open {
		if err := s.allowAdoption(ctx, a); err != nil {
			failed = append(failed, err)
			continue
		}
		done = append(done, a)
	}
	if len(done) > 0 {
		s.afterwards(done)
	}
	return errors.Join(failed...)
}

// examine looks at the Secret of a handover, and says what will become of it; nil if it stays
// where it is.
func (s *session) examine(ctx context.Context, handover convert.Handover, open []adoption) (*adoption, error) {
	if handover.Changes {
		s.warn("Secret %s: stays with %s: the SecretSync would serve something else, because some of what makes it is lost", handover.Secret, handover.From)
		return nil, nil
	}
	a := &adoption{Handover: handover, secret: &corev1.Secret{}}
	err := s.client.Get(ctx, handover.Secret, a.secret)
	if apierrors.IsNotFound(err) {
		s.warn("Note: there is no Secret %s yet.", handover.Secret)
		return nil, nil
	}
	if err != nil {
		return nil, lacking(fmt.Errorf("reading Secret %s: %w", handover.Secret, err), secrets(handover.Secret.Namespace))
	}
	var why string
	if a.done, why = a.standing(open); why != "" {
		s.warn("Secret %s: stays as it is: %s", handover.Secret, why)
		return nil, nil
	}
	if a.done {
		s.warn("Secret %s: is SecretSync %s's already", handover.Secret, handover.Sync)
	} else {
		s.warn("Secret %s: from %s to SecretSync %s", handover.Secret, handover.From, handover.Sync)
	}
	return a, nil
}

// standing tells whether the SecretSync has the Secret already, or else why it cannot get it
// now; empty if it can.
func (a *adoption) standing(open []adoption) (done bool, why string) {
	sync := types.NamespacedName{Namespace: a.Secret.Namespace, Name: a.Sync}
	owner, adopter := a.secret.Annotations[v1alpha1.AnnotationOwner], a.secret.Annotations[v1alpha1.AnnotationAdoptBy]
	_, merged := a.secret.Annotations[v1alpha1.AnnotationMergePrefix+a.Sync]
	before := slices.IndexFunc(open, func(o adoption) bool { return o.Secret == a.Secret })
	switch {
	case owner == sync.String(), a.Merge && merged:
		return true, ""
	case owner != "" && !a.Merge:
		return false, fmt.Sprintf("it is SecretSync %s's", owner)
	case adopter != "" && adopter != a.Sync:
		return false, fmt.Sprintf("SecretSync %s may take it over; once it has, take off the annotation %s and try again", adopter, v1alpha1.AnnotationAdoptBy)
	case before >= 0:
		return false, fmt.Sprintf("SecretSync %s comes first; once it is Ready, try again for %s", open[before].Sync, a.Sync)
	default:
		return false, ""
	}
}

// allowAdoption annotates a Secret. Nothing else of it changes, and no other Secret that has
// taken its name is annotated.
func (s *session) allowAdoption(ctx context.Context, a adoption) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid":         a.secret.UID,
		"annotations": map[string]string{v1alpha1.AnnotationAdoptBy: a.Sync},
	}})
	if err != nil {
		return fmt.Errorf("encoding a patch: %w", err)
	}
	err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
		return s.client.Patch(ctx, a.secret, client.RawPatch(types.MergePatchType, patch))
	})
	if err != nil {
		return lacking(fmt.Errorf("annotating Secret %s: %w", a.Secret, err), right{verb: "patch", resource: "secrets", namespace: a.Secret.Namespace})
	}
	return nil
}

// afterwards says what remains to be done, once the Secrets may be taken over.
func (s *session) afterwards(adoptions []adoption) {
	s.warn("Next:")
	s.warn("  1. Do what is marked ToDo above.")
	s.warn("  2. kubectl apply -f FILE, with the objects printed above, and wait until the SecretSyncs are Ready.")
	s.warn("  3. Delete the objects that served the Secrets so far, and leave the Secrets:")
	var told []convert.Origin
	tell := func(of convert.Origin) {
		if slices.Contains(told, of) {
			return
		}
		told = append(told, of)
		where := ""
		if of.Namespace != "" {
			where = " -n " + of.Namespace
		}
		s.warn("     kubectl delete %s.%s%s %s --cascade=orphan", resourceOf(of.Kind), of.Group, where, of.Name)
	}
	for _, a := range adoptions {
		if a.Maker != nil {
			tell(*a.Maker)
		}
	}
	for _, a := range adoptions {
		tell(a.From)
	}
	for _, a := range adoptions {
		if a.Merge {
			s.warn("     kubectl annotate secret -n %s %s %s-", a.Secret.Namespace, a.Secret.Name, v1alpha1.AnnotationAdoptBy)
		}
	}
	s.warn("To go back: delete the SecretSync, which leaves the Secret, and create the object again.")
}
