// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// WritePolicy creates or replaces a policy.
func (v *Vault) WritePolicy(ctx context.Context, name, rules string) error {
	if err := v.root.Sys().PutPolicyWithContext(ctx, name, rules); err != nil {
		return fmt.Errorf("writing policy %q: %w", name, err)
	}
	return nil
}

// KubernetesRole is a role of the Kubernetes auth method. Empty lists of names mean any ("*").
type KubernetesRole struct {
	Name            string
	Audience        string
	ServiceAccounts []string
	Namespaces      []string
	Policies        []string
	TTL             time.Duration // of the tokens; zero means Vault's default
}

// EnableKubernetesAuth mounts the Kubernetes auth method and has it ask the cluster about tokens (TokenReview) as
// the ServiceAccount vault-reviewer in namespace vault, which may do nothing else (system:auth-delegator).
func (v *Vault) EnableKubernetesAuth(ctx context.Context, c *Cluster, mount string) error {
	reviewer, err := c.ReviewerToken(ctx)
	if err != nil {
		return err
	}
	if err := v.enableAuth(ctx, mount, "kubernetes"); err != nil {
		return err
	}
	return v.write(ctx, "auth/"+mount+"/config", map[string]any{
		"kubernetes_host":      c.Host(),
		"kubernetes_ca_cert":   string(c.CA()),
		"token_reviewer_jwt":   reviewer,
		"disable_local_ca_jwt": true,
	})
}

// WriteKubernetesRole creates or replaces a role of a Kubernetes auth mount.
func (v *Vault) WriteKubernetesRole(ctx context.Context, mount string, role KubernetesRole) error {
	return v.write(ctx, "auth/"+mount+"/role/"+role.Name, map[string]any{
		"audience":                         role.Audience,
		"bound_service_account_names":      orAny(role.ServiceAccounts),
		"bound_service_account_namespaces": orAny(role.Namespaces),
		"token_policies":                   role.Policies,
		"token_ttl":                        role.TTL.String(),
	})
}

// EnableAppRole mounts the AppRole auth method.
func (v *Vault) EnableAppRole(ctx context.Context, mount string) error {
	return v.enableAuth(ctx, mount, "approle")
}

// AppRole is a role of the AppRole auth method.
type AppRole struct {
	Name     string
	Policies []string
	TTL      time.Duration // of the tokens; zero means Vault's default
}

// WriteAppRole creates or replaces a role of an AppRole mount and returns its id.
func (v *Vault) WriteAppRole(ctx context.Context, mount string, role AppRole) (roleID string, err error) {
	path := "auth/" + mount + "/role/" + role.Name
	err = v.write(ctx, path, map[string]any{"token_policies": role.Policies, "token_ttl": role.TTL.String()})
	if err != nil {
		return "", err
	}
	answer, err := v.root.Logical().ReadWithContext(ctx, path+"/role-id")
	if err != nil {
		return "", fmt.Errorf("reading %q: %w", path+"/role-id", err)
	}
	return stringField(answer, "role_id")
}

// NewSecretID makes another secret id of a role; the earlier ones stay valid.
func (v *Vault) NewSecretID(ctx context.Context, mount, role string) (secretID string, err error) {
	path := "auth/" + mount + "/role/" + role + "/secret-id"
	answer, err := v.root.Logical().WriteWithContext(ctx, path, nil)
	if err != nil {
		return "", fmt.Errorf("writing %q: %w", path, err)
	}
	return stringField(answer, "secret_id")
}

// EnableJWT mounts the JWT auth method for tokens of one issuer, verified by public keys (PEM): those of a
// JWTSigner, or Issuer and ServiceAccountKey of a Cluster.
func (v *Vault) EnableJWT(ctx context.Context, mount, issuer string, publicKeys ...[]byte) error {
	if err := v.enableAuth(ctx, mount, "jwt"); err != nil {
		return err
	}
	var keys []string
	for _, key := range publicKeys {
		keys = append(keys, string(key))
	}
	return v.write(ctx, "auth/"+mount+"/config", map[string]any{
		"bound_issuer":           issuer,
		"jwt_validation_pubkeys": keys,
	})
}

// JWTRole is a role of the JWT auth method. The user is the token's `sub`.
type JWTRole struct {
	Name      string
	Audiences []string
	Subject   string // the only one accepted; empty means any
	Policies  []string
	TTL       time.Duration // of the tokens; zero means Vault's default
}

// WriteJWTRole creates or replaces a role of a JWT mount.
func (v *Vault) WriteJWTRole(ctx context.Context, mount string, role JWTRole) error {
	return v.write(ctx, "auth/"+mount+"/role/"+role.Name, map[string]any{
		"role_type":       "jwt",
		"user_claim":      "sub",
		"bound_audiences": role.Audiences,
		"bound_subject":   role.Subject,
		"token_policies":  role.Policies,
		"token_ttl":       role.TTL.String(),
	})
}

// RevokeTokens revokes every token but the root token, as if they had all been lost.
func (v *Vault) RevokeTokens(ctx context.Context) error {
	self, err := v.root.Auth().Token().LookupSelfWithContext(ctx)
	if err != nil {
		return fmt.Errorf("looking up the root token: %w", err)
	}
	mine, err := self.TokenAccessor()
	if err != nil {
		return fmt.Errorf("looking up the root token: %w", err)
	}
	list, err := v.root.Logical().ListWithContext(ctx, "auth/token/accessors")
	if err != nil {
		return fmt.Errorf("listing tokens: %w", err)
	}
	accessors, _ := list.Data["keys"].([]any)
	for _, a := range accessors {
		accessor, _ := a.(string)
		if accessor == mine {
			continue
		}
		if err := v.root.Auth().Token().RevokeAccessorWithContext(ctx, accessor); err != nil {
			return fmt.Errorf("revoking a token: %w", err)
		}
	}
	return nil
}

func orAny(names []string) string {
	if len(names) == 0 {
		return "*"
	}
	return strings.Join(names, ",")
}
