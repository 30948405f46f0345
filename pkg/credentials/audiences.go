// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package credentials

import (
	"context"
	"errors"
	"time"

	"k8s.io/utils/clock"
)

// audiencesFor is how long the API server's audiences are remembered. They are a flag of
// the API server, so they change with its restart only.
const audiencesFor = 10 * time.Minute

// audiences remembers which audiences the API server accepts.
type audiences struct {
	clock clock.PassiveClock

	// turn holds one item while nobody asks; whoever takes it may use the rest.
	turn  chan struct{}
	known []string
	at    time.Time
}

func newAudiences(clock clock.PassiveClock) *audiences {
	a := &audiences{clock: clock, turn: make(chan struct{}, 1)}
	a.turn <- struct{}{}
	return a
}

// get returns the audiences, asking if they are not known or old. One asks at a time.
func (a *audiences) get(ctx context.Context, ask func(context.Context) ([]string, error)) ([]string, error) {
	select {
	case <-a.turn:
		defer func() { a.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, unavailable("learning the API server's audiences", ctx.Err())
	}
	if len(a.known) > 0 && a.clock.Since(a.at) < audiencesFor {
		return a.known, nil
	}
	known, err := ask(ctx)
	if err != nil {
		return nil, err
	}
	a.known, a.at = known, a.clock.Now()
	return known, nil
}

// apiServerAudiences learns which audiences the API server accepts in ServiceAccount tokens:
// it completes a TokenRequest that names none with all of its own, and says so in the
// answer. The token itself is dropped unread.
//
// A TokenReview of each token would ask the same question more directly, but it needs one
// more permission, and its answer "not accepted" may have other causes than the audience:
// an error there would let a token out. A list of audiences fails the other way.
func (s *Source) apiServerAudiences(ctx context.Context, namespace, name string) ([]string, error) {
	request, err := s.request(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	if len(request.Spec.Audiences) == 0 {
		return nil, unavailable("learning the API server's audiences", errors.New("the answer names none"))
	}
	return request.Spec.Audiences, nil
}
