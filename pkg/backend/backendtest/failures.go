// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backendtest

import (
	"context"
	"errors"
	"testing"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// failureCases: each failure has its class, says what would help, and no value.
func failureCases() map[string]func(*testing.T, Suite) {
	return map[string]func(*testing.T, Suite){
		"Absent":           absent,
		"DeniedPath":       deniedPath,
		"Stranger":         stranger,
		"CancelledContext": cancelledContext,
	}
}

func absent(t *testing.T, s Suite) {
	b := s.open(t)
	_, err := b.Read(t.Context(), ref(t, path(t), ""))
	wantFault(t, err, fault.NotFound, backend.ReasonEntryNotFound)
}

func deniedPath(t *testing.T, s Suite) {
	s.Write(t, s.Denied, numbered(0))
	p, b := path(t), s.open(t)
	_, err := b.Read(t.Context(), ref(t, s.Denied, ""))
	wantFault(t, err, fault.Denied)

	s.Write(t, p, numbered(1))
	wantFields(t, read(t, b, p, ""), numbered(1))
}

func stranger(t *testing.T, s Suite) {
	p := path(t)
	s.Write(t, p, numbered(0))
	b := closing(t, s.OpenStranger(t))
	_, err := b.Read(t.Context(), ref(t, p, ""))
	wantFault(t, err, fault.Denied)
	wantFault(t, b.Probe(t.Context()), fault.Denied)
}

func cancelledContext(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	s.Write(t, p, numbered(0))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.Read(ctx, ref(t, p, ""))
	wantFault(t, err, fault.Unavailable)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("want the cancelled context as the cause, got %v", err)
	}
	wantFields(t, read(t, b, p, ""), numbered(0))
}
