// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of errors, beside those of packages backend and remote.
const (
	ReasonEngineUpgrading   = "EngineUpgrading"
	ReasonNotInitialized    = "NotInitialized"
	ReasonReplicationLag    = "ReplicationLag"
	ReasonSealed            = "Sealed"
	ReasonStandby           = "Standby"
	ReasonKVVersionUnknown  = "KVVersionUnknown"
	ReasonKVVersionMismatch = "KVVersionMismatch"
)

// statusFault classes the answers that mean the same for every request. It returns nil for
// the others: 200, 204, and in Vault's form 400, 403, 404 and 405.
func (a *answer) statusFault() error {
	switch s := a.Status; {
	case s == 200, s == 204:
		return nil
	case s == 400, s == 403, s == 404, s == 405:
		return a.formFault()
	case s == 429:
		return fault.New(fault.Throttled, remote.ReasonThrottled, "Vault asks for fewer requests (HTTP 429)").After(a.Wait())
	case s == 412:
		return remote.Unavailable(ReasonReplicationLag, "this Vault node lags behind the active one (HTTP 412)").After(a.Wait())
	case s == 472, s == 473:
		return remote.Unavailable(ReasonStandby, "this Vault node is a secondary or standby (HTTP %d)", s).After(a.Wait())
	case s == 501:
		return remote.Unavailable(ReasonNotInitialized, "Vault is not initialized (HTTP 501)").After(a.Wait())
	case s == 503:
		return a.outage()
	case s >= 300 && s < 400:
		return remote.Unavailable(remote.ReasonRedirected, "Vault answers with a redirect (HTTP %d), and none is followed: spec.vault.address must name the active node or a load balancer", s)
	default:
		return remote.Unavailable(remote.ReasonServerError, "Vault answers HTTP %d", s).After(a.Wait())
	}
}

// formFault refuses an answer that something else than Vault gave.
func (a *answer) formFault() error {
	switch {
	case a.IsJSON():
		return nil
	case bytes.Contains(a.Body, []byte("HTTP request to an HTTPS server")):
		return remote.Unavailable(remote.ReasonTLSFailed, "the server speaks TLS, but spec.vault.address begins with http:")
	}
	return unreadable(fmt.Sprintf("HTTP %d, and not the JSON that was expected", a.Status))
}

// outage tells the kinds of HTTP 503 apart.
func (a *answer) outage() error {
	switch {
	case a.says("Vault is sealed"), a.says("OpenBao is sealed"):
		return remote.Unavailable(ReasonSealed, "Vault is sealed (HTTP 503)").After(a.Wait())
	case a.says("not initialized"):
		return remote.Unavailable(ReasonNotInitialized, "Vault is not initialized (HTTP 503)").After(a.Wait())
	case a.says("node is not active"), a.says("no active Vault instance"):
		return remote.Unavailable(ReasonStandby, "Vault has no active node (HTTP 503)").After(a.Wait())
	}
	return remote.Unavailable(remote.ReasonServerError, "Vault answers HTTP 503").After(a.Wait())
}

// unreadable is the error for an answer that is not what was asked for.
func unreadable(what string) error {
	return remote.Unavailable(remote.ReasonUnreadableAnswer, "unreadable answer from Vault: %s", what)
}

// says reports whether one of the answer's error texts contains part. The texts
// themselves never leave the package.
func (a *answer) says(part string) bool {
	for _, text := range a.texts() {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
