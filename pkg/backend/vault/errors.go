// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of Unavailable and Denied errors, beside those of package backend.
const (
	ReasonAddressRefused     = "AddressRefused"
	ReasonAnswerTooLarge     = "AnswerTooLarge"
	ReasonCancelled          = "Cancelled"
	ReasonClosed             = "Closed"
	ReasonConnectionRefused  = "ConnectionRefused"
	ReasonConnectionReset    = "ConnectionReset"
	ReasonEngineUpgrading    = "EngineUpgrading"
	ReasonLoginDenied        = "LoginDenied"
	ReasonNameNotResolved    = "NameNotResolved"
	ReasonNotInitialized     = "NotInitialized"
	ReasonPermissionDenied   = "PermissionDenied"
	ReasonRedirected         = "Redirected"
	ReasonReplicationLag     = "ReplicationLag"
	ReasonRequestRefused     = "RequestRefused"
	ReasonSealed             = "Sealed"
	ReasonServerError        = "ServerError"
	ReasonStandby            = "Standby"
	ReasonThrottled          = "Throttled"
	ReasonTimeout            = "Timeout"
	ReasonTLSClientRefused   = "TLSClientRefused"
	ReasonTLSExpired         = "TLSExpired"
	ReasonTLSFailed          = "TLSFailed"
	ReasonTLSUntrusted       = "TLSUntrusted"
	ReasonTLSWrongName       = "TLSWrongName"
	ReasonTokenInvalid       = "TokenInvalid"
	ReasonUnexpectedVersion  = "UnexpectedVersion"
	ReasonUnreachable        = "Unreachable"
	ReasonUnreadableAnswer   = "UnreadableAnswer"
	ReasonKVVersionUnknown   = "KVVersionUnknown"
	ReasonKVVersionMismatch  = "KVVersionMismatch"
	ReasonVersionUnsupported = "VersionUnsupported"
)

func unavailable(reason, format string, args ...any) *fault.Error {
	return fault.New(fault.Unavailable, reason, format, args...)
}

// within prefixes the message of a classed error with where it comes from.
func within(where string, err error) error {
	f := fault.As(err)
	if f == nil {
		return unavailable(ReasonUnreachable, "%s: cannot be read", where)
	}
	return fault.New(f.Class, f.Reason, "%s: %s", where, f.Message).After(f.RetryAfter)
}

// transportFault classes an error of the connection. Its text is dropped: an HTTP client
// quotes what the server sent.
func (c *client) transportFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	if f := fault.As(err); f != nil {
		return f
	}
	reason, what := transportReason(err)
	return unavailable(reason, "Vault at %q: %s", c.address.Host, what)
}

// cancelled explains a request that was given up by whoever made it, which is how the
// poller keeps spec.limits.timeout.
func cancelled(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return unavailable(ReasonTimeout, "no answer within spec.limits.timeout").Because(ctx.Err())
	}
	return unavailable(ReasonCancelled, "the request was given up").Because(ctx.Err())
}

// transportReason returns a reason and a stable text for an error of the connection.
func transportReason(err error) (reason, what string) {
	if refused, ok := errors.AsType[*refusedAddressError](err); ok {
		return ReasonAddressRefused, "its name means " + refused.Error() + "; the operator's flag --allowed-backend-cidrs permits ranges"
	}
	if reason, what := tlsReason(err); reason != "" {
		return reason, what
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && !dns.IsTimeout {
		return ReasonNameNotResolved, "the name does not resolve"
	}
	if netErr, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && netErr.Timeout() {
		return ReasonTimeout, "no answer within spec.limits.timeout"
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return ReasonConnectionRefused, "the connection is refused"
	case broke(err):
		return ReasonConnectionReset, "the connection broke before the answer was complete"
	}
	return ReasonUnreachable, "it cannot be reached"
}

// broke reports whether a connection that was there ended too soon.
func broke(err error) bool {
	for _, end := range []error{syscall.ECONNRESET, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, end) {
			return true
		}
	}
	// What net/http does not export, of a kept connection and of HTTP/2.
	for _, text := range []string{"server closed idle connection", "http2: client conn", "GOAWAY", "stream error:"} {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}

// tlsReason returns a reason and a stable text if the handshake failed, else "".
func tlsReason(err error) (reason, what string) {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return ReasonTLSUntrusted, "its certificate is signed by nobody trusted; spec.vault.tls.caBundle or caRef says whom to trust"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return ReasonTLSWrongName, "its certificate is for another name; spec.vault.tls.serverName says which name to expect"
	}
	if bad, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if bad.Reason == x509.Expired {
			return ReasonTLSExpired, "its certificate has expired or is not valid yet"
		}
		return ReasonTLSUntrusted, "its certificate is not valid"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return ReasonTLSUntrusted, "its certificate is not valid"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return ReasonTLSFailed, "it does not speak TLS"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		// The text is crypto/tls's own, of the alert's number.
		if strings.Contains(op.Err.Error(), "version") {
			return ReasonTLSFailed, "it does not speak TLS 1.2 or later"
		}
		return ReasonTLSClientRefused, "it refused the TLS handshake: it may want a client certificate, or another one than spec.vault.tls.clientCertRef gives"
	}
	return "", ""
}

// statusFault classes the answers that mean the same for every request. It returns nil for
// the others: 200, 204, and in Vault's form 400, 403, 404 and 405.
func (a *answer) statusFault() error {
	switch s := a.status; {
	case s == 200, s == 204:
		return nil
	case s == 400, s == 403, s == 404, s == 405:
		return a.formFault()
	case s == 429:
		return fault.New(fault.Throttled, ReasonThrottled, "Vault asks for fewer requests (HTTP 429)").After(a.wait())
	case s == 412:
		return unavailable(ReasonReplicationLag, "this Vault node lags behind the active one (HTTP 412)").After(a.wait())
	case s == 472, s == 473:
		return unavailable(ReasonStandby, "this Vault node is a secondary or standby (HTTP %d)", s).After(a.wait())
	case s == 501:
		return unavailable(ReasonNotInitialized, "Vault is not initialized (HTTP 501)").After(a.wait())
	case s == 503:
		return a.outage()
	case s >= 300 && s < 400:
		return unavailable(ReasonRedirected, "Vault answers with a redirect (HTTP %d), and none is followed: spec.vault.address must name the active node or a load balancer", s)
	default:
		return unavailable(ReasonServerError, "Vault answers HTTP %d", s).After(a.wait())
	}
}

// formFault refuses an answer that something else than Vault gave.
func (a *answer) formFault() error {
	switch {
	case a.isVault():
		return nil
	case bytes.Contains(a.body, []byte("HTTP request to an HTTPS server")):
		return unavailable(ReasonTLSFailed, "the server speaks TLS, but spec.vault.address begins with http:")
	}
	return unreadable(fmt.Sprintf("HTTP %d, and not the JSON that was expected", a.status))
}

// outage tells the kinds of HTTP 503 apart.
func (a *answer) outage() error {
	switch {
	case a.says("Vault is sealed"), a.says("OpenBao is sealed"):
		return unavailable(ReasonSealed, "Vault is sealed (HTTP 503)").After(a.wait())
	case a.says("not initialized"):
		return unavailable(ReasonNotInitialized, "Vault is not initialized (HTTP 503)").After(a.wait())
	case a.says("node is not active"), a.says("no active Vault instance"):
		return unavailable(ReasonStandby, "Vault has no active node (HTTP 503)").After(a.wait())
	}
	return unavailable(ReasonServerError, "Vault answers HTTP 503").After(a.wait())
}

// unreadable is the error for an answer that is not what was asked for.
func unreadable(what string) error {
	return unavailable(ReasonUnreadableAnswer, "unreadable answer from Vault: %s", what)
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
