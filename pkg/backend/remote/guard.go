// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// Network is what the operator's flags allow a connection to do.
type Network struct {
	// AllowHTTP permits http:// addresses.
	AllowHTTP bool
	// AllowedCIDRs permits link-local, loopback and metadata addresses within these ranges.
	AllowedCIDRs []*net.IPNet
}

// guard decides, after name resolution, which addresses may be connected to. It refuses
// those that only ever mean this machine, this link or a cloud's metadata service: a
// tenant who may write a backend's address must not reach them through the operator.
type guard struct{ allowed []*net.IPNet }

func newGuard(network Network) guard { return guard{allowed: network.AllowedCIDRs} }

// refusedAddressError says why an address is not connected to.
type refusedAddressError struct {
	addr netip.Addr
	kind string
}

func (e *refusedAddressError) Error() string {
	return fmt.Sprintf("%s is a %s address", e.addr, e.kind)
}

// control is a net.Dialer's Control: it sees the address that is about to be connected to.
func (g guard) control(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &refusedAddressError{kind: "malformed"}
	}
	return g.check(ap.Addr())
}

// check returns a *refusedAddressError, or nil if the address may be connected to.
func (g guard) check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	for _, n := range g.allowed {
		if n.Contains(addr.AsSlice()) {
			return nil
		}
	}
	if kind := refusedKind(addr); kind != "" {
		return &refusedAddressError{addr: addr, kind: kind}
	}
	return nil
}

// refusedKind names the kind of a refused address, or returns "".
func refusedKind(addr netip.Addr) string {
	switch {
	case addr.IsLoopback():
		return "loopback"
	case addr.IsUnspecified(), inPrefix(addr, "0.0.0.0/8"):
		return "unspecified"
	case isMetadata(addr):
		return "metadata"
	case addr.IsLinkLocalUnicast():
		return "link-local"
	case addr.IsMulticast(), inPrefix(addr, "255.255.255.255/32"):
		return "multicast"
	}
	if inner, ok := embedded(addr); ok {
		return refusedKind(inner)
	}
	return ""
}

// isMetadata reports whether a cloud serves its instance metadata or agent there: the
// well-known link-local one, AWS (IPv6), Google (IPv6), Alibaba, Azure's wire server, Oracle.
func isMetadata(addr netip.Addr) bool {
	switch addr.String() {
	case "169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192":
		return true
	}
	return false
}

// embedded returns the IPv4 address that a translator (NAT64, 6to4) would connect to.
func embedded(addr netip.Addr) (netip.Addr, bool) {
	b := addr.As16()
	switch {
	case inPrefix(addr, "64:ff9b::/96"):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case inPrefix(addr, "2002::/16"):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}

func inPrefix(addr netip.Addr, prefix string) bool {
	return netip.MustParsePrefix(prefix).Contains(addr)
}
