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
	var names []string
	for _, ref := range credentialRefs(spec) {
		if ref != nil {
			names = append(names, ref.Name)
		}
	}
	tls := tlsOf(spec)
	if tls.CARef != nil {
		names = append(names, tls.CARef.Name)
	}
	if tls.ClientCertRef != nil {
		names = append(names, tls.ClientCertRef.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func tlsOf(spec *v1alpha1.BackendSpec) *v1alpha1.TLS {
	switch {
	case spec.Vault != nil:
		return &spec.Vault.TLS
	case spec.Infisical != nil:
		return &spec.Infisical.TLS
	default:
		return &v1alpha1.TLS{}
	}
}

// credentialRefs lists what a specification logs in with; nil stands for what is not given.
func credentialRefs(spec *v1alpha1.BackendSpec) (refs []*v1alpha1.SecretKeyRef) {
	if spec.Vault != nil {
		auth := &spec.Vault.Auth
		if auth.AppRole != nil {
			refs = append(refs, &auth.AppRole.SecretIDRef)
		}
		if auth.JWT != nil {
			refs = append(refs, auth.JWT.TokenRef)
		}
		if auth.Token != nil {
			refs = append(refs, &auth.Token.SecretRef)
		}
	}
	if spec.Infisical != nil {
		refs = append(refs, infisicalRefs(&spec.Infisical.Auth)...)
	}
	return refs
}

func infisicalRefs(auth *v1alpha1.InfisicalAuth) (refs []*v1alpha1.SecretKeyRef) {
	if auth.Universal != nil {
		refs = append(refs, auth.Universal.ClientIDRef, &auth.Universal.ClientSecretRef)
	}
	for _, login := range []*v1alpha1.InfisicalTokenLogin{auth.OIDC, auth.JWT} {
		if login != nil {
			refs = append(refs, login.TokenRef)
		}
	}
	if auth.LDAP != nil {
		refs = append(refs, &auth.LDAP.PasswordRef)
	}
	if auth.Token != nil {
		refs = append(refs, &auth.Token.SecretRef)
	}
	return refs
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
