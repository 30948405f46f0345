// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
)

// TestTokenEnds: a probe tells when a token ends that somebody else made.
func TestTokenEnds(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		want time.Time
	}{
		"Ends":       {`{"data":{"expire_time":"2026-12-01T10:00:00.5Z"}}`, time.Date(2026, 12, 1, 10, 0, 0, 5e8, time.UTC)},
		"Root":       {`{"data":{"expire_time":null}}`, time.Time{}},
		"Unreadable": {`{"data":{"expire_time":"soon"}}`, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			s, o := newStub(), &counter{}
			s.On("auth/token/lookup-self", 200, tc.body)
			v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{Auth: tokenMethod()}, observer: o})
			want(t, v.Probe(t.Context()), "", "")
			if got, told := o.ends[backend.CredentialToken]; !told || !got.Equal(tc.want) {
				t.Errorf("want %s told, got %s, %t", tc.want, got, told)
			}
		})
	}
	s, o := newStub(), &counter{}
	s.On("auth/token/lookup-self", 200, `{"data":{"expire_time":"2026-12-01T10:00:00Z"}}`)
	v := newVault(t, s, settings{observer: o})
	for range 2 { // The first logs in, the second looks the token up.
		want(t, v.Probe(t.Context()), "", "")
	}
	if len(o.ends) > 0 {
		t.Errorf("a token of ours is renewed by us, and none of a person's: %v", o.ends)
	}
}

// TestReplacedToken: a probe takes the token that its Secret holds now, though Vault still
// accepts the one before.
func TestReplacedToken(t *testing.T) {
	s, held := newStub(), backendtest.NewCredentials()
	s.On("auth/token/lookup-self", 200, `{"data":{"expire_time":null}}`)
	v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{Auth: tokenMethod()}, credentials: held})
	want(t, v.Probe(t.Context()), "", "")
	before := v.identity.usable().token
	want(t, v.Probe(t.Context()), "", "")
	if !v.identity.usable().token.Equal(before) {
		t.Error("another token is used, though nobody replaced it")
	}
	held.Set("replaced-token")
	want(t, v.Probe(t.Context()), "", "")
	if v.identity.usable().token.Equal(before) {
		t.Error("the token that was replaced is used on")
	}
}
