// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fake_test

import (
	"context"
	"errors"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/fake"
	"github.com/secretsync/secretsync/pkg/fault"
)

var errBoom = errors.New("boom")

func open(t *testing.T, p *fake.Provider, namespace string) backend.Backend {
	t.Helper()
	b, err := p.Open(backend.Config{IdentityNamespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t *testing.T, b backend.Backend, path string) error {
	t.Helper()
	ref, err := backend.ParseRef(path, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Read(t.Context(), ref)
	return err
}

func wantClass(t *testing.T, err error, class fault.Class) {
	t.Helper()
	if fault.ClassOf(err) != class {
		t.Errorf("want class %q, got %v", class, err)
	}
}

func TestScript(t *testing.T) {
	throttled := fault.New(fault.Throttled, "Throttled", "slower").After(time.Second)
	p := fake.New(fake.Options{})
	p.Put("a", map[string]string{"k": "1"})
	p.Put("b", map[string]string{"k": "1"})
	b := open(t, p, "ns")
	steps := []struct {
		reason string
		do     func()
		a, b   fault.Class
	}{
		{reason: "nothing is scripted", do: func() {}},
		{reason: "one path fails", do: func() { p.Fail("a", throttled) }, a: fault.Throttled},
		{reason: "it is mended", do: func() { p.Fail("a", nil) }},
		{reason: "all fail", do: func() { p.Fail("", throttled) }, a: fault.Throttled, b: fault.Throttled},
		{reason: "all are mended", do: func() { p.Fail("", nil) }},
		{reason: "the next read fails", do: func() { p.FailNext(throttled) }, a: fault.Throttled},
		{reason: "the one after the next fails", do: func() { p.FailNext(nil, throttled) }, b: fault.Throttled},
		{reason: "a path is denied", do: func() { p.Deny("a", true) }, a: fault.Denied},
		{reason: "it is allowed again", do: func() { p.Deny("a", false) }},
		{reason: "the identity is rejected", do: func() { p.Reject("ns", true) }, a: fault.Denied, b: fault.Denied},
		{reason: "it is accepted again", do: func() { p.Reject("ns", false) }},
		{reason: "the mount goes", do: func() { p.RemoveMount(true) }, a: fault.NotFound, b: fault.NotFound},
		{reason: "it comes back", do: func() { p.RemoveMount(false) }},
		{reason: "everything is forgotten", do: func() {
			p.Fail("", throttled)
			p.Reset()
		}, a: fault.NotFound, b: fault.NotFound},
	}
	for _, step := range steps {
		step.do()
		gotA, gotB := fault.ClassOf(read(t, b, "a")), fault.ClassOf(read(t, b, "b"))
		if gotA != step.a || gotB != step.b {
			t.Errorf("%s: want %q and %q, got %q and %q", step.reason, step.a, step.b, gotA, gotB)
		}
	}
}

func TestProbeAndProofFailAsScripted(t *testing.T) {
	p := fake.New(fake.Options{})
	b := open(t, p, "ns")
	prover, ok := b.(backend.ContainerProver)
	if !ok {
		t.Fatal("want a ContainerProver")
	}
	for name, do := range map[string]func(context.Context) error{
		"Probe": b.Probe,
		"Proof": func(ctx context.Context) error { return prover.ProveContainer(ctx, backend.EntryRef{}) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := do(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.Fail("", errBoom)
			if err := do(t.Context()); !errors.Is(err, errBoom) {
				t.Errorf("want the scripted error, got %v", err)
			}
			p.Fail("", nil)
			p.RemoveMount(true)
			wantClass(t, do(t.Context()), fault.NotFound)
			p.RemoveMount(false)
		})
	}
}

func TestHang(t *testing.T) {
	p := fake.New(fake.Options{})
	p.Put("a", map[string]string{"k": "1"})
	b := open(t, p, "ns")
	release := p.Hang()
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp, waited := make(chan error), make(chan error)
	go func() { gaveUp <- b.Probe(ctx) }()
	go func() { waited <- read(t, b, "a") }()
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("want the hanging call to end with its context, got %v", err)
	}
	select {
	case err := <-waited:
		t.Errorf("want the read to hang, got %v", err)
	default:
	}
	release()
	release()
	if err := <-waited; err != nil {
		t.Errorf("want the read to go on, got %v", err)
	}
}

func TestRecords(t *testing.T) {
	p := fake.New(fake.Options{})
	p.Put("a", map[string]string{"k": "1"})
	first, second := open(t, p, "first"), open(t, p, "second")
	for _, b := range []backend.Backend{first, first, second} {
		if err := read(t, b, "a"); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(first.Probe(t.Context()), first.Close(t.Context()), first.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := p.Logins(); len(got) != 2 || got[0] != "first" || got[1] != "second" {
		t.Errorf("want one login each, got %v", got)
	}
	if got := p.Reads(); len(got) != 3 || got[2].Identity != "second" || got[2].Ref.Path() != "a" {
		t.Errorf("want the reads in order, got %v", got)
	}
	if p.ReadsOf("a") != 3 || p.ReadsOf("b") != 0 || p.Probes() != 1 || p.Closed() != 1 || len(p.Opened()) != 2 {
		t.Error("want everything counted")
	}
	p.Reset()
	if p.ReadsOf("a") != 0 || p.Probes() != 0 || p.Closed() != 0 || len(p.Opened()) != 0 || len(p.Logins()) != 0 {
		t.Error("want nothing counted after Reset")
	}
}

func TestVersionsCarryTheClocksTime(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	p := fake.New(fake.Options{Clock: clocktesting.NewFakePassiveClock(at)})
	if got := p.Put("a", map[string]string{"k": "1"}); got != "1" {
		t.Errorf("want version 1, got %q", got)
	}
	ref, err := backend.ParseRef("a", "")
	if err != nil {
		t.Fatal(err)
	}
	entry, err := open(t, p, "ns").Read(t.Context(), ref)
	if err != nil || !entry.VersionTime.Equal(at) {
		t.Errorf("want the clock's time, got %s, %v", entry.VersionTime, err)
	}
}

func TestFailOpen(t *testing.T) {
	p := fake.New(fake.Options{})
	p.FailOpen(errBoom)
	if _, err := p.Open(backend.Config{}); !errors.Is(err, errBoom) {
		t.Errorf("want the scripted error, got %v", err)
	}
	p.FailOpen(nil)
	if _, err := p.Open(backend.Config{}); err != nil {
		t.Errorf("want success again, got %v", err)
	}
}
