// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// restingEntries is how many entries, each with a subscriber, atRest has.
const restingEntries = 10_000

// atRest returns a poller whose entries were read and taken, driven by hand: without Run,
// reads are answered where they are started.
func atRest(tb testing.TB) (p *Poller, answer outcome) {
	tb.Helper()
	p = New(Options{MaxInFlight: restingEntries})
	p.running = true
	answer = outcome{entry: backend.Entry{
		Version: "1", Fields: map[string]sensitive.Value{"value": sensitive.FromString("secret")},
	}}
	answer.mark = p.marker.good(answer.entry)
	for i := range restingEntries {
		p.Subscribe(name(nsOf(i%100), nsOf(i)), restingSubscription(tb, i))
	}
	for _, j := range p.step().reads {
		p.finish(j, answer)
	}
	for i := range restingEntries {
		id := name(nsOf(i%100), nsOf(i))
		s, ok := p.Peek(id)
		if !ok {
			tb.Fatalf("%s has no snapshot", id)
		}
		p.Ack(id, s.Seq)
	}
	p.wakes = nil // nobody is there to be told
	return p, answer
}

func restingSubscription(tb testing.TB, i int) Subscription {
	tb.Helper()
	return Subscription{Epoch: "1", Interval: interval, Wants: []Want{{
		Source: Source{Backend: "ClusterSecretBackend/vault", Identity: "app"}, Ref: ref(tb, "apps/"+nsOf(i)),
	}}}
}

// BenchmarkTick is what one due entry of ten thousand costs, its answer included, but not
// the read itself nor its digest.
func BenchmarkTick(b *testing.B) {
	p, answer := atRest(b)
	b.ReportAllocs()
	for b.Loop() {
		at, ok := p.alarms.next()
		if !ok {
			b.Fatal("nothing is scheduled")
		}
		p.born = p.clock.Now().Add(-at)
		for _, j := range p.step().reads {
			p.finish(j, answer)
		}
	}
}

// BenchmarkSubscribeUnchanged is what a reconcile of an unchanged object costs.
func BenchmarkSubscribeUnchanged(b *testing.B) {
	p, _ := atRest(b)
	s, id := restingSubscription(b, 7), name(nsOf(7), nsOf(7))
	b.ReportAllocs()
	for b.Loop() {
		p.Subscribe(id, s)
	}
}

// BenchmarkSubscribe is what one more object with an entry of its own costs, and its leaving.
func BenchmarkSubscribe(b *testing.B) {
	p, _ := atRest(b)
	s, id := restingSubscription(b, 12_000), name("new", "one")
	b.ReportAllocs()
	for b.Loop() {
		p.Subscribe(id, s)
		p.Unsubscribe(id)
	}
}

// BenchmarkMark is the digest of an entry of 512 bytes.
func BenchmarkMark(b *testing.B) {
	m := newMarker()
	e := backend.Entry{Version: "1", VersionTime: time.Now(), Fields: map[string]sensitive.Value{
		"username": sensitive.New(make([]byte, 256)), "password": sensitive.New(make([]byte, 256)),
	}}
	b.ReportAllocs()
	for b.Loop() {
		m.good(e)
	}
}
