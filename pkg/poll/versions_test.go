// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"slices"
	"testing"
	"time"
)

// TestVersionsAreListedOnNews: beside a change, a loss and a request, and never at rest.
func TestVersionsAreListedOnNews(t *testing.T) {
	inWorld(t, Options{}, func(w *world) {
		w.stub.write("a", "1")
		id := name("ns", "s")
		w.Subscribe(id, w.subscription("a"))
		w.pass(5 * interval)
		want := func(listed int, versions []string, reason string) {
			w.Helper()
			snapshot, ok := w.Peek(id)
			if w.stub.listed != listed {
				w.Errorf("%s: the versions were listed %d times, want %d", reason, w.stub.listed, listed)
			}
			if !ok {
				w.Fatalf("%s: there is no snapshot", reason)
			}
			if got := snapshot.Results[0].Versions; !slices.Equal(got, versions) || (got == nil) != (versions == nil) {
				w.Errorf("%s: the snapshot tells %#v, want %#v", reason, got, versions)
			}
			w.Ack(id, snapshot.Seq)
			w.pass(3 * interval)
		}
		want(0, nil, "first read and rest")

		w.stub.change(func() { w.stub.versions = map[string][]string{"a": {"2"}} })
		w.stub.write("a", "2")
		w.pass(interval)
		want(1, []string{"2"}, "change")

		w.Refresh(id, "now")
		w.pass(time.Second)
		want(2, []string{"2"}, "request")

		w.stub.change(func() { w.stub.fails, w.stub.versions = map[string]error{"a": errNotFound}, nil })
		w.pass(interval)
		want(3, []string{}, "loss")

		w.stub.change(func() { w.stub.fails, w.stub.denied = map[string]error{}, errDenied })
		w.stub.write("a", "3")
		w.pass(10 * interval)
		snapshot, ok := w.Peek(id)
		if !ok || snapshot.Results[0].Err != nil || snapshot.Results[0].Versions != nil {
			w.Errorf("a list that is denied spoils the read: %+v", snapshot)
		}
	})
}
