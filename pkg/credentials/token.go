// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package credentials

import (
	"context"
	"fmt"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// tokenSeconds is the lifetime of a token, the shortest that the API server gives.
const tokenSeconds int64 = 600

// ServiceAccountToken returns a fresh token of 10 minutes for the audience. Errors:
// InvalidSpec (no audience, one that the API server accepts, a name that is not allowed,
// no such ServiceAccount, no permission), Unavailable.
func (s *Source) ServiceAccountToken(ctx context.Context, namespace, name, audience string) (sensitive.Value, error) {
	if !slices.Contains(s.allowed, name) {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, ReasonAccountNotAllowed,
			"ServiceAccount %q: the operator asks for tokens of these names only: %s", name, strings.Join(s.allowed, ", "))
	}
	if audience == "" {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, ReasonInvalidAudience,
			"a ServiceAccount token needs an audience: without one the API server would accept it")
	}
	own, err := s.audiences.get(ctx, func(ctx context.Context) ([]string, error) {
		return s.apiServerAudiences(ctx, namespace, name)
	})
	if err != nil {
		return sensitive.Value{}, err
	}
	if slices.Contains(own, audience) {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, ReasonInvalidAudience,
			"audience %q is one that the API server accepts: whoever gets the token could use it there; choose another, such as vault", audience)
	}
	request, err := s.request(ctx, namespace, name, audience)
	if err != nil {
		return sensitive.Value{}, err
	}
	if request.Status.Token == "" || !slices.Equal(request.Spec.Audiences, []string{audience}) {
		return sensitive.Value{}, unavailable("requesting a token", fmt.Errorf("the answer is for %d audiences, not the one asked for", len(request.Spec.Audiences)))
	}
	return sensitive.FromString(request.Status.Token), nil
}

// request makes one TokenRequest and returns it as the API server completed it.
func (s *Source) request(ctx context.Context, namespace, name string, audiences ...string) (*authenticationv1.TokenRequest, error) {
	seconds := tokenSeconds
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	request := &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{Audiences: audiences, ExpirationSeconds: &seconds},
	}
	if err := s.tokens.Create(ctx, account, request); err != nil {
		return nil, tokenFault(err, namespace, name)
	}
	return request, nil
}

func tokenFault(err error, namespace, name string) error {
	what := fmt.Sprintf("ServiceAccount %q", namespace+"/"+name)
	switch {
	case apierrors.IsNotFound(err):
		return fault.New(fault.InvalidSpec, ReasonAccountNotFound, "%s, whose token logs in, does not exist", what)
	case apierrors.IsForbidden(err):
		return fault.New(fault.InvalidSpec, ReasonForbidden, "the operator's RBAC does not allow it to request tokens of %s", what)
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		return fault.New(fault.InvalidSpec, ReasonInvalidAudience, "the API server refuses a token of %s for this audience", what)
	}
	return unavailable("requesting a token of "+what, err)
}
