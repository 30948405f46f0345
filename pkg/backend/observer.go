// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"time"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Observer is told what a backend does besides what it is asked for, so that it can be
// counted. Its methods return at once and are safe for concurrent use.
type Observer interface {
	// Login tells of a login that ended: its class (empty if it was good) and duration.
	Login(class fault.Class, took time.Duration)
	// CredentialEnds tells when a credential expires that a person has to replace; the zero
	// time says that it does not expire.
	CredentialEnds(credential Credential, at time.Time)
}

// Credential names a kind of credential that a person made and has to replace.
type Credential string

// The credentials of which it can be known when they expire.
const (
	CredentialToken             Credential = "Token"
	CredentialJWT               Credential = "JWT"
	CredentialClientCertificate Credential = "ClientCertificate"
)

// NopObserver is an Observer that counts nothing.
type NopObserver struct{}

var _ Observer = NopObserver{}

// Login does nothing.
func (NopObserver) Login(fault.Class, time.Duration) {}

// CredentialEnds does nothing.
func (NopObserver) CredentialEnds(Credential, time.Time) {}
