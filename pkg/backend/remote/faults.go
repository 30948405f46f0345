// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons that servers of every kind have in common.
const (
	ReasonAddressRefused     = "AddressRefused"
	ReasonAnswerTooLarge     = "AnswerTooLarge"
	ReasonCancelled          = "Cancelled"
	ReasonClosed             = "Closed"
	ReasonInvalidBackend     = "InvalidBackend"
	ReasonConnectionRefused  = "ConnectionRefused"
	ReasonConnectionReset    = "ConnectionReset"
	ReasonLoginDenied        = "LoginDenied"
	ReasonNameNotResolved    = "NameNotResolved"
	ReasonPermissionDenied   = "PermissionDenied"
	ReasonRedirected         = "Redirected"
	ReasonRequestRefused     = "RequestRefused"
	ReasonServerError        = "ServerError"
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
	ReasonVersionUnsupported = "VersionUnsupported"
)

// Unavailable returns an error of that class.
func Unavailable(reason, format string, args ...any) *fault.Error {
	return fault.New(fault.Unavailable, reason, format, args...)
}

// Within prefixes the message of a classed error with where it comes from.
func Within(where string, err error) error {
	f := fault.As(err)
	if f == nil {
		return Unavailable(ReasonUnreachable, "%s: cannot be read", where)
	}
	return fault.New(f.Class, f.Reason, "%s: %s", where, f.Message).After(f.RetryAfter)
}

// transportFault classes an error of the connection. Its text is dropped: an HTTP client
// quotes what the server sent.
func (c *Client) transportFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return Cancelled(ctx)
	}
	if f := fault.As(err); f != nil {
		return f
	}
	reason, what := c.server.transportReason(err)
	return Unavailable(reason, "%s at %q: %s", c.server.Name, c.url.Host, what)
}

// Cancelled explains a request that was given up by whoever made it, which is how the
// poller keeps spec.limits.timeout.
func Cancelled(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return Unavailable(ReasonTimeout, "no answer within spec.limits.timeout").Because(ctx.Err())
	}
	return Unavailable(ReasonCancelled, "the request was given up").Because(ctx.Err())
}

// transportReason returns a reason and a stable text for an error of the connection.
func (s Server) transportReason(err error) (reason, what string) {
	if refused, ok := errors.AsType[*refusedAddressError](err); ok {
		return ReasonAddressRefused, "its name means " + refused.Error() + "; the operator's flag --allowed-backend-cidrs permits ranges"
	}
	if reason, what := s.tlsReason(err); reason != "" {
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
func (s Server) tlsReason(err error) (reason, what string) {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return ReasonTLSUntrusted, "its certificate is signed by nobody trusted; " + s.Field + ".tls.caBundle or caRef says whom to trust"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return ReasonTLSWrongName, "its certificate is for another name; " + s.Field + ".tls.serverName says which name to expect"
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
		return ReasonTLSClientRefused, "it refused the TLS handshake: it may want a client certificate, or another one than " + s.Field + ".tls.clientCertRef gives"
	}
	return "", ""
}
