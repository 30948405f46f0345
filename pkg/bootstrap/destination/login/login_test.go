// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package login_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

var errCause = errors.New("cause")

func TestWordsChangeTheMessageAlone(t *testing.T) {
	before := fault.New(fault.Unavailable, "Timeout", "no answer within spec.limits.timeout of spec.x").After(time.Second).Because(errCause)
	err := login.With(login.At("place", login.Reworded(before, strings.NewReplacer("spec.x", "x"))), "; help")
	f := fault.As(err)
	if f.Message != "place: no answer in time of x; help" {
		t.Errorf("message %q", f.Message)
	}
	if f.Class != before.Class || f.Reason != before.Reason || f.RetryAfter != before.RetryAfter || !errors.Is(err, errCause) {
		t.Errorf("%+v: more than the message changed", f)
	}
	if login.Reworded(errCause, strings.NewReplacer()) != errCause || login.At("place", nil) != nil || login.With(errCause, "x") != errCause { //nolint:errorlint // the same one
		t.Error("an error that is not classed is another one")
	}
}

func TestNetwork(t *testing.T) {
	for host, want := range map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "10.0.0.1": false, "vault.corp": false, "127.0.0.1.corp": false} {
		if got := login.Network(host).AllowHTTP; got != want {
			t.Errorf("%s: http allowed %v, want %v", host, got, want)
		}
	}
}

func TestSourceAnswersWithTheCredential(t *testing.T) {
	source := login.Source(func(context.Context) (sensitive.Value, error) { return sensitive.FromString("token"), nil })
	value, err := source.SecretKey(t.Context(), "", "any", "any")
	if err != nil || string(value.Reveal()) != "token" {
		t.Errorf("%d bytes, %v", value.Len(), err)
	}
	if _, err := source.ServiceAccountToken(t.Context(), "", "", ""); !fault.Is(err, fault.InvalidSpec) {
		t.Errorf("a ServiceAccount's token: %v, want InvalidSpec", err)
	}
}
