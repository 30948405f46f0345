// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package poll makes every backend read. Subscribers say what they want, are woken when
// it changed, take it and acknowledge it; they never wait for a backend. The package owns
// when an entry is read (phase, backoff, rate, fairness, breaker), what counts as a
// change, that a snapshot shows a state that existed, and how long a value is kept. It
// must not know Kubernetes objects, rendering, metrics or a particular backend.
//
// How it works. One mutex guards a state machine: subscribers link to entries, entries
// belong to sources (a backend under one identity), sources to upstreams (a backend with
// all its identities). Run's loop alone starts reads, each in a goroutine of its own;
// everything else only changes state. Points in time are offsets from the Poller's birth
// (monotonic, zero means never); ticks count starts and ends of reads and order them
// exactly, also where a clock shows the same time twice.
package poll
