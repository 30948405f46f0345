// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination/vault"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/fault"
)

// accessValue, with the part behind it, is what the operator's access is called where values
// have their names. No value can be called so.
const accessValue = "operatorAccess."

// access returns what the operator needs to log in, if it is of a stage that is asked for. It
// is the environment's: the run for an instance needs no right to it.
func (s *session) access() *plan.VaultAccess {
	declared := s.plan.OperatorAccess
	if s.flags.instance != "" || declared == nil || declared.Vault == nil || s.target.Vault == nil || !slices.Contains(s.stages, declared.Stage) {
		return nil
	}
	return declared.Vault
}

// accessItems returns the operator's access at its places, to be written only where the plan
// says manage: true.
func (s *session) accessItems(ctx context.Context) []transfer.Item {
	access := s.access()
	if access == nil {
		return nil
	}
	mode := plan.Verify
	if s.managesAccess() {
		mode = plan.Overwrite
	}
	item := func(name string) transfer.Item {
		return transfer.Item{Value: accessValue + name, Stage: s.plan.OperatorAccess.Stage, Mode: mode}
	}
	parts, err := s.accessParts(ctx, access)
	if err != nil {
		all := item("role")
		all.Place = closed{name: "vault access of the operator", why: err}
		return []transfer.Item{all}
	}
	var items []transfer.Item
	for _, part := range parts {
		one := item(part.Name)
		one.Place = part.Place
		s.values.Set(one.Value, part.Want)
		items = append(items, one)
	}
	return items
}

func (s *session) accessParts(ctx context.Context, access *plan.VaultAccess) ([]vault.Part, error) {
	if s.servers.noVault != nil {
		return nil, s.servers.noVault
	}
	const name = "secretsync"
	namespace, account := plan.Namespaced(access.ServiceAccount)
	paths := access.Paths
	if len(paths) == 0 {
		paths = []string{"secret/**"}
	}
	return s.servers.vault.Access(ctx, vault.Access{
		Mount: cmp.Or(access.Mount, access.Auth), Role: cmp.Or(access.Role, name), Policy: cmp.Or(access.Policy, name),
		Namespace: namespace, ServiceAccount: account, Audience: cmp.Or(access.Audience, "vault"), Paths: paths,
	})
}

// adviseAccess tells people how to give the operator its access, where the plan leaves that to
// them and it is not there.
func (s *session) adviseAccess(ctx context.Context) {
	access := s.access()
	if access == nil || s.managesAccess() {
		return
	}
	parts, err := s.accessParts(ctx, access)
	if err != nil {
		fmt.Fprintf(s.ErrOut, "NEXT: give the operator access to Vault; what it needs cannot be told yet: %v\n", err)
		return
	}
	for _, part := range parts {
		state, err := part.Place.Observe(ctx)
		if err == nil && state.Exists && state.Value.Equal(part.Want) {
			continue
		}
		if fault.Is(err, fault.NotFound) { // What it goes to comes first.
			fmt.Fprintf(s.ErrOut, "NEXT: %v\n", err)
		}
		fmt.Fprintf(s.ErrOut, "NEXT: the operator's %s is not as it needs it (%s); the plan says manage: false, so somebody who may runs:\n%s\n", part.Name, part.Place.Describe(), part.Command)
	}
}

// advise tells what is due that only people do.
func (s *session) advise(ctx context.Context) {
	if !s.looksAtVault() {
		return
	}
	// That Vault does not answer is told with the values that go there.
	steps, _ := s.servers.steps(ctx)
	for _, step := range steps {
		fmt.Fprintf(s.ErrOut, "NEXT: %s\n", step)
	}
	s.adviseAccess(ctx)
}

// looksAtVault reports whether a stage that is asked for has to do with the environment's Vault.
func (s *session) looksAtVault() bool {
	if s.target.Vault == nil {
		return false
	}
	return s.access() != nil || slices.ContainsFunc(s.placed(), func(value *plan.Value) bool {
		return slices.ContainsFunc(value.To, func(d plan.Destination) bool { return s.here(d) && d.Place() == plan.VaultEntry })
	})
}

// managesAccess reports whether the operator's access is the helper's to write.
func (s *session) managesAccess() bool {
	return s.plan.OperatorAccess != nil && s.plan.OperatorAccess.Manage
}

// surveyAll looks at the places of what is declared, and of the operator's access too if that
// is wanted.
func (s *session) surveyAll(ctx context.Context, access bool) (*transfer.Survey, error) {
	var further []transfer.Item
	if access {
		further = s.accessItems(ctx)
	}
	return s.survey(ctx, transfer.Applying, s.placed(), further...)
}
