// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"time"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Observer is told what the poller does, to count it. Its methods may be called with the
// poller's lock held: they are quick, and never call the poller.
type Observer interface {
	// Request tells of a request to a backend that ended: its class (empty if it was good) and
	// duration.
	Request(backend string, operation Operation, class fault.Class, took time.Duration)
	// Spared tells how many reads one read saved because it was wanted more than once.
	Spared(backend string, reads int)
	// Throttled tells that reads wait for the rate limit or for a Retry-After, how long.
	Throttled(backend string, wait time.Duration)
	// Breaker tells that the breaker of a backend opened or closed.
	Breaker(backend string, state BreakerState)
}

// Operation is what a backend was asked for.
type Operation string

// The operations.
const (
	// OperationRead reads an entry.
	OperationRead Operation = "read"
	// OperationProbe finds out whether the backend answers and accepts the identity.
	OperationProbe Operation = "probe"
	// OperationProve finds out whether what holds a missing entry is there.
	OperationProve Operation = "prove"
	// OperationList lists the versions of an entry.
	OperationList Operation = "list"
	// OperationFind lists the entries in a folder.
	OperationFind Operation = "find"
)

// NopObserver is an Observer that counts nothing.
type NopObserver struct{}

var _ Observer = NopObserver{}

// Request does nothing.
func (NopObserver) Request(string, Operation, fault.Class, time.Duration) {}

// Spared does nothing.
func (NopObserver) Spared(string, int) {}

// Throttled does nothing.
func (NopObserver) Throttled(string, time.Duration) {}

// Breaker does nothing.
func (NopObserver) Breaker(string, BreakerState) {}
