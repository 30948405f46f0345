// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
)

func TestTransportReason(t *testing.T) {
	const quoted = "what-the-server-sent"
	cases := map[string]struct {
		err    error
		reason string
	}{
		"NoSuchHost":  {err: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "vault", IsNotFound: true}}, reason: ReasonNameNotResolved},
		"SlowDNS":     {err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}, reason: ReasonTimeout},
		"Refused":     {err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, reason: ReasonConnectionRefused},
		"Reset":       {err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}, reason: ReasonConnectionReset},
		"BrokenPipe":  {err: syscall.EPIPE, reason: ReasonConnectionReset},
		"EOF":         {err: io.EOF, reason: ReasonConnectionReset},
		"Truncated":   {err: io.ErrUnexpectedEOF, reason: ReasonConnectionReset},
		"Deadline":    {err: context.DeadlineExceeded, reason: ReasonTimeout},
		"Closed":      {err: &net.OpError{Op: "read", Err: net.ErrClosed}, reason: ReasonConnectionReset},
		"NewConnLost": {err: errors.New("http2: client conn could not be established"), reason: ReasonConnectionReset},
		"OldConnLost": {err: errors.New("http2: client connection lost"), reason: ReasonConnectionReset},
		"GoesAway":    {err: errors.New("http2: server sent GOAWAY and closed the connection"), reason: ReasonConnectionReset},
		"StreamReset": {err: errors.New("stream error: stream ID 1; INTERNAL_ERROR; received from peer"), reason: ReasonConnectionReset},
		"IdleClosed":  {err: errors.New("http: server closed idle connection"), reason: ReasonConnectionReset},
		"NoRoute":     {err: &net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}, reason: ReasonUnreachable},
		"Else":        {err: errors.New("malformed HTTP response " + quoted), reason: ReasonUnreachable},
		"RefusedAddr": {err: &net.OpError{Op: "dial", Err: &refusedAddressError{kind: "loopback"}}, reason: ReasonAddressRefused},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			reason, what := (Server{Field: "spec.vault"}).transportReason(fmt.Errorf("Get: %w", tc.err))
			if reason != tc.reason || what == "" {
				t.Errorf("want %s and a text, got %s and %q", tc.reason, reason, what)
			}
			if strings.Contains(what, quoted) {
				t.Error("want nothing quoted of what the server sent")
			}
		})
	}
}
