// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package badreads

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestWhatVaultSaysOfAnEntry: whatever becomes of the entry, the Secret is not touched,
// Ready says why, and it recovers when the cause goes.
func TestWhatVaultSaysOfAnEntry(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil  func(t *testing.T, v victim)
		reason string
		// message is a part of what Ready says.
		message string
		// cure brings the entry back as it was, if there is a way.
		cure func(t *testing.T, v victim)
	}{
		"SoftDeleted": {
			reason: "EntryDeleted", message: "undelete",
			spoil: func(t *testing.T, v victim) {
				t.Helper()
				harness.Must(t, v.Vault.Root().KVv2(v.Namespace).Delete(t.Context(), entry))
			},
			cure: func(t *testing.T, v victim) {
				t.Helper()
				harness.Must(t, v.Vault.Root().KVv2(v.Namespace).Undelete(t.Context(), entry, []int{1}))
			},
		},
		"Destroyed": {
			reason: "VersionDestroyed", message: "destroyed",
			spoil: func(t *testing.T, v victim) {
				t.Helper()
				harness.Must(t, v.Vault.Root().KVv2(v.Namespace).Destroy(t.Context(), entry, []int{1}))
			},
		},
		"DeletedWithMetadata": {
			reason: "EntryNotFound", message: entry,
			spoil: func(t *testing.T, v victim) {
				t.Helper()
				harness.Must(t, v.Vault.Root().KVv2(v.Namespace).DeleteMetadata(t.Context(), entry))
			},
		},
		"Emptied": {
			reason: "EntryEmpty", message: entry,
			spoil: func(t *testing.T, v victim) { t.Helper(); v.Write(t, entry, fields{}) },
		},
		"Nulled": {
			reason: "NullValue", message: "password",
			spoil: func(t *testing.T, v victim) {
				t.Helper()
				v.Write(t, entry, fields{"password": nil, "user": "the-user"})
			},
		},
		"PolicyRemoved": {
			reason: "PermissionDenied", message: `capabilities = ["read"]`,
			spoil: func(t *testing.T, v victim) { t.Helper(); v.Allow(t, "deny") },
			cure:  func(t *testing.T, v victim) { t.Helper(); v.Allow(t, "read") },
		},
		"MountMoved": {
			reason: "MountNotFound", message: "mount",
			spoil: func(t *testing.T, v victim) {
				t.Helper()
				harness.Must(t, v.Vault.Root().Sys().RemountWithContext(t.Context(), v.Namespace, "moved-"+v.Namespace))
			},
			cure: func(t *testing.T, v victim) {
				t.Helper()
				harness.Must(t, v.Vault.Root().Sys().RemountWithContext(t.Context(), "moved-"+v.Namespace, v.Namespace))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := behindProxy(t)
			tc.spoil(t, v)
			s := v.AwaitCondition(t, entry, v1alpha1.ConditionReady, metav1.ConditionFalse, tc.reason)
			if ready := meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionReady); !strings.Contains(ready.Message, tc.message) {
				t.Errorf("the message does not say %q: %q", tc.message, ready.Message)
			}
			v.calm(t, func() { v.awaitAsked(t, 1) })
			v.Unchanged(t, v.secret)
			if tc.cure != nil {
				tc.cure(t, v)
				v.AwaitReady(t, entry, 1)
				v.Unchanged(t, v.secret)
			}
			v.change(t)
			v.awaitChange(t)
		})
	}
}

// TestSealed: a sealed Vault is an outage; unsealed, the login of before still serves.
func TestSealed(t *testing.T) {
	t.Parallel()
	v := withVault(t, cluster.VaultOptions{Audit: true})
	v.change(t)
	v.awaitChange(t)
	served := v.Secret(t, entry)
	harness.Must(t, v.Vault.Seal(harness.Patiently(t)))
	v.awaitUnreachable(t, "Sealed")
	v.Unchanged(t, served)
	v.stillReady(t)
	harness.Must(t, v.Vault.Unseal(harness.Patiently(t)))
	v.awaitReachable(t, metav1.ConditionTrue, "Reachable")
	v.Write(t, entry, fields{"password": "third-password"})
	v.AwaitSecret(t, entry, texts{"password": "third-password"})
	if logins := v.Logins(t); logins != 1 {
		t.Errorf("want the one login of the start, got %d", logins)
	}
}

// TestStopped: a Vault that is killed and comes back with its data.
func TestStopped(t *testing.T) {
	t.Parallel()
	v := withVault(t, cluster.VaultOptions{Persistent: true})
	v.Vault.Server().Kill()
	v.awaitUnreachable(t, "ConnectionRefused")
	v.Unchanged(t, v.secret)
	v.stillReady(t)
	harness.Must(t, v.Vault.Restart(harness.Patiently(t)))
	v.change(t)
	v.awaitChange(t)
}

// TestFrozen: a Vault that hangs with its connections open.
func TestFrozen(t *testing.T) {
	t.Parallel()
	v := withVault(t, cluster.VaultOptions{})
	harness.Must(t, v.Vault.Server().Pause())
	v.awaitUnreachable(t, "Timeout")
	v.Unchanged(t, v.secret)
	v.stillReady(t)
	harness.Must(t, v.Vault.Server().Resume())
	v.change(t)
	v.awaitChange(t)
}

// TestTokensRevoked: one new login, and nothing else happens.
func TestTokensRevoked(t *testing.T) {
	t.Parallel()
	v := withVault(t, cluster.VaultOptions{Audit: true})
	harness.Must(t, v.Vault.RevokeTokens(harness.Patiently(t)))
	v.change(t)
	v.awaitChange(t)
	if logins := v.Logins(t); logins != 2 {
		t.Errorf("want the login of the start and one more, got %d", logins)
	}
}

// TestRoleRemoved: neither token nor login is accepted; a role that is back is logged in to.
func TestRoleRemoved(t *testing.T) {
	t.Parallel()
	v := withVault(t, cluster.VaultOptions{})
	_, err := v.Vault.Root().Logical().DeleteWithContext(t.Context(), "auth/approle/role/"+v.Namespace)
	harness.Must(t, err)
	harness.Must(t, v.Vault.RevokeTokens(harness.Patiently(t)))
	v.AwaitCondition(t, entry, v1alpha1.ConditionReady, metav1.ConditionFalse, "LoginDenied")
	v.Unchanged(t, v.secret)
	roleID := v.Enrol(t)
	var backend v1alpha1.SecretBackend
	v.Change(t, v.Key(harness.Backend), &backend, func() { backend.Spec.Vault.Auth.AppRole.RoleID = roleID })
	v.change(t)
	v.awaitChange(t)
}
