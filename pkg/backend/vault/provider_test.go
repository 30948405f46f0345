// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/fault"
)

func TestOpenChecksTheSpec(t *testing.T) {
	ref := &v1alpha1.SecretKeyRef{Name: "a", Key: "b"}
	cases := map[string]struct {
		change  func(*v1alpha1.VaultBackend)
		network backend.Network
		mention string
	}{
		"Fine":             {},
		"FineInDepth":      {change: func(v *v1alpha1.VaultBackend) { v.Mount, v.Namespace, v.Auth.Mount = "a/b", "c/d", "e/f" }},
		"Slash":            {change: func(v *v1alpha1.VaultBackend) { v.Address += "/" }},
		"NoScheme":         {change: func(v *v1alpha1.VaultBackend) { v.Address = "vault:8200" }, mention: "spec.vault.address"},
		"NoHost":           {change: func(v *v1alpha1.VaultBackend) { v.Address = "https://" }, mention: "spec.vault.address"},
		"OtherScheme":      {change: func(v *v1alpha1.VaultBackend) { v.Address = "unix://socket" }, mention: "spec.vault.address"},
		"Path":             {change: func(v *v1alpha1.VaultBackend) { v.Address += "/v1" }, mention: "spec.vault.address"},
		"Query":            {change: func(v *v1alpha1.VaultBackend) { v.Address += "?a=b" }, mention: "spec.vault.address"},
		"Fragment":         {change: func(v *v1alpha1.VaultBackend) { v.Address += "#a" }, mention: "spec.vault.address"},
		"UserInfo":         {change: func(v *v1alpha1.VaultBackend) { v.Address = "https://a:" + backendtest.Kept + "@vault" }, mention: "spec.vault.address"},
		"Unparsable":       {change: func(v *v1alpha1.VaultBackend) { v.Address = "https://%zz" }, mention: "spec.vault.address"},
		"HTTP":             {change: func(v *v1alpha1.VaultBackend) { v.Address = "http://vault:8200" }, mention: "--allow-http"},
		"HTTPAllowed":      {change: func(v *v1alpha1.VaultBackend) { v.Address = "http://vault:8200" }, network: backend.Network{AllowHTTP: true}},
		"Loopback":         {change: func(v *v1alpha1.VaultBackend) { v.Address = "https://127.0.0.1:8200" }, mention: "--allowed-backend-cidrs"},
		"LoopbackIPv6":     {change: func(v *v1alpha1.VaultBackend) { v.Address = "https://[::1]:8200" }, mention: "loopback"},
		"Metadata":         {change: func(v *v1alpha1.VaultBackend) { v.Address = "https://169.254.169.254" }, mention: "metadata"},
		"LoopbackAllowed":  {change: func(v *v1alpha1.VaultBackend) { v.Address = "https://127.0.0.1:8200" }, network: backend.Network{AllowedCIDRs: loopback()}},
		"MountDots":        {change: func(v *v1alpha1.VaultBackend) { v.Mount = "../sys" }, mention: "spec.vault.mount"},
		"MountSlashes":     {change: func(v *v1alpha1.VaultBackend) { v.Mount = "secret/" }, mention: "spec.vault.mount"},
		"MountPercent":     {change: func(v *v1alpha1.VaultBackend) { v.Mount = "a%2fb" }, mention: "spec.vault.mount"},
		"Namespace":        {change: func(v *v1alpha1.VaultBackend) { v.Namespace = "a\r\nX-Evil: b" }, mention: "spec.vault.namespace"},
		"AuthMount":        {change: func(v *v1alpha1.VaultBackend) { v.Auth.Mount = "a?b" }, mention: "spec.vault.auth.mount"},
		"AuthNamespace":    {change: func(v *v1alpha1.VaultBackend) { v.Auth.Namespace = "/" }, mention: "spec.vault.auth.namespace"},
		"NoMethod":         {change: func(v *v1alpha1.VaultBackend) { v.Auth = v1alpha1.VaultAuth{} }, mention: "spec.vault.auth: give exactly one"},
		"TwoMethods":       {change: func(v *v1alpha1.VaultBackend) { v.Auth.Token = &v1alpha1.VaultTokenAuth{SecretRef: *ref} }, mention: "spec.vault.auth: give exactly one"},
		"JWTOfNothing":     {change: func(v *v1alpha1.VaultBackend) { v.Auth = v1alpha1.VaultAuth{JWT: &v1alpha1.VaultJWTAuth{}} }, mention: "spec.vault.auth.jwt"},
		"TwoCAs":           {change: func(v *v1alpha1.VaultBackend) { v.TLS = v1alpha1.TLS{CABundle: "x", CARef: ref} }, mention: "spec.vault.tls"},
		"BundleWithoutPEM": {change: func(v *v1alpha1.VaultBackend) { v.TLS.CABundle = backendtest.Kept }, mention: "spec.vault.tls.caBundle"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			cfg := overNetwork("https://vault.corp:8200")
			cfg.Network = tc.network
			if tc.change != nil {
				tc.change(cfg.Spec.Vault)
			}
			_, err := New().Open(cfg)
			if tc.mention == "" {
				want(t, err, "", "")
				return
			}
			want(t, err, fault.InvalidSpec, "InvalidBackend")
			if !strings.Contains(err.Error(), tc.mention) {
				t.Errorf("want a message with %q, got %q", tc.mention, err)
			}
		})
	}
}

func TestOpenOfAnotherProvider(t *testing.T) {
	_, err := New().Open(backend.Config{})
	want(t, err, fault.InvalidSpec, "InvalidBackend")
}
