// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package credentials owns how backends get what they log in with: keys of Secrets whose
// owners offer them, and short-lived ServiceAccount tokens that only the backend accepts.
// Both are read live from the API server each time. The package must not keep a
// credential, log, or know any backend.
package credentials

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Reasons of errors.
const (
	// ReasonSecretNotFound: the Secret is not there.
	ReasonSecretNotFound = "CredentialNotFound"
	// ReasonNotOffered: the Secret's owner has not labelled it as a credential.
	ReasonNotOffered = "CredentialNotOffered"
	// ReasonKeyNotFound: the Secret has no such key.
	ReasonKeyNotFound = "CredentialKeyNotFound"
	// ReasonForbidden: the operator's RBAC does not allow the request.
	ReasonForbidden = "CredentialForbidden"
	// ReasonAccountNotAllowed: tokens of that ServiceAccount name are never asked for.
	ReasonAccountNotAllowed = "ServiceAccountNotAllowed"
	// ReasonAccountNotFound: the ServiceAccount is not there.
	ReasonAccountNotFound = "ServiceAccountNotFound"
	// ReasonInvalidAudience: the audience is missing, refused, or one the API server accepts.
	ReasonInvalidAudience = "InvalidAudience"
	// ReasonUnavailable: the API server gives no answer.
	ReasonUnavailable = "KubernetesUnavailable"
)

// maxListed is how many key names a message lists.
const maxListed = 20

var _ backend.CredentialSource = &Source{}

// Options is all that a Source needs.
type Options struct {
	// Reader reads Secrets live; a cache would serve a credential after its rotation.
	Reader client.Reader
	// Tokens makes TokenRequests, as every client.Client does. Its scheme knows
	// authentication.k8s.io/v1.
	Tokens client.SubResourceClientConstructor
	// AllowedServiceAccounts are the names whose tokens may be asked for, in any namespace;
	// empty allows secretsync-auth alone.
	AllowedServiceAccounts []string
	// Clock tells the time; nil is the real one.
	Clock clock.PassiveClock
}

// Source reads credentials from the API server. It is safe for concurrent use.
type Source struct {
	reader    client.Reader
	tokens    client.SubResourceClient
	allowed   []string
	audiences *audiences
}

// New returns a Source.
func New(o Options) *Source {
	if len(o.AllowedServiceAccounts) == 0 {
		o.AllowedServiceAccounts = []string{v1alpha1.DefaultServiceAccount}
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	return &Source{
		reader:    o.Reader,
		tokens:    o.Tokens.SubResource("token"),
		allowed:   slices.Sorted(slices.Values(o.AllowedServiceAccounts)),
		audiences: newAudiences(o.Clock),
	}
}

// SecretKey returns one key of a Secret that its owner labelled as a credential. Errors:
// InvalidSpec (absent, not labelled, no such key, no permission), Unavailable.
func (s *Source) SecretKey(ctx context.Context, namespace, name, key string) (sensitive.Value, error) {
	var secret corev1.Secret
	if err := s.reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &secret); err != nil {
		return sensitive.Value{}, secretFault(err, namespace, name)
	}
	if secret.Labels[v1alpha1.LabelCredential] != "true" {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, ReasonNotOffered,
			"Secret %q is not offered as a credential; its owner offers it with: kubectl label secret %s --namespace %s %s=true",
			namespace+"/"+name, name, namespace, v1alpha1.LabelCredential)
	}
	value, ok := secret.Data[key]
	if !ok {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, ReasonKeyNotFound,
			"Secret %q has no key %q; it has: %s", namespace+"/"+name, key, names(secret.Data))
	}
	return sensitive.New(value), nil
}

func secretFault(err error, namespace, name string) error {
	what := fmt.Sprintf("Secret %q", namespace+"/"+name)
	switch {
	case apierrors.IsNotFound(err):
		return fault.New(fault.InvalidSpec, ReasonSecretNotFound, "%s, named as a credential, does not exist", what)
	case apierrors.IsForbidden(err):
		return fault.New(fault.InvalidSpec, ReasonForbidden, "the operator's RBAC does not allow it to read %s", what)
	}
	return unavailable("reading "+what, err)
}

// unavailable is the error for all that is not the user's to mend.
func unavailable(doing string, err error) error {
	return fault.New(fault.Unavailable, ReasonUnavailable, "%s: the API server gives no answer", doing).Because(err)
}

// names lists the keys of a Secret, sorted.
func names(data map[string][]byte) string {
	keys := slices.Sorted(maps.Keys(data))
	if len(keys) == 0 {
		return "none"
	}
	if len(keys) > maxListed {
		keys = append(keys[:maxListed], "...")
	}
	return strings.Join(keys, ", ")
}
