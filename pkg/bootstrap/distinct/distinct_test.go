// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package distinct_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/bootstrap/distinct"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func key(t *testing.T, text string) distinct.Key {
	t.Helper()
	k, err := distinct.NewKey(sensitive.FromString(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestFingerprintsTellApart what differs in key, plan, name, value, or where one ends.
func TestFingerprintsTellApart(t *testing.T) {
	long := strings.Repeat("k", distinct.MinKeyBytes)
	seen := map[string]bool{}
	for _, parts := range [][4]string{
		{long, "p", "n", "v"}, {long + "k", "p", "n", "v"}, {long, "pn", "", "v"}, {long, "p", "nv", ""}, {long, "p", "n", "w"}, {long, "q", "n", "v"},
	} {
		seen[key(t, parts[0]).Fingerprint(parts[1], parts[2], sensitive.FromString(parts[3]))] = true
	}
	if len(seen) != 6 {
		t.Errorf("only %d differ", len(seen))
	}
}

func TestShortKey(t *testing.T) {
	if _, err := distinct.NewKey(sensitive.FromString("short")); fault.ReasonOf(err) != distinct.ReasonWeakKey {
		t.Errorf("got %v", err)
	}
}

func TestLedger(t *testing.T) {
	ledger, err := distinct.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	ledger.Set("stripe", "prod", "f0", "f9")
	ledger.Set("stripe", "prod", "f3", "f1", "f3")
	ledger.Set("stripe", "dev", "f2")
	ledger.Add("stripe", "dev", "f4")
	ledger.Set("other", "ci", "f1")
	text, err := ledger.Text()
	if err != nil {
		t.Fatal(err)
	}
	again, err := distinct.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ledger, again); diff != "" {
		t.Error(diff)
	}
	cases := map[string]struct {
		environment  string
		fingerprints []string
		has, twins   bool
	}{
		"Same":      {environment: "prod", fingerprints: []string{"f1"}, has: true, twins: true},
		"OneIsSame": {environment: "dev", fingerprints: []string{"f7", "f4"}, has: true, twins: true},
		"Replaced":  {environment: "prod", fingerprints: []string{"f0"}, has: true},
		"Other":     {environment: "dev", fingerprints: []string{"f1"}, has: true},
		"None":      {environment: "prod", has: true},
		"NotOfIt":   {environment: "ci", fingerprints: []string{"f1"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if again.Has("stripe", tc.environment) != tc.has || again.Twins("stripe", tc.environment, tc.fingerprints...) != tc.twins {
				t.Errorf("has %v, twins %v", again.Has("stripe", tc.environment), again.Twins("stripe", tc.environment, tc.fingerprints...))
			}
		})
	}
	if _, err := distinct.Parse([]byte("{")); fault.ReasonOf(err) != distinct.ReasonMalformed {
		t.Errorf("got %v", err)
	}
}
