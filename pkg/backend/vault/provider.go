// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Name is the provider's name in a backend.Registry.
const Name = "vault"

var _ backend.Provider = &Provider{}

// Provider opens Vault backends.
type Provider struct{ pools remote.Pools }

// New returns a Provider.
func New() *Provider { return &Provider{} }

// Capabilities are those of every KV secrets engine.
func (p *Provider) Capabilities() backend.Capabilities {
	return backend.Capabilities{backend.ContainerProof, backend.Listing, backend.TypedValues}
}

// Open returns a backend for the configuration, without a network request. Errors:
// InvalidSpec, naming the field.
func (p *Provider) Open(cfg backend.Config) (backend.Backend, error) {
	spec := cfg.Spec.Vault
	if spec == nil {
		return nil, invalid("spec.vault: absent, but the backend is opened as one")
	}
	if err := checkPaths(spec); err != nil {
		return nil, err
	}
	method, err := newMethod(cfg)
	if err != nil {
		return nil, err
	}
	c, err := p.pools.Open(serverOf(cfg))
	if err != nil {
		return nil, err //nolint:wrapcheck // classed and complete
	}
	return p.assemble(cfg, method, &client{c}), nil
}

func (p *Provider) assemble(cfg backend.Config, m method, c *client) *vault {
	spec := cfg.Spec.Vault
	return &vault{
		client:    c,
		identity:  newIdentity(c, m, cfg),
		namespace: spec.Namespace,
		mount:     spec.MountOrDefault(),
		engine:    newEngine(spec.KVVersionOrDefault(), cfg.Clock),
		unedited:  cfg.Login != "",
	}
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
		if ref, err := backend.ParseRef(value, ""); err != nil || ref.IsRoot() {
			return invalid("%s %q: segments of [A-Za-z0-9_.@ -] separated by single slashes, none at the ends, are valid", field, value)
		}
	}
	return nil
}

func invalid(format string, args ...any) *fault.Error {
	return fault.New(fault.InvalidSpec, "InvalidBackend", format, args...)
}
