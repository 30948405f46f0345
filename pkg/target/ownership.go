// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Ownership says whose a live Secret is.
type Ownership int

// The answers.
const (
	// Ours: it carries our owner annotation, or it stands where we served before and names
	// no other owner.
	Ours Ownership = iota
	// Adoptable: it is not ours, but its adopt-by annotation names us.
	Adoptable
	// Foreign: it is somebody else's.
	Foreign
)

// CheckType refuses the types that no target may have. Its error is an InvalidSpec.
func CheckType(secretType string) error {
	if refused(corev1.SecretType(secretType)) {
		return fault.New(fault.InvalidSpec, "TypeRefused",
			"spec.target.type: %q is refused, because Kubernetes or others act on Secrets of that type", secretType)
	}
	return nil
}

func refused(t corev1.SecretType) bool {
	return t == corev1.SecretTypeServiceAccountToken || t == corev1.SecretTypeBootstrapToken ||
		strings.HasPrefix(string(t), "helm.sh/") || strings.HasPrefix(string(t), v1alpha1.GroupName+"/")
}

// ownership returns whose live is. served says that the owner served a Secret of this
// name before.
func (w Want) ownership(live *corev1.Secret, served bool) Ownership {
	if w.Merge {
		return w.mergeOwnership(live)
	}
	owner := live.Annotations[v1alpha1.AnnotationOwner]
	_, shared := ClaimOf(live, w.Owner.Name) // Then a part of it is ours, and not the rest.
	switch {
	case refused(live.Type):
		return Foreign
	case owner == w.Owner.String():
		return Ours
	case len(holders(live, w.Owner.Name)) > 0: // Whoever takes it over, or back, would take their keys.
		return Foreign
	case owner == "" && served && !shared:
		return Ours
	case live.Annotations[v1alpha1.AnnotationAdoptBy] == w.Owner.Name:
		return Adoptable
	default:
		return Foreign
	}
}

// notOwned returns the error for a Secret that is somebody else's.
func (w Want) notOwned(live *corev1.Secret) error {
	if refused(live.Type) {
		return fault.New(fault.NotOwned, "NotOwned",
			"Secret %q exists with type %q, which is never taken over", w.Name, shortened(string(live.Type)))
	}
	for _, name := range Claimants(live) {
		if live.Annotations[v1alpha1.AnnotationOwner] == "" && name != w.Owner.Name {
			return fault.New(fault.NotOwned, "NotOwned", "Secret %q holds keys of SecretSync %q, which puts them there with spec.target.mode Merge", w.Name, name)
		}
	}
	owner, whose := shortened(live.Annotations[v1alpha1.AnnotationOwner]), "is not managed by SecretSync"
	if namespace, _, _ := strings.Cut(owner, "/"); namespace == w.Owner.Namespace {
		return fault.New(fault.NotOwned, "NotOwned", "Secret %q belongs to SecretSync %q", w.Name, owner)
	} else if owner != "" { // No SecretSync serves another namespace: it is a copy.
		whose = fmt.Sprintf("is a copy of one that belongs to SecretSync %q", owner)
	}
	return fault.New(fault.NotOwned, "NotOwned",
		"Secret %q exists and %s; to hand it over: kubectl annotate secret %s %s=%s",
		w.Name, whose, w.Name, v1alpha1.AnnotationAdoptBy, w.Owner.Name)
}

// shortened cuts text that anybody may write on a Secret to what a message can hold.
func shortened(text string) string {
	const longest = 317 // a namespace, a slash and the name of an object
	return strings.ToValidUTF8(text[:min(len(text), longest)], "")
}
