// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fake_test

import (
	"testing"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/fake"
)

func TestContract(t *testing.T) {
	for name, unversioned := range map[string]bool{"Versioned": false, "Unversioned": true} {
		t.Run(name, func(t *testing.T) { backendtest.Run(t, suite(unversioned)) })
	}
}

func suite(unversioned bool) backendtest.Suite {
	p := fake.New(fake.Options{Unversioned: unversioned})
	p.Deny("denied", true)
	p.Reject("stranger", true)
	open := func(namespace string) func(*testing.T) backend.Backend {
		return func(t *testing.T) backend.Backend {
			t.Helper()
			b, err := p.Open(backend.Config{IdentityNamespace: namespace})
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
	s := backendtest.Suite{
		Open:              open("friend"),
		OpenStranger:      open("stranger"),
		Write:             func(_ *testing.T, path string, fields map[string]string) { p.Put(path, fields) },
		Delete:            func(_ *testing.T, path string) { p.Delete(path) },
		Undelete:          func(_ *testing.T, path, version string) { p.Undelete(path, version) },
		Destroy:           func(_ *testing.T, path, version string) { p.Destroy(path, version) },
		Remove:            func(_ *testing.T, path string) { p.Remove(path) },
		Denied:            "denied",
		Logins:            func(*testing.T) int { return len(p.Logins()) },
		LoginsPerIdentity: 1,
	}
	s.Unsupported = []backend.Capability{backend.FieldProof, backend.ValueVersions}
	if unversioned {
		s.Unsupported = append(s.Unsupported, backend.Versions)
	}
	return s
}
