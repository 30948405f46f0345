// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"time"

	"github.com/secretsync/secretsync/test/infisical/access"
	"github.com/secretsync/secretsync/test/infisical/store"
)

// Behavior is what differs between servers, or is not certain of any. The zero value is the newest
// server whose source was read, without a licence.
type Behavior struct {
	// Store and Access are the switches of those packages.
	Store  store.Rules
	Access access.Rules
	// NoV4 answers 404 to every path of v4, as servers did before October 2025.
	NoV4 bool
	// EarlyV4 has v4 expand nothing and import nothing unless asked to, and ask for imports by
	// include_imports alone, as its first releases did.
	EarlyV4 bool
	// HashedETags computes every list and hashes the answer, as servers did before May 2026. Otherwise a
	// list is answered 304 from a cache before anything is read.
	HashedETags bool
	// ListETagsAlone gives no ETag to other answers than lists; otherwise every answer has one.
	ListETagsAlone bool
	// ForeignProjectIs404 answers NotFound to who is not in a project; otherwise 403.
	ForeignProjectIs404 bool
	// UnknownProjectIs403 answers about a project that does not exist as about one that the caller is
	// not in; otherwise 404.
	UnknownProjectIs403 bool
	// VersionsForIdentities lets identities list the versions of a secret that they may read, as no
	// server that was read does; otherwise people alone may.
	VersionsForIdentities bool
	// InvalidIs400 answers 400 with fieldErrors to invalid requests, as Infisical's rewrite in Go does;
	// otherwise 422 with a list of issues.
	InvalidIs400 bool
	// NoRetryAfter leaves the headers out of a 429, so that only its text says when.
	NoRetryAfter bool
	// ApprovalRequired has writes of identities end in a request for approval.
	ApprovalRequired bool
	// Events is a licence for event subscriptions; otherwise they are refused with 400.
	Events bool
	// OldEvents has events named and shaped as at their first release.
	OldEvents bool
	// PingEvery is how often an event subscription shows that it lives; zero means 15 s.
	PingEvery time.Duration
	// EventChecks is how often the permission of a subscription is looked at again; zero means 60 s.
	EventChecks time.Duration
}

// OldServer is a server of the time before v4, with everything that was different then.
func OldServer() Behavior {
	return Behavior{
		Access:      access.Rules{TokensAreRows: true},
		NoV4:        true,
		HashedETags: true,
		OldEvents:   true,
	}
}

// NewServer is the newest server whose source was read.
func NewServer() Behavior { return Behavior{} }
