// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"regexp"
	"slices"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Name is the provider's name in a backend.Registry.
const Name = "infisical"

var _ backend.Provider = &Provider{}

// Provider opens Infisical backends.
type Provider struct {
	pools    remote.Pools
	refusals refusals
	turns    turns
}

// New returns a Provider.
func New() *Provider { return &Provider{} }

// Capabilities are those of every Infisical.
func (p *Provider) Capabilities() backend.Capabilities { return capabilities() }

func capabilities() backend.Capabilities {
	return backend.Capabilities{backend.ContainerProof, backend.FieldProof, backend.Listing, backend.ValueVersions}
}

// Open returns a backend for the configuration, without a network request. Errors:
// InvalidSpec, naming the field.
func (p *Provider) Open(cfg backend.Config) (backend.Backend, error) {
	spec := cfg.Spec.Infisical
	if spec == nil {
		return nil, invalid("spec.infisical: absent, but the backend is opened as one")
	}
	if err := check(spec, cfg.Guarded); err != nil {
		return nil, err
	}
	m, err := newMethod(cfg)
	if err != nil {
		return nil, err
	}
	c, err := p.pools.Open(serverOf(cfg))
	if err != nil {
		return nil, err //nolint:wrapcheck // classed and complete
	}
	return p.assemble(cfg, m, c), nil
}

func (p *Provider) assemble(cfg backend.Config, m method, c *remote.Client) *infisical {
	spec := cfg.Spec.Infisical
	client := &client{remote: c}
	return &infisical{
		client:   client,
		identity: newIdentity(client, m, cfg, p),
		project:  newProject(spec, cfg.Clock),
		selection: selection{
			environment: spec.Environment,
			recursive:   spec.RecursiveOrDefault(),
			imports:     spec.IncludeImportsOrDefault(),
			tags:        slices.Sorted(slices.Values(spec.Tags)),
			expand:      !cfg.Guarded && (spec.ExpandReferences == nil || *spec.ExpandReferences),
			guarded:     cfg.Guarded,
			literal:     spec.ExpandReferences != nil && !*spec.ExpandReferences,
		},
	}
}

// serverOf says how the server of a configuration is reached.
func serverOf(cfg backend.Config) remote.Server {
	spec, observer := cfg.Spec.Infisical, cfg.ObserverOrNop()
	return remote.Server{
		Name: "Infisical", Field: "spec.infisical", Address: spec.Address, TLS: spec.TLS,
		Timeout: cfg.Spec.Limits.TimeoutOrDefault(), Network: remote.Network(cfg.Network),
		Secrets: cfg.Credentials, Namespace: cfg.CredentialNamespace, Clock: cfg.Clock,
		CertificateEnds: func(at time.Time) { observer.CredentialEnds(backend.CredentialClientCertificate, at) },
	}
}

// name matches what identifies a project, an environment, a tag or an identity.
var name = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// check repeats what the CRD's rules say, for those who do not pass them.
func check(spec *v1alpha1.InfisicalBackend, guarded bool) error {
	switch {
	case (spec.ProjectID == "") == (spec.ProjectSlug == ""):
		return invalid("spec.infisical: give exactly one of projectID and projectSlug")
	case !name.MatchString(spec.ProjectID + spec.ProjectSlug):
		return invalid("spec.infisical: projectID and projectSlug consist of letters, digits, - and _")
	case !name.MatchString(spec.Environment):
		return invalid("spec.infisical.environment: the slug of an environment, as in prod, is valid")
	case slices.ContainsFunc(spec.Tags, func(tag string) bool { return !name.MatchString(tag) }):
		return invalid("spec.infisical.tags: slugs of tags are valid")
	case guarded && spec.ExpandReferences != nil && *spec.ExpandReferences:
		return invalid("spec.infisical.expandReferences: must not be true on a ClusterSecretBackend, because a reference could reach what no path of spec.allow.paths does")
	}
	return nil
}

func invalid(text string) *fault.Error {
	return fault.New(fault.InvalidSpec, "InvalidBackend", "%s", text)
}
