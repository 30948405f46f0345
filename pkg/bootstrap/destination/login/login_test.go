// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package login_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

var errCause = errors.New("cause")

func TestWordsChangeTheMessageAlone(t *testing.T) {
	plan := login.Plan{Name: "Vault", Field: "vault"}
	before := fault.New(fault.Unavailable, remote.ReasonTimeout, "no answer within spec.limits.timeout").After(time.Second).Because(errCause)
	err := login.With(login.At("place", plan.Reworded(before)), "; help")
	f := fault.As(err)
	if f.Message != "place: Vault: no answer in time; help" {
		t.Errorf("message %q", f.Message)
	}
	if f.Class != before.Class || f.Reason != before.Reason || f.RetryAfter != before.RetryAfter || !errors.Is(err, errCause) {
		t.Errorf("%+v: more than the message changed", f)
	}
	if plan.Reworded(errCause) != errCause || login.At("place", nil) != nil || login.With(errCause, "x") != errCause { //nolint:errorlint // the same one
		t.Error("an error that is not classed is another one")
	}
}

// TestWhateverABackendSaysOfItsSpecIsNotPassedOn: the words go by the reason, so that no wording
// of a backend gets around them.
func TestWhateverABackendSaysOfItsSpecIsNotPassedOn(t *testing.T) {
	plan := login.Plan{Name: "Vault", Field: "vault"}
	advising := []string{
		remote.ReasonInvalidBackend, remote.ReasonAddressRefused, remote.ReasonTimeout, remote.ReasonRedirected, remote.ReasonTLSUntrusted,
		remote.ReasonTLSWrongName, remote.ReasonTLSClientRefused, remote.ReasonTLSFailed,
	}
	rapid.Check(t, func(t *rapid.T) {
		reason := rapid.SampledFrom(advising).Draw(t, "reason")
		said := rapid.String().Draw(t, "before") + "spec.vault.anything" + rapid.String().Draw(t, "behind")
		err := plan.Reworded(fault.New(fault.Unavailable, reason, "%s", said))
		if strings.Contains(err.Error(), "spec.") || fault.ReasonOf(err) != reason {
			t.Fatalf("got %v", err)
		}
	})
}

func TestHost(t *testing.T) {
	plan := login.Plan{Name: "Vault", Field: "vault"}
	for address, want := range map[string]string{
		"https://vault.corp:8200": "vault.corp", "https://vault.corp/": "vault.corp", "http://127.0.0.1:8200": "127.0.0.1",
		"http://vault.corp": "", "vault.corp:8200": "", "https://u:p@vault.corp": "", "https://vault.corp/v1": "", "ftp://vault.corp": "", "": "", ":": "",
	} {
		got, err := plan.Host(address, nil)
		if got != want || (err != nil) != (want == "") || err != nil && !strings.Contains(err.Error(), "vault.address") {
			t.Errorf("%q: got %q, %v", address, got, err)
		}
	}
	if _, err := plan.Host("https://vault.corp", []byte("x")); !fault.Is(err, fault.InvalidSpec) {
		t.Errorf("no certificate: got %v", err)
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
	for _, unusable := range []string{"", " \n", "two words", "\x00"} {
		source := login.Source(func(context.Context) (sensitive.Value, error) { return sensitive.FromString(unusable), nil })
		if _, err := source.SecretKey(t.Context(), "", "any", "any"); !fault.Is(err, fault.InvalidSpec) {
			t.Errorf("%q: got %v, want InvalidSpec", unusable, err)
		}
	}
	if _, err := source.ServiceAccountToken(t.Context(), "", "", ""); !fault.Is(err, fault.InvalidSpec) {
		t.Errorf("a ServiceAccount's token: %v, want InvalidSpec", err)
	}
}
