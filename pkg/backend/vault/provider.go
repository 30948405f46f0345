// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Name is the provider's name in a backend.Registry.
const Name = "vault"

var _ backend.Provider = &Provider{}

// Provider opens Vault backends.
type Provider struct{ transports transports }

// New returns a Provider.
func New() *Provider { return &Provider{} }

// Open returns a backend for the configuration, without a network request. Errors:
// InvalidSpec, naming the field.
func (p *Provider) Open(cfg backend.Config) (backend.Backend, error) {
	spec := cfg.Spec.Vault
	if spec == nil {
		return nil, invalid("spec.vault: absent, but the backend is opened as one")
	}
	address, err := parseAddress(spec.Address, cfg.Network)
	if err != nil {
		return nil, err
	}
	if err := checkPaths(spec); err != nil {
		return nil, err
	}
	method, err := newMethod(cfg)
	if err != nil {
		return nil, err
	}
	trust, err := newTrust(cfg)
	if err != nil {
		return nil, err
	}
	pool, release := p.transports.acquire(cfg, trust)
	return p.assemble(cfg, method, newClient(address, cfg, pool, release)), nil
}

func (p *Provider) assemble(cfg backend.Config, m method, c *client) *vault {
	spec := cfg.Spec.Vault
	return &vault{
		client:    c,
		identity:  newIdentity(c, m, cfg),
		namespace: spec.Namespace,
		mount:     spec.MountOrDefault(),
		engine:    newEngine(spec.KVVersionOrDefault(), cfg.Clock),
	}
}

// parseAddress checks what the CRD's rules check too, for those who do not pass them, and
// what the operator's flags decide.
func parseAddress(address string, network backend.Network) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || !bare(u):
		return nil, invalid("spec.vault.address: scheme, host and port only, as in https://vault.corp:8200")
	case u.Scheme == "http" && !network.AllowHTTP:
		return nil, invalid("spec.vault.address: https only; the operator's flag --allow-http-backends permits http")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, invalid("spec.vault.address: scheme https is valid")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		if err := newGuard(network).check(ip); err != nil {
			return nil, invalid("spec.vault.address: %s; the operator's flag --allowed-backend-cidrs permits ranges", err)
		}
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// bare reports whether a URL is scheme, host and port alone.
func bare(u *url.URL) bool {
	return u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && strings.Trim(u.Path, "/") == ""
}

// checkPaths refuses mounts and namespaces that would change the shape of a request's path.
func checkPaths(spec *v1alpha1.VaultBackend) error {
	for field, value := range map[string]string{
		"spec.vault.mount":          spec.Mount,
		"spec.vault.namespace":      spec.Namespace,
		"spec.vault.auth.mount":     spec.Auth.Mount,
		"spec.vault.auth.namespace": spec.Auth.Namespace,
	} {
		if value == "" {
			continue
		}
		if _, err := backend.ParseRef(value, ""); err != nil {
			return invalid("%s %q: segments of [A-Za-z0-9_.@ -] separated by single slashes, none at the ends, are valid", field, value)
		}
	}
	return nil
}

func invalid(format string, args ...any) *fault.Error {
	return fault.New(fault.InvalidSpec, "InvalidBackend", format, args...)
}
