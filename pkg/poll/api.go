// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/backend"
)

// Source is a backend under one identity.
type Source struct {
	// Backend is the key of the backend object, such as "ClusterSecretBackend/vault".
	// Limits, breaker and health are shared by all sources with it.
	Backend string
	// Identity is the key of the identity within the backend. Sources of equal Backend
	// and Identity share connection and login, so whatever changes those changes it.
	Identity string
	// Limits apply to the backend as a whole; the latest subscription's are used.
	Limits Limits
	// Can is what the source's backend can do, whatever it turns out to be.
	Can backend.Capabilities
	// Open returns the backend. It is called once when first needed and makes no network
	// request; the backend is closed when nobody is subscribed any more. Its error is the
	// result of every entry of the source until Kick or another epoch has it tried again.
	Open func() (backend.Backend, error)
}

// Limits say how a backend may be read.
type Limits struct {
	// ReadsPerSecond is the rate of reads; 0 is no limit.
	ReadsPerSecond int
	// Burst is how many reads may be made at once after a rest; at least 1.
	Burst int
	// Timeout bounds one read; 0 is 10 s.
	Timeout time.Duration
	// MinInterval is the shortest interval; subscriptions with a shorter one get this.
	MinInterval time.Duration
}

// Want is one entry that a subscriber wants.
type Want struct {
	// Source is where the entry is.
	Source Source
	// Find says that Ref names a folder, whose entries are wanted as they come and go. Known is of
	// no use then, and Takes speaks of what is found.
	Find *Find
	// Ref names the entry in it. The zero Ref names none: the backend is probed in place of
	// a read, under the same login as the reads.
	Ref backend.EntryRef
	// Known are fields that the entry had when it was last taken. One that is there no more, or
	// comes from another place, is proven to be gone, where the backend can
	// (backend.FieldProver), before an entry without it counts as read. They are no part of
	// what is wanted and may change at any time.
	Known []backend.Field
	// Takes says which fields are taken whatever they are called, so that those of them which this
	// process read before are known as well; nil is none. It is called with the poller's lock held,
	// as Find.Choose is, and no part of what is wanted either.
	Takes func(field string) bool
}

// Subscription is what a subscriber wants.
type Subscription struct {
	// Epoch starts the subscriber anew when it differs from the epoch before.
	Epoch string
	// Interval is how often the entries are read; 0 is only on request. The first read,
	// and the retries of a failed one, are made all the same.
	Interval time.Duration
	// Wants are the entries, in the order of Snapshot.Results. Duplicates are allowed.
	Wants []Want
}

// Result is what is known of one wanted entry.
type Result struct {
	// Entry is valid if Err is nil. Its Fields and Values are given only if no result of the
	// snapshot failed. It is shared: callers must not change it.
	Entry backend.Entry
	// Err is why the last read failed, classed with pkg/fault.
	Err error
	// Versions are those that the backend has of the entry, destroyed ones apart; nil if
	// they were not looked at, or cannot be.
	Versions []string
	// Withheld are the fields that the subscriber took of the entry, that it no longer shows, and
	// that are not proven to be gone: Err says why of one of them. Forgo does without them.
	Withheld []backend.Field
	// LastGood is when this process last read the entry well; zero is never.
	LastGood time.Time
	// Gone says that the entry was found missing twice, one interval apart, with its
	// container proven alive both times.
	Gone bool
	// Names are those that a folder lists, relative to it. It is shared: callers must not change
	// it.
	Names []string
	// MassGone says that so many entries of the backend vanished at once that nobody
	// should act on Gone.
	MassGone bool
}

// Snapshot is the results of all entries of one subscriber. If none failed, there was a
// moment at which all of them held.
type Snapshot struct {
	// Seq names the snapshot for Ack.
	Seq uint64
	// Epoch is the subscription's.
	Epoch string
	// Request is the requested refresh that this snapshot answers, if any.
	Request string
	// At is when the last read of it ended.
	At time.Time
	// Changed says that it differs from what was acknowledged before; true for the first.
	Changed bool
	// Results are in the order of the wants, those of Found behind them. Callers must not change
	// them.
	Results []Result
	// Found are the entries that the wants with a Find have found and that are there, in the
	// order of the wants and of the names.
	Found []Found
}

// Options are what a Poller needs; each has a default.
type Options struct {
	// Clock tells the time; default the real one.
	Clock clock.WithTicker
	// Wake says that a subscriber has a new snapshot. It is called by one goroutine,
	// without a lock held, and holds up other wakes while it runs.
	Wake func(types.NamespacedName)
	// MaxInFlight bounds the reads in flight per backend; default 16.
	MaxInFlight int
	// MaxHeldBytes bounds the values kept for subscribers; at the bound no read starts
	// until some are acknowledged. Default 32 MiB.
	MaxHeldBytes int64
	// Observer counts what happens; default nobody.
	Observer Observer
}

// Defaults of Options and Limits.
const (
	DefaultMaxInFlight  = 16
	DefaultMaxHeldBytes = 32 << 20
	DefaultTimeout      = 10 * time.Second
)

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	if o.Wake == nil {
		o.Wake = func(types.NamespacedName) {}
	}
	if o.MaxInFlight <= 0 {
		o.MaxInFlight = DefaultMaxInFlight
	}
	if o.MaxHeldBytes <= 0 {
		o.MaxHeldBytes = DefaultMaxHeldBytes
	}
	if o.Observer == nil {
		o.Observer = NopObserver{}
	}
	return o
}
