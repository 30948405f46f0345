// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backendtest

import (
	"errors"
	"sync"
	"testing"

	"github.com/secretsync/secretsync/pkg/fault"
)

// readers is how many read at once.
const readers = 100

// lifeCases: opening, logging in, probing, closing.
func lifeCases() map[string]func(*testing.T, Suite) {
	return map[string]func(*testing.T, Suite){
		"ManyReadersLogInOnce": manyReadersLogInOnce,
		"OpeningLogsNobodyIn":  openingLogsNobodyIn,
		"ProbeLogsIn":          probeLogsIn,
		"ReadsAfterClose":      readsAfterClose,
	}
}

func (s Suite) wantLogins(t *testing.T, before, want int) {
	t.Helper()
	if got := s.Logins(t) - before; got != want {
		t.Errorf("want %d logins, got %d", want, got)
	}
}

func manyReadersLogInOnce(t *testing.T, s Suite) {
	p := path(t)
	s.Write(t, p, numbered(0))
	before, b := s.Logins(t), s.open(t)
	at := ref(t, p, "")
	errs := make([]error, readers)
	var group sync.WaitGroup
	for i := range readers {
		group.Go(func() {
			entry, err := b.Read(t.Context(), at)
			if err == nil && len(entry.Fields) != 1 {
				err = errors.New("another entry than was written")
			}
			errs[i] = err
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	s.wantLogins(t, before, s.LoginsPerIdentity)
}

func openingLogsNobodyIn(t *testing.T, s Suite) {
	before := s.Logins(t)
	s.open(t)
	s.wantLogins(t, before, 0)
}

func probeLogsIn(t *testing.T, s Suite) {
	before, b := s.Logins(t), s.open(t)
	for range 3 {
		if err := b.Probe(t.Context()); err != nil {
			t.Fatalf("want the identity accepted, got %v", err)
		}
	}
	s.wantLogins(t, before, s.LoginsPerIdentity)
}

func readsAfterClose(t *testing.T, s Suite) {
	p := path(t)
	s.Write(t, p, numbered(0))
	b := s.Open(t)
	read(t, b, p, "")
	for range 2 {
		if err := b.Close(t.Context()); err != nil {
			t.Errorf("want closing to succeed, again too, got %v", err)
		}
	}
	before := s.Logins(t)
	_, err := b.Read(t.Context(), ref(t, p, ""))
	wantFault(t, err, fault.Unavailable)
	wantFault(t, b.Probe(t.Context()), fault.Unavailable)
	s.wantLogins(t, before, 0)
}
