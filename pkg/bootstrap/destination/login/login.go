// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package login owns how the bootstrap helper passes its own credential, and its own network,
// to a backend, which otherwise reads Secrets and guards itself against tenants. It must not
// know a backend.
package login

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// The Secret that a backend is told to log in with. There is none: see Source.
const (
	Name = "login"
	Key  = "token"
)

// ReasonUnusable says that what should log in is nothing that any server takes. An InvalidSpec.
const ReasonUnusable = "NoUsableLogin"

// Credential returns what is logged in with.
type Credential func(context.Context) (sensitive.Value, error)

// Source answers with a credential, whatever Secret a backend asks for.
func Source(credential Credential) backend.CredentialSource { return &source{credential} }

type source struct{ credential Credential }

// SecretKey returns the credential. What no backend would take is told here, where it is known
// where it comes from.
func (s *source) SecretKey(ctx context.Context, _, _, _ string) (sensitive.Value, error) {
	value, err := s.credential(ctx)
	if err != nil {
		return sensitive.Value{}, err
	}
	text := strings.TrimSpace(string(value.Reveal()))
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, ReasonUnusable,
			"the token to log in with is empty or holds characters that no token has: run where an OIDC token of the run can be had, or give a token")
	}
	return sensitive.FromString(text), nil
}

// ServiceAccountToken is never asked for.
func (s *source) ServiceAccountToken(context.Context, string, string, string) (sensitive.Value, error) {
	return sensitive.Value{}, fault.New(fault.InvalidSpec, "NoServiceAccount", "the bootstrap helper has no ServiceAccount")
}

// Network allows every address, which is for whoever runs the helper to say, and http on this
// machine alone.
func Network(host string) backend.Network {
	ip, err := netip.ParseAddr(host)
	return backend.Network{
		AllowHTTP: host == "localhost" || err == nil && ip.IsLoopback(),
		AllowedCIDRs: []*net.IPNet{
			{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)},
			{IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)},
		},
	}
}
