// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package credentials

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/fault"
)

// tokenServer answers TokenRequests as an API server does.
type tokenServer struct {
	audiences []string // the API server's own
	err       error
	spoil     func(*authenticationv1.TokenRequest)

	mu    sync.Mutex
	asked []*authenticationv1.TokenRequest
	names []string
}

func (s *tokenServer) client() client.Client {
	return interceptor.NewClient(fake.NewClientBuilder().Build(), interceptor.Funcs{
		SubResourceCreate: func(_ context.Context, _ client.Client, sub string, obj, body client.Object, _ ...client.SubResourceCreateOption) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			request, ok := body.(*authenticationv1.TokenRequest)
			if !ok || sub != "token" {
				return errBoom
			}
			s.asked = append(s.asked, request.DeepCopy())
			s.names = append(s.names, obj.GetNamespace()+"/"+obj.GetName())
			if s.err != nil {
				return s.err
			}
			if len(request.Spec.Audiences) == 0 {
				request.Spec.Audiences = s.audiences
			}
			request.Status.Token = marker
			if s.spoil != nil {
				s.spoil(request)
			}
			return nil
		},
	})
}

// audienceRequests counts the requests that ask for no audience, to learn the server's own.
func (s *tokenServer) audienceRequests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.asked {
		if len(r.Spec.Audiences) == 0 {
			n++
		}
	}
	return n
}

func TestServiceAccountToken(t *testing.T) {
	accounts := schema.GroupResource{Resource: "serviceaccounts"}
	cases := map[string]struct {
		reason   string
		server   *tokenServer
		account  string
		audience string
		class    fault.Class
		because  string
		mention  string
		requests int
	}{
		"Granted": {audience: "vault", requests: 2},
		"NoAudience": {
			reason: "the API server would fill in its own",
			class:  fault.InvalidSpec, because: ReasonInvalidAudience, mention: "audience",
		},
		"AudienceOfTheAPIServer": {
			audience: "https://issuer", requests: 1,
			class: fault.InvalidSpec, because: ReasonInvalidAudience, mention: "https://issuer",
		},
		"SecondAudienceOfTheAPIServer": {
			audience: "kubernetes", requests: 1,
			class: fault.InvalidSpec, because: ReasonInvalidAudience, mention: "kubernetes",
		},
		"OtherAccount": {
			account: "default", audience: "vault",
			class: fault.InvalidSpec, because: ReasonAccountNotAllowed, mention: "secretsync-auth",
		},
		"NoSuchAccount": {
			server:   &tokenServer{err: apierrors.NewNotFound(accounts, "secretsync-auth")},
			audience: "vault", requests: 1,
			class: fault.InvalidSpec, because: ReasonAccountNotFound, mention: "ns/secretsync-auth",
		},
		"Forbidden": {
			server:   &tokenServer{err: apierrors.NewForbidden(accounts, "secretsync-auth", errBoom)},
			audience: "vault", requests: 1,
			class: fault.InvalidSpec, because: ReasonForbidden, mention: "RBAC",
		},
		"Refused": {
			server:   &tokenServer{err: apierrors.NewBadRequest("no")},
			audience: "vault", requests: 1,
			class: fault.InvalidSpec, because: ReasonInvalidAudience, mention: "refuses",
		},
		"Unreachable": {
			server:   &tokenServer{err: errBoom},
			audience: "vault", requests: 1,
			class: fault.Unavailable, because: ReasonUnavailable, mention: "ns/secretsync-auth",
		},
		"AudiencesUnknown": {
			reason:   "what the API server accepts is not known, so no token goes out",
			server:   &tokenServer{audiences: []string{}},
			audience: "vault", requests: 1,
			class: fault.Unavailable, because: ReasonUnavailable, mention: "audiences",
		},
		"NoTokenInTheAnswer": {
			server:   &tokenServer{spoil: func(r *authenticationv1.TokenRequest) { r.Status.Token = "" }},
			audience: "vault", requests: 2,
			class: fault.Unavailable, because: ReasonUnavailable, mention: "token",
		},
		"MoreAudiencesThanAsked": {
			reason: "a token that is also good elsewhere does not leave",
			server: &tokenServer{spoil: func(r *authenticationv1.TokenRequest) {
				r.Spec.Audiences = append(slices.Clone(r.Spec.Audiences), "kubernetes")
			}},
			audience: "vault", requests: 2,
			class: fault.Unavailable, because: ReasonUnavailable, mention: "token",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			server := tc.server
			if server == nil {
				server = &tokenServer{}
			}
			if server.audiences == nil {
				server.audiences = []string{"https://issuer", "kubernetes"}
			}
			if tc.account == "" {
				tc.account = "secretsync-auth"
			}
			c := server.client()
			got, err := New(Options{Reader: c, Tokens: c}).ServiceAccountToken(t.Context(), "ns", tc.account, tc.audience)
			wantFault(t, err, tc.class, tc.because, tc.mention)
			if err == nil && string(got.Reveal()) != marker {
				t.Errorf("%s: want the API server's token", tc.reason)
			}
			if len(server.asked) != tc.requests {
				t.Errorf("%s: want %d token requests, got %d", tc.reason, tc.requests, len(server.asked))
			}
			for i, r := range server.asked {
				if *r.Spec.ExpirationSeconds != 600 || server.names[i] != "ns/secretsync-auth" {
					t.Errorf("want ten minutes for ns/secretsync-auth, got %ds for %s", *r.Spec.ExpirationSeconds, server.names[i])
				}
			}
		})
	}
}

func TestAllowedServiceAccounts(t *testing.T) {
	server := &tokenServer{audiences: []string{"kubernetes"}}
	s := New(Options{Reader: server.client(), Tokens: server.client(), AllowedServiceAccounts: []string{"login", "auth"}})
	if _, err := s.ServiceAccountToken(t.Context(), "ns", "login", "vault"); err != nil {
		t.Errorf("want a token for an allowed name, got %v", err)
	}
	_, err := s.ServiceAccountToken(t.Context(), "ns", "secretsync-auth", "vault")
	wantFault(t, err, fault.InvalidSpec, ReasonAccountNotAllowed, "auth, login")
}

func TestAudiencesAreRemembered(t *testing.T) {
	server := &tokenServer{audiences: []string{"kubernetes"}}
	clock := clocktesting.NewFakePassiveClock(time.Now())
	s := New(Options{Reader: server.client(), Tokens: server.client(), Clock: clock})
	read := func() {
		t.Helper()
		if _, err := s.ServiceAccountToken(t.Context(), "ns", "secretsync-auth", "vault"); err != nil {
			t.Fatal(err)
		}
	}
	read()
	read()
	if got := server.audienceRequests(); got != 1 {
		t.Errorf("want one request for the audiences, got %d", got)
	}
	clock.SetTime(clock.Now().Add(audiencesFor))
	read()
	if got := server.audienceRequests(); got != 2 {
		t.Errorf("want the audiences asked for again after a while, got %d requests", got)
	}
}

func TestFailureToLearnAudiencesIsNotRemembered(t *testing.T) {
	server := &tokenServer{audiences: []string{"kubernetes"}, err: errBoom}
	s := New(Options{Reader: server.client(), Tokens: server.client()})
	if _, err := s.ServiceAccountToken(t.Context(), "ns", "secretsync-auth", "vault"); !errors.Is(err, errBoom) {
		t.Fatalf("want the API server's error as the cause, got %v", err)
	}
	server.err = nil
	if _, err := s.ServiceAccountToken(t.Context(), "ns", "secretsync-auth", "vault"); err != nil {
		t.Errorf("want a token as soon as the API server answers, got %v", err)
	}
}

func TestWaitingForAudiencesEndsWithTheContext(t *testing.T) {
	a := newAudiences(clocktesting.NewFakePassiveClock(time.Now()))
	asking, answer := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		_, err := a.get(t.Context(), func(context.Context) ([]string, error) {
			close(asking)
			<-answer
			return []string{"kubernetes"}, nil
		})
		done <- err
	}()
	<-asking
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.get(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("want the cancelled context as the cause, got %v", err)
	}
	close(answer)
	if err := <-done; err != nil {
		t.Errorf("want the one who asks undisturbed, got %v", err)
	}
}
