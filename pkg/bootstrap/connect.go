// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination/infisical"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/kubernetes"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/vault"
	"github.com/secretsync/secretsync/pkg/bootstrap/identity"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// errAuthorities is in the chain of the error about a caFile that cannot be read.
var errAuthorities = errors.New("reading the authorities")

// connect returns the servers of the environment. One that nobody could log in to is no error
// until a place on it is wanted.
func (s *session) connect() (*servers, error) {
	all := &servers{
		cluster: kubernetes.Connect(kubernetes.Options{Kubeconfig: s.flags.kubeconfig, Context: s.target.KubeContext}),
	}
	if err := s.connectVault(all); err != nil {
		return nil, err
	}
	return all, s.connectInfisical(all)
}

func (s *session) connectVault(all *servers) error {
	if s.target.Vault == nil {
		all.noVault = fault.New(fault.InvalidSpec, reasonNoPlace, "environment %s has no vault", s.flags.environment)
		return nil
	}
	o := vault.Options{Address: s.target.Vault.Address, Namespace: s.target.Vault.Namespace, Clock: s.Clock}
	var err error
	if o.CA, err = s.authorities(s.target.Vault.CAFile); err != nil {
		return err
	}
	if o.Login, all.noVault = s.vaultLogin(); all.noVault != nil {
		all.bare, err = vault.Open(o)
	} else {
		all.vault, err = vault.Open(o)
	}
	return err
}

func (s *session) connectInfisical(all *servers) error {
	if s.target.Infisical == nil {
		all.noInfisical = fault.New(fault.InvalidSpec, reasonNoPlace, "environment %s has no infisical", s.flags.environment)
		return nil
	}
	declared := s.target.Infisical
	o := infisical.Options{Address: declared.Address, ProjectID: declared.ProjectID, Environment: declared.Environment, Clock: s.Clock}
	var err error
	if o.CA, err = s.authorities(declared.CAFile); err != nil {
		return err
	}
	token, given := s.environment.Lookup(infisicalTokenVariable)
	switch {
	case declared.IdentityID != "" && !s.flags.noOIDC:
		o.IdentityID = declared.IdentityID
		o.Credential = func(ctx context.Context) (sensitive.Value, error) {
			raw, _, err := identity.Token(ctx, s.identity(), cmp.Or(declared.Audience, declared.Address))
			return raw, err
		}
	case given:
		o.Credential = func(context.Context) (sensitive.Value, error) { return token, nil }
	default:
		all.noInfisical = fault.New(fault.Unavailable, reasonNoLogin,
			"nothing logs in to %s: give the job the permission id-token: write and the environment an infisical.identityID, or set %s", declared.Address, infisicalTokenVariable)
		return nil
	}
	all.infisical, err = infisical.Open(o)
	return err
}

// authorities reads a file of certificates, if there is one.
func (s *session) authorities(name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	text, err := readFile(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w: environment %s: %w", errUsage, errAuthorities, s.flags.environment, err)
	}
	return text, nil
}

// steps are what people have to do at Vault now.
func (s *servers) steps(ctx context.Context) ([]string, error) {
	if s.vault == nil {
		return s.bare.NextSteps(ctx)
	}
	return s.vault.NextSteps(ctx)
}

// vaultLogin is with the run's own token where it has one and the plan names a role for it;
// else with a token that is passed in.
func (s *session) vaultLogin() (vault.Login, error) {
	if s.target.Vault.Role != "" && !s.flags.noOIDC {
		return vault.Login{JWT: &vault.JWT{Mount: s.target.Vault.AuthMount, Role: s.target.Vault.Role, Token: s.vaultJWT}}, nil
	}
	if token, ok := s.environment.Lookup(vaultTokenVariable); ok {
		return vault.Login{Token: token}, nil
	}
	return vault.Login{}, fault.New(fault.Unavailable, reasonNoLogin,
		"nothing logs in to %s: give the job the permission id-token: write and the environment a vault.role, or set %s", s.target.Vault.Address, vaultTokenVariable)
}
