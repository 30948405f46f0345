// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"errors"
	"net"
	"net/netip"
	"testing"
)

func TestGuard(t *testing.T) {
	cases := map[string]string{
		"10.0.0.1": "", "192.168.1.1": "", "172.16.0.1": "", "8.8.8.8": "", "100.64.0.1": "",
		"2001:db8::1": "", "fd00::1": "", "::ffff:10.0.0.1": "", "64:ff9b::a00:1": "",
		"127.0.0.1": "loopback", "127.255.255.255": "loopback", "::1": "loopback", "::ffff:127.0.0.1": "loopback",
		"0.0.0.0": "unspecified", "0.1.2.3": "unspecified", "::": "unspecified",
		"169.254.169.254": "metadata", "fd00:ec2::254": "metadata", "100.100.100.200": "metadata",
		"168.63.129.16": "metadata", "192.0.0.192": "metadata", "fd20:ce::254": "metadata",
		"::ffff:169.254.169.254": "metadata",
		"169.254.0.1":            "link-local", "fe80::1": "link-local", "fe80::1%eth0": "link-local", "febf::1": "link-local",
		"224.0.0.1": "multicast", "ff02::1": "multicast", "255.255.255.255": "multicast",
		"64:ff9b::7f00:1": "loopback", "64:ff9b::a9fe:a9fe": "metadata", "2002:7f00:1::1": "loopback", "2002:a9fe:a9fe::": "metadata",
	}
	for address, kind := range cases {
		t.Run(address, func(t *testing.T) {
			addr := netip.MustParseAddr(address)
			err := newGuard(Network{}).control("tcp", netip.AddrPortFrom(addr, 443).String(), nil)
			var refused *refusedAddressError
			if errors.As(err, &refused) != (kind != "") || err != nil && refused.kind != kind {
				t.Errorf("want kind %q, got %v", kind, err)
			}
		})
	}
}

func TestGuardAllowsRanges(t *testing.T) {
	guard := newGuard(Network{AllowedCIDRs: cidrs(t, "127.0.0.0/8", "169.254.10.0/24", "fe80::/64")})
	for address, allowed := range map[string]bool{
		"127.0.0.1": true, "::ffff:127.0.0.1": true, "169.254.10.1": true, "fe80::1%eth0": true,
		"::1": false, "169.254.169.254": false, "fe80:0:0:1::1": false,
	} {
		if err := guard.check(netip.MustParseAddr(address)); (err == nil) != allowed {
			t.Errorf("%s: want allowed %t, got %v", address, allowed, err)
		}
	}
	if err := guard.control("tcp", "no address", nil); err == nil {
		t.Error("want what is no address refused")
	}
}

func cidrs(t *testing.T, texts ...string) []*net.IPNet {
	t.Helper()
	var out []*net.IPNet
	for _, text := range texts {
		_, n, err := net.ParseCIDR(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}
