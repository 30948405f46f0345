// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	vaultbackend "github.com/secretsync/secretsync/pkg/backend/vault"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/test/cluster"
)

const entry = "contract/app"

// seeded is a world with one entry in both engines.
func seeded(t *testing.T, options cluster.VaultOptions) *world {
	t.Helper()
	w := newWorld(t, options)
	w.seed(t)
	return w
}

func (w *world) seed(t *testing.T) {
	t.Helper()
	for _, mount := range []string{"kv1", "kv2"} {
		w.write(t, mount, entry, map[string]string{"password": `"first"`})
	}
}

func readEntry(t *testing.T, b backend.Backend) error {
	t.Helper()
	got, err := b.Read(t.Context(), ref(t, entry, ""))
	if err == nil && len(got.Fields) == 0 {
		return errors.New("the entry has no fields")
	}
	return err
}

// readAtOnce reads the entry as often at the same time.
func readAtOnce(t *testing.T, b backend.Backend, times int) {
	t.Helper()
	var group sync.WaitGroup
	for range times {
		group.Go(func() {
			if err := readEntry(t, b); err != nil {
				t.Errorf("want the entry, got %s", describe(err))
			}
		})
	}
	group.Wait()
}

// eventually reads until the error is of that class and reason, at most for a while.
func eventually(t *testing.T, b backend.Backend, class fault.Class, reason string) {
	t.Helper()
	deadline, tick := time.After(30*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for {
		err := readEntry(t, b)
		if fault.ClassOf(err) == class && fault.ReasonOf(err) == reason {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("want %s/%s in the end, got %s", class, reason, describe(err))
		}
	}
}

// TestTokens is about what happens to the one token of an identity.
func TestTokens(t *testing.T) {
	t.Parallel()
	w := seeded(t, cluster.VaultOptions{})
	kubernetes := func() backend.Config { return w.config(w.spec("kv2", kubernetesAuth()), namespace) }

	t.Run("ThousandReadersLogInOnce", func(t *testing.T) {
		b, before := opened(t, kubernetes()), w.logins(t)
		readAtOnce(t, b, 1000)
		if got := w.logins(t) - before; got != 1 {
			t.Errorf("want one login, got %d", got)
		}
	})
	t.Run("RevokedTokenCausesOneLogin", func(t *testing.T) {
		b := opened(t, kubernetes())
		must(t, readEntry(t, b))
		before := w.logins(t)
		must(t, w.vault.RevokeTokens(t.Context()))
		readAtOnce(t, b, 50)
		if got := w.logins(t) - before; got != 1 {
			t.Errorf("want one more login, got %d", got)
		}
	})
	t.Run("DeniedPathCausesNoLogin", func(t *testing.T) {
		b := opened(t, kubernetes())
		must(t, readEntry(t, b))
		before := w.logins(t)
		for range 5 {
			_, err := b.Read(t.Context(), ref(t, "denied/entry", ""))
			wantFault(t, err, fault.Denied, remote.ReasonPermissionDenied)
			if line := `path "kv2/data/denied/entry" { capabilities = ["read"] }`; !strings.Contains(err.Error(), line) {
				t.Errorf("want a message with %q, got %q", line, err)
			}
		}
		if got := w.logins(t) - before; got != 0 {
			t.Errorf("want no login, got %d", got)
		}
	})
	t.Run("ThePolicyLineOfTheMessageAllowsTheRead", func(t *testing.T) {
		w.write(t, "kv2", "denied/entry", map[string]string{"password": `"first"`})
		b := opened(t, kubernetes())
		_, err := b.Read(t.Context(), ref(t, "denied/entry", ""))
		_, line, found := strings.Cut(err.Error(), "the policy line ")
		if !found {
			t.Fatalf("want a policy line, got %q", err)
		}
		line = strings.TrimSuffix(line, " would allow it")
		must(t, w.vault.WritePolicy(t.Context(), policy, line))
		defer w.allow(t)
		_, err = b.Read(t.Context(), ref(t, "denied/entry", ""))
		must(t, err)
	})
	t.Run("TokenIsRenewedBeforeItEnds", func(t *testing.T) {
		w.grant(t, 3*time.Second)
		defer w.grant(t, time.Hour)
		b := opened(t, kubernetes())
		must(t, readEntry(t, b))
		logins, renewals := w.logins(t), w.requests(t)["auth/token/renew-self"]
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for w.requests(t)["auth/token/renew-self"] < renewals+3 {
			must(t, readEntry(t, b))
			<-tick.C
		}
		if got := w.logins(t) - logins; got != 0 {
			t.Errorf("want the token renewed and no login, got %d", got)
		}
	})
	t.Run("ClosingRevokesTheToken", func(t *testing.T) {
		b := open(t, kubernetes())
		must(t, readEntry(t, b))
		before := w.tokens(t)
		must(t, b.Close(t.Context()))
		if got := before - w.tokens(t); got != 1 {
			t.Errorf("want one token less, got %d", got)
		}
	})
	t.Run("ClosingLeavesAConfiguredToken", func(t *testing.T) {
		b := open(t, w.config(w.spec("kv2", w.tokenAuth(t)), namespace))
		must(t, readEntry(t, b))
		before := w.tokens(t)
		must(t, b.Close(t.Context()))
		if got := w.tokens(t); got != before {
			t.Errorf("want %d tokens as before, got %d", before, got)
		}
	})
}

// allow makes the policy what it was at the beginning.
func (w *world) allow(t *testing.T) {
	t.Helper()
	must(t, w.vault.WritePolicy(t.Context(), policy, policyRules))
}

// tokens counts the tokens that Vault knows.
func (w *world) tokens(t *testing.T) int {
	t.Helper()
	list, err := w.vault.Root().Logical().ListWithContext(t.Context(), "auth/token/accessors")
	must(t, err)
	accessors, ok := list.Data["keys"].([]any)
	if !ok {
		t.Fatal("want a list of accessors")
	}
	return len(accessors)
}

// TestRotatedCredentials: what a Secret keeps is read again when the old one is of no use.
func TestRotatedCredentials(t *testing.T) {
	t.Parallel()
	w := seeded(t, cluster.VaultOptions{})
	t.Run("SecretID", func(t *testing.T) {
		auth := w.appRoleAuth(t)
		b := opened(t, w.config(w.spec("kv2", auth), namespace))
		must(t, readEntry(t, b))
		w.keep(t, "approle", map[string]string{"secret-id": "0e3b1c9a-0000-0000-0000-000000000000"})
		must(t, w.vault.RevokeTokens(t.Context()))
		wantFault(t, readEntry(t, b), fault.Denied, remote.ReasonLoginDenied)

		secretID, err := w.vault.NewSecretID(t.Context(), "approle", role)
		must(t, err)
		w.keep(t, "approle", map[string]string{"secret-id": secretID})
		eventually(t, b, "", "")
	})
	t.Run("Token", func(t *testing.T) {
		auth := w.tokenAuth(t)
		b := opened(t, w.config(w.spec("kv2", auth), namespace))
		must(t, readEntry(t, b))
		must(t, w.vault.RevokeTokens(t.Context()))
		wantFault(t, readEntry(t, b), fault.Denied, remote.ReasonTokenInvalid)
		w.keep(t, "token", map[string]string{"token": w.newToken(t)})
		eventually(t, b, "", "")
	})
	t.Run("TokenRotatedBeforeTheOldOneEnds", func(t *testing.T) {
		auth := w.tokenAuth(t)
		b := opened(t, w.config(w.spec("kv2", auth), namespace))
		must(t, readEntry(t, b))
		must(t, w.vault.RevokeTokens(t.Context()))
		w.keep(t, "token", map[string]string{"token": w.newToken(t)})
		must(t, readEntry(t, b))
	})
}

// TestVaultComesAndGoes: whatever happens to the server, reads fail with a class that keeps
// the last good state, and succeed again by themselves, with one login.
func TestVaultComesAndGoes(t *testing.T) {
	t.Parallel()
	w := seeded(t, cluster.VaultOptions{Persistent: true})
	b := opened(t, w.config(w.spec("kv2", kubernetesAuth()), namespace))
	must(t, readEntry(t, b))

	t.Run("Sealed", func(t *testing.T) {
		before := w.logins(t)
		must(t, w.vault.Seal(t.Context()))
		wantFault(t, readEntry(t, b), fault.Unavailable, vaultbackend.ReasonSealed)
		wantFault(t, b.Probe(t.Context()), fault.Unavailable, vaultbackend.ReasonSealed)
		fresh := opened(t, w.config(w.spec("kv2", kubernetesAuth()), namespace))
		wantFault(t, readEntry(t, fresh), fault.Unavailable, vaultbackend.ReasonSealed)
		must(t, w.vault.Unseal(t.Context()))
		eventually(t, b, "", "")
		if got := w.logins(t) - before; got != 0 {
			t.Errorf("want the token of before the sealing used on, got %d logins", got)
		}
	})
	t.Run("Stopped", func(t *testing.T) {
		w.vault.Server().Kill()
		wantFault(t, readEntry(t, b), fault.Unavailable, remote.ReasonConnectionRefused, remote.ReasonConnectionReset)
		must(t, w.vault.Restart(t.Context()))
		eventually(t, b, "", "")
	})
	t.Run("Frozen", func(t *testing.T) {
		cfg := w.config(w.spec("kv2", kubernetesAuth()), namespace)
		cfg.Spec.Limits = timeout(time.Second)
		impatient := opened(t, cfg)
		must(t, readEntry(t, impatient))
		must(t, w.vault.Server().Pause())
		wantFault(t, readEntry(t, impatient), fault.Unavailable, remote.ReasonTimeout)
		must(t, w.vault.Server().Resume())
		eventually(t, impatient, "", "")
	})
	t.Run("TokensGone", func(t *testing.T) {
		before := w.logins(t)
		must(t, w.vault.RevokeTokens(t.Context()))
		must(t, w.vault.Restart(t.Context()))
		eventually(t, b, "", "")
		if got := w.logins(t) - before; got != 1 {
			t.Errorf("want one login, got %d", got)
		}
	})
	t.Run("MountMovedAndBack", func(t *testing.T) {
		must(t, w.vault.Root().Sys().RemountWithContext(t.Context(), "kv2", "moved"))
		eventually(t, b, fault.NotFound, backend.ReasonMountNotFound)
		prover, ok := b.(backend.ContainerProver)
		if !ok {
			t.Fatal("want a ContainerProver")
		}
		if err := prover.ProveContainer(t.Context(), ref(t, entry, "")); err == nil {
			t.Error("want no proof of a mount that is gone")
		}
		fresh := opened(t, w.config(w.spec("kv2", kubernetesAuth()), namespace))
		wantFault(t, readEntry(t, fresh), fault.NotFound, backend.ReasonMountNotFound)
		must(t, w.vault.Root().Sys().RemountWithContext(t.Context(), "moved", "kv2"))
		eventually(t, b, "", "")
	})
}

// timeout bounds each request.
func timeout(d time.Duration) v1alpha1.Limits {
	return v1alpha1.Limits{Timeout: duration(d)}
}

// TestVaultThatLostEverything comes back empty at the same address.
func TestVaultThatLostEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cluster.VaultOptions{})
	w.seed(t)
	auth := w.appRoleAuth(t)
	b := opened(t, w.config(w.spec("kv2", auth), namespace))
	must(t, readEntry(t, b))
	must(t, w.vault.Restart(t.Context()))
	// The auth method is gone with the rest, and a login is refused.
	wantFault(t, readEntry(t, b), fault.Denied, remote.ReasonLoginDenied)
	w.furnish(t)
	w.seed(t)
	roleID, err := w.vault.WriteAppRole(t.Context(), "approle", cluster.AppRole{Name: role, Policies: []string{policy}})
	must(t, err)
	secretID, err := w.vault.NewSecretID(t.Context(), "approle", role)
	must(t, err)
	w.keep(t, "approle", map[string]string{"secret-id": secretID})
	auth.AppRole.RoleID = roleID
	again := opened(t, w.config(w.spec("kv2", auth), namespace))
	must(t, readEntry(t, again))
}
