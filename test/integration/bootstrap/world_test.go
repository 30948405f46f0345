// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
	"github.com/secretsync/secretsync/test/cluster"
)

var shared = cluster.NewShared(cluster.Options{Vault: &cluster.VaultOptions{Audit: true}}) //nolint:gochecknoglobals // One cluster serves all tests.

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// owner is a value of the plan "shop" for an instance of environment test.
func owner(value, instance string) destination.Owner {
	return destination.Owner{
		Plan: "shop", Value: value, Environment: "test", Instance: instance,
		Time: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC),
	}
}

func observe(t *testing.T, place destination.Destination) destination.State {
	t.Helper()
	state, err := place.Observe(t.Context())
	must(t, err)
	return state
}

// put observes and writes, as the engine does.
func put(t *testing.T, place destination.Destination, value string, by destination.Owner) {
	t.Helper()
	must(t, place.Write(t.Context(), sensitive.FromString(value), observe(t, place), by))
}

// wantHeld checks what a place holds, and whose it is.
func wantHeld(t *testing.T, place destination.Destination, value string, by destination.Owner) {
	t.Helper()
	state := observe(t, place)
	if !state.Exists || !state.Readable || string(state.Value.Reveal()) != value {
		t.Errorf("%s: exists %v, readable %v, want the value that was written", place.Describe(), state.Exists, state.Readable)
	}
	if state.Owner != by {
		t.Errorf("%s: owner %+v, want %+v", place.Describe(), state.Owner, by)
	}
}

func wantAbsent(t *testing.T, place destination.Destination) {
	t.Helper()
	if state := observe(t, place); state.Exists {
		t.Errorf("%s still holds something", place.Describe())
	}
}

// wantFault checks class and reason of an error, and that its text names the parts.
func wantFault(t *testing.T, err error, class fault.Class, reason string, parts ...string) {
	t.Helper()
	if fault.ClassOf(err) != class || fault.ReasonOf(err) != reason {
		t.Errorf("%s/%s: %v; want %s/%s", fault.ClassOf(err), fault.ReasonOf(err), err, class, reason)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not name %q", err, part)
		}
	}
}

// places lists what a Lister finds of a plan.
func places(t *testing.T, lister destination.Lister, plan string) []string {
	t.Helper()
	found, err := lister.List(t.Context(), plan)
	must(t, err)
	var names []string
	for _, f := range found {
		names = append(names, f.Place.Describe()+" of "+f.Owner.Value+"/"+f.Owner.Instance)
	}
	if !slices.IsSorted(names) {
		t.Errorf("%q are not sorted", names)
	}
	return names
}
