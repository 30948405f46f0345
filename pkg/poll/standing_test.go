// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/backend"
)

func TestStanding(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.limits.MinInterval = 30 * time.Second
		w.stub.write("a", "1")
		id := name("ns", "s")
		if _, ok := w.Standing(id); ok {
			t.Error("nobody stands well")
		}
		w.Subscribe(id, w.subscription("a", "b"))
		w.pass(time.Minute)
		want := Standing{Backend: "ClusterSecretBackend/vault", Interval: 30 * time.Second}
		if got, ok := w.Standing(id); !ok || got != want {
			t.Errorf("b was never read: %s", cmp.Diff(want, got))
		}
		w.stub.write("b", "1")
		w.pass(10 * time.Minute)
		before := time.Now()
		w.stub.change(func() { w.stub.fails = map[string]error{"a": errUnavailable} })
		w.pass(10 * time.Minute)
		got, _ := w.Standing(id)
		if got.LastGood.IsZero() || got.LastGood.After(before) || before.Sub(got.LastGood) > time.Minute {
			t.Errorf("a was read well last before %s, not at %s", before, got.LastGood)
		}

		pinned := w.subscription("a")
		ref, err := backend.ParseRef("a", "1")
		if err != nil {
			t.Fatal(err)
		}
		pinned.Wants[0].Ref, pinned.Interval = ref, 0
		w.Subscribe(id, pinned)
		if got, _ := w.Standing(id); !got.Pinned || got.Interval != 0 {
			t.Errorf("all is pinned and read on request: %+v", got)
		}
		w.Unsubscribe(id)
		if _, ok := w.Standing(id); ok {
			t.Error("who is gone still stands")
		}
	})
}

// TestBackends are those that somebody reads.
func TestBackends(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		id := name("ns", "s")
		w.Subscribe(id, w.subscription("a"))
		w.pass(time.Second)
		if diff := cmp.Diff([]string{"ClusterSecretBackend/vault"}, w.Backends()); diff != "" {
			t.Error(diff)
		}
		w.Unsubscribe(id)
		w.pass(time.Second)
		if got := w.Backends(); len(got) > 0 {
			t.Errorf("nobody reads %v", got)
		}
	})
}
