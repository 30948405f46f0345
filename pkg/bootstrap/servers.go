// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"errors"
	"strings"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/infisical"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/kubernetes"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/vault"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of the errors of joining the parts.
const (
	// reasonNoPlace: there is no such place. InvalidSpec.
	reasonNoPlace = "UnknownPlace"
	// reasonNoLogin: nothing logs in, as is usual before the server exists. Unavailable.
	reasonNoLogin = "NoLogin"
)

// servers is what holds the places of an environment. Nothing is asked of a server before a
// place on it is looked at.
type servers struct {
	cluster *kubernetes.Cluster
	vault   *vault.Client
	// noVault is why there is no Vault to ask.
	noVault error
	// bare is the Vault without a login, which is enough to ask how far it is.
	bare *vault.Client

	infisical *infisical.Client
	// noInfisical is why there is no Infisical to ask.
	noInfisical error
}

// close gives back what was logged in to.
func (s *servers) close(ctx context.Context) error {
	var failed []error
	for _, client := range []*vault.Client{s.vault, s.bare} {
		if client != nil {
			failed = append(failed, client.Close(context.WithoutCancel(ctx)))
		}
	}
	if s.infisical != nil {
		failed = append(failed, s.infisical.Close(context.WithoutCancel(ctx)))
	}
	return errors.Join(failed...)
}

// place returns the place of a destination without placeholders.
func (s *servers) place(d plan.Destination) (destination.Removable, error) {
	switch d.Place() {
	case plan.KubernetesSecret:
		namespace, name := plan.Namespaced(d.KubernetesSecret)
		return s.cluster.Secret(kubernetes.Place{Namespace: namespace, Name: name, Key: d.Key, Type: d.Type, Credential: d.Credential}), nil
	case plan.VaultEntry:
		if s.vault == nil {
			return closed{name: d.String(), why: s.noVault}, nil //nolint:nilerr // It is told of the place.
		}
		mount, path := d.KV()
		return s.vault.Field(vault.Place{Mount: mount, Path: path, Field: d.Field})
	case plan.InfisicalSecret:
		if s.noInfisical != nil {
			return closed{name: d.String(), why: s.noInfisical}, nil //nolint:nilerr // It is told of the place.
		}
		return s.infisical.Secret(d.Infisical)
	default:
		return nil, fault.New(fault.InvalidSpec, reasonNoPlace, "there are no places of the kind %s yet", d.Place())
	}
}

// issuer returns what issues secret IDs of a role.
func (s *servers) issuer(role *plan.AppRole) transfer.Issuer {
	if s.noVault != nil {
		return closed{name: "role " + role.Role, why: s.noVault}
	}
	mount := role.Mount
	if mount == "" {
		mount = "approle"
	}
	return s.vault.AppRole(mount, role.Role)
}

// listers returns what finds the places of instances that were written to, each once.
func (s *session) listers() ([]destination.Lister, error) {
	var listers []destination.Lister
	seen := map[string]bool{}
	for i := range s.plan.Values {
		value := &s.plan.Values[i]
		for _, d := range value.To {
			if !value.Serves(s.flags.environment) || !d.PerInstance() {
				continue
			}
			d = d.In(s.flags.environment, "")
			where := string(d.Place()) + " " + namespaceOf(d) + " " + d.Mount + " " + d.Vault + d.Infisical
			if seen[where] {
				continue
			}
			seen[where] = true
			lister, err := s.servers.lister(d)
			if err != nil {
				return nil, err
			}
			listers = append(listers, lister)
		}
	}
	return listers, nil
}

// namespaceOf returns the namespace in which the instances of a Secret are; empty if each has
// one of its own, so that all have to be looked at.
func namespaceOf(d plan.Destination) string {
	namespace, _ := plan.Namespaced(d.KubernetesSecret)
	if strings.Contains(namespace, plan.InstancePlaceholder) {
		return ""
	}
	return namespace
}

func (s *servers) lister(d plan.Destination) (destination.Lister, error) {
	switch d.Place() {
	case plan.KubernetesSecret:
		return s.cluster.Written(namespaceOf(d)), nil
	case plan.VaultEntry:
		if s.vault == nil {
			return closed{name: d.String(), why: s.noVault}, nil //nolint:nilerr // It is told of the place.
		}
		mount, path := d.KV()
		return s.vault.Written(vault.Place{Mount: mount, Path: path, Field: d.Field})
	case plan.InfisicalSecret:
		if s.noInfisical != nil {
			return closed{name: d.String(), why: s.noInfisical}, nil //nolint:nilerr // It is told of the place.
		}
		return s.infisical.Written(d.Infisical)
	default:
		return nil, fault.New(fault.InvalidSpec, reasonNoPlace, "there are no places of the kind %s yet", d.Place())
	}
}
