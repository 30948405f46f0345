// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// credentialNames lists the Secrets that a specification names, sorted.
func credentialNames(spec *v1alpha1.BackendSpec) []string {
	if spec.Vault == nil {
		return nil
	}
	var names []string
	key := func(ref *v1alpha1.SecretKeyRef) {
		if ref != nil {
			names = append(names, ref.Name)
		}
	}
	key(spec.Vault.TLS.CARef)
	if cert := spec.Vault.TLS.ClientCertRef; cert != nil {
		names = append(names, cert.Name)
	}
	auth := &spec.Vault.Auth
	if auth.AppRole != nil {
		key(&auth.AppRole.SecretIDRef)
	}
	if auth.JWT != nil {
		key(auth.JWT.TokenRef)
	}
	if auth.Token != nil {
		key(&auth.Token.SecretRef)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// home is the namespace where the references of a backend resolve.
func (r *Reconciler) home(object client.Object) string {
	if object.GetNamespace() == "" {
		return r.Opener.Namespace
	}
	return object.GetNamespace()
}

// credentialVersions returns a text that changes when one of the backend's credentials
// does.
func (r *Reconciler) credentialVersions(ctx context.Context, s *subject) (string, error) {
	var text strings.Builder
	for _, name := range credentialNames(s.spec) {
		meta := metav1.PartialObjectMetadata{}
		meta.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
		err := r.Credentials.Get(ctx, client.ObjectKey{Namespace: r.home(s.object), Name: name}, &meta)
		if err != nil && !apierrors.IsNotFound(err) {
			return "", fmt.Errorf("looking up the credential %q: %w", name, err)
		}
		fmt.Fprintf(&text, "%s=%s\n", name, meta.ResourceVersion)
	}
	return text.String(), nil
}
