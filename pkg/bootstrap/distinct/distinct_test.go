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
	ledger.Set("stripe", "prod", "f1")
	ledger.Set("stripe", "test", "f1")
	ledger.Set("stripe", "dev", "f2")
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
	if diff := cmp.Diff([]string{"prod"}, again.Twins("stripe", "test", "f1")); diff != "" {
		t.Error(diff)
	}
	if twins := again.Twins("stripe", "dev", "f2"); twins != nil {
		t.Errorf("got %v", twins)
	}
	if _, err := distinct.Parse([]byte("{")); fault.ReasonOf(err) != distinct.ReasonMalformed {
		t.Errorf("got %v", err)
	}
}
