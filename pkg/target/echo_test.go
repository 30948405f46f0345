// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/render"
)

// TestEcho follows each kind of write.
func TestEcho(t *testing.T) {
	other := contentOf("A", marker)
	other.Type = "corp.example/other"
	for name, write := range map[string]func(*world, Want) error{
		"Create": func(w *world, want Want) error {
			_, err := w.Create(context.Background(), want, contentOf("A", marker))
			return err
		},
		"Update":   func(w *world, want Want) error { return w.update(want, contentOf("A", marker)) },
		"Recreate": func(w *world, want Want) error { return w.update(want, other) },
	} {
		t.Run(name, func(t *testing.T) {
			var before []client.Object
			if name != "Create" {
				before = append(before, live(WantOf(syncOf(), 3), contentOf("A", "old")))
			}
			w := newWorld(before...)
			old := w.secret(t)
			if old != nil && w.Echo(old) {
				t.Error("what somebody else wrote is an echo")
			}
			if err := write(w, WantOf(syncOf(recreatable), 4)); err != nil {
				t.Fatal(err)
			}
			if old != nil && name == "Update" && w.Echo(old) {
				t.Error("a watch that lags behind shows an echo")
			}
			written := w.secret(t)
			if !w.Echo(written) || w.Echo(written) {
				t.Error("a write has not exactly one echo")
			}
		})
	}
}

func (w *world) update(want Want, content render.Content) error {
	l, err := w.Look(context.Background(), want, false)
	if err != nil {
		return err
	}
	return w.Update(context.Background(), l, want, content)
}

// TestEditAfterAWriteIsNoEcho: informers may show both as one change.
func TestEditAfterAWriteIsNoEcho(t *testing.T) {
	w := newWorld()
	if _, err := w.Create(t.Context(), WantOf(syncOf(), 1), contentOf("A", marker)); err != nil {
		t.Fatal(err)
	}
	written, edited := w.secret(t), w.secret(t)
	edited.Data["A"] = nil
	if err := w.server.Update(t.Context(), edited); err != nil {
		t.Fatal(err)
	}
	if w.Echo(w.secret(t)) {
		t.Error("an edit is taken for an echo, and the drift goes unseen")
	}
	if w.Echo(written) {
		t.Error("what is over is remembered")
	}
}

func TestFailedWriteHasNoEcho(t *testing.T) {
	w := newWorld()
	w.fail["create"] = context.DeadlineExceeded
	if _, err := w.Create(t.Context(), WantOf(syncOf(), 1), contentOf()); err == nil {
		t.Fatal("the failure is lost")
	}
	if w.Echo(live(WantOf(syncOf(), 1), contentOf())) {
		t.Error("a write that failed has an echo")
	}
}
