// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"crypto/tls"
	"errors"
	"net/http"
	"testing"

	"github.com/hashicorp/vault/api"
)

// readableEntry mounts a KV engine of version 2 with the entry "entry" in it and a policy that allows reading it.
func readableEntry(t *testing.T, v *Vault, mount, policy string) {
	t.Helper()
	if err := v.EnableKV(t.Context(), mount, 2); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Root().KVv2(mount).Put(t.Context(), "entry", map[string]any{"field": "value"}); err != nil {
		t.Fatal(err)
	}
	if err := v.WritePolicy(t.Context(), policy, `path "`+mount+`/data/entry" { capabilities = ["read"] }`); err != nil {
		t.Fatal(err)
	}
}

// readsOnly checks that a token may read the readable entry and nothing else.
func readsOnly(t *testing.T, v *Vault, token, mount string) {
	t.Helper()
	c, err := v.Client(token)
	if err != nil {
		t.Fatal(err)
	}
	entry, err := c.KVv2(mount).Get(t.Context(), "entry")
	if err != nil {
		t.Fatal(err)
	}
	if entry.Data["field"] != "value" {
		t.Errorf("read %v", entry.Data)
	}
	if _, err := c.KVv2(mount).Get(t.Context(), "other"); status(err) != http.StatusForbidden {
		t.Errorf("reading without a right: %v, want status 403", err)
	}
}

func TestAppRoleLogsIn(t *testing.T) {
	v := shared.Get(t).Vault()
	if err := v.EnableAppRole(t.Context(), "approle"); err != nil {
		t.Fatal(err)
	}
	readableEntry(t, v, "for-approle", "approle")
	roleID, err := v.WriteAppRole(t.Context(), "approle", AppRole{Name: "app", Policies: []string{"approle"}})
	if err != nil {
		t.Fatal(err)
	}
	secretID, err := v.NewSecretID(t.Context(), "approle", "app")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := v.Root().Logical().WriteWithContext(t.Context(), "auth/approle/login",
		map[string]any{"role_id": roleID, "secret_id": secretID})
	if err != nil {
		t.Fatal(err)
	}
	readsOnly(t, v, answer.Auth.ClientToken, "for-approle")
}

func TestJWTLogsIn(t *testing.T) {
	v := shared.Get(t).Vault()
	signer, err := NewJWTSigner("https://issuer.example.test")
	if err != nil {
		t.Fatal(err)
	}
	if err := v.EnableJWT(t.Context(), "jwt", signer.Issuer(), signer.PublicKey()); err != nil {
		t.Fatal(err)
	}
	readableEntry(t, v, "for-jwt", "jwt")
	role := JWTRole{Name: "app", Audiences: []string{"vault"}, Subject: "payments", Policies: []string{"jwt"}}
	if err := v.WriteJWTRole(t.Context(), "jwt", role); err != nil {
		t.Fatal(err)
	}
	other, err := NewJWTSigner(signer.Issuer())
	if err != nil {
		t.Fatal(err)
	}

	cases := map[string]struct {
		reason  string
		signer  *JWTSigner
		claims  map[string]any
		refused bool
	}{
		"Right":    {reason: "everything fits", signer: signer, claims: map[string]any{"sub": "payments", "aud": "vault"}},
		"Audience": {reason: "made for another", signer: signer, claims: map[string]any{"sub": "payments", "aud": "x"}, refused: true},
		"Subject":  {reason: "of another", signer: signer, claims: map[string]any{"sub": "x", "aud": "vault"}, refused: true},
		"Key":      {reason: "signed by another", signer: other, claims: map[string]any{"sub": "payments", "aud": "vault"}, refused: true},
		"Expired":  {reason: "too late", signer: signer, claims: map[string]any{"sub": "payments", "aud": "vault", "exp": 1}, refused: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			token, err := tc.signer.Sign(tc.claims)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := v.Root().Logical().WriteWithContext(t.Context(), "auth/jwt/login",
				map[string]any{"role": "app", "jwt": token})
			switch {
			case tc.refused && status(err) != http.StatusBadRequest:
				t.Errorf("%s: login: %v, want status 400", tc.reason, err)
			case !tc.refused && err != nil:
				t.Errorf("%s: login: %v", tc.reason, err)
			case !tc.refused:
				readsOnly(t, v, answer.Auth.ClientToken, "for-jwt")
			}
		})
	}
}

func TestKVv1KeepsOneVersion(t *testing.T) {
	v := shared.Get(t).Vault()
	if err := v.EnableKV(t.Context(), "kv1", 1); err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"first", "second"} {
		if err := v.Root().KVv1("kv1").Put(t.Context(), "entry", map[string]any{"field": value}); err != nil {
			t.Fatal(err)
		}
	}
	entry, err := v.Root().KVv1("kv1").Get(t.Context(), "entry")
	if err != nil {
		t.Fatal(err)
	}
	if entry.Data["field"] != "second" {
		t.Errorf("read %v", entry.Data)
	}
}

func TestKVv2KeepsVersions(t *testing.T) {
	v := shared.Get(t).Vault()
	if err := v.EnableKV(t.Context(), "kv2", 2); err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"first", "second"} {
		if _, err := v.Root().KVv2("kv2").Put(t.Context(), "entry", map[string]any{"field": value}); err != nil {
			t.Fatal(err)
		}
	}
	entry, err := v.Root().KVv2("kv2").GetVersion(t.Context(), "entry", 1)
	if err != nil {
		t.Fatal(err)
	}
	if entry.Data["field"] != "first" {
		t.Errorf("read %v", entry.Data)
	}
}

func TestVaultAuditCountsReads(t *testing.T) {
	v := shared.Get(t).Vault()
	if err := v.EnableKV(t.Context(), "counted", 1); err != nil {
		t.Fatal(err)
	}
	if err := v.Root().KVv1("counted").Put(t.Context(), "entry", map[string]any{"field": "value"}); err != nil {
		t.Fatal(err)
	}
	const want = 3
	for range want {
		if _, err := v.Root().KVv1("counted").Get(t.Context(), "entry"); err != nil {
			t.Fatal(err)
		}
	}
	reads := 0
	for entry, err := range ReadVaultAudit(v.AuditLogPath()) {
		if err != nil {
			t.Fatal(err)
		}
		if entry.Type == "response" && entry.Request.Operation == "read" && entry.Request.Path == "counted/entry" {
			reads++
		}
	}
	if reads != want {
		t.Errorf("the log has %d reads, want %d", reads, want)
	}
}

func TestVaultClientIgnoresTheEnvironment(t *testing.T) {
	v := shared.Get(t).Vault()
	t.Setenv(api.EnvVaultAddress, "https://vault.example.invalid")
	t.Setenv(api.EnvVaultToken, "another")
	t.Setenv(api.EnvVaultNamespace, "another")
	t.Setenv(api.EnvVaultHeaders, `{"X-Another": "1"}`)
	c, err := v.Client("mine")
	if err != nil {
		t.Fatal(err)
	}
	if c.Address() != v.Address() || c.Token() != "mine" || c.Namespace() != "" || c.Headers().Get("X-Another") != "" {
		t.Errorf("client of %q with token %q, namespace %q, headers %v", c.Address(), c.Token(), c.Namespace(), c.Headers())
	}
}

func TestVaultCertificateHasItsNames(t *testing.T) {
	v := shared.Get(t).Vault()
	for name, trusted := range map[string]bool{v.ServerName(): true, "127.0.0.1": true, "other.example.test": false} {
		dialer := tls.Dialer{Config: &tls.Config{RootCAs: v.authority.Pool(), ServerName: name, MinVersion: tls.VersionTLS12}}
		conn, err := dialer.DialContext(t.Context(), "tcp", v.Address()[len("https://"):])
		if (err == nil) != trusted {
			t.Errorf("server name %q: %v, want trusted %v", name, err, trusted)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
}

func TestPersistentVault(t *testing.T) {
	v := VaultForTest(t, VaultOptions{Persistent: true})
	readableEntry(t, v, "kv", "reader")
	token, err := v.Root().Auth().Token().CreateWithContext(t.Context(), &api.TokenCreateRequest{Policies: []string{"reader"}})
	if err != nil {
		t.Fatal(err)
	}
	reader, err := v.Client(token.Auth.ClientToken)
	if err != nil {
		t.Fatal(err)
	}
	read := func() error {
		_, err := reader.KVv2("kv").Get(t.Context(), "entry")
		return err
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}

	if err := v.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := read(); status(err) != http.StatusServiceUnavailable {
		t.Errorf("sealed: %v, want status 503", err)
	}
	if err := v.Unseal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := read(); err != nil {
		t.Errorf("unsealed: %v", err)
	}

	restart(t, v.Restart)
	if err := read(); err != nil {
		t.Errorf("restarted: %v", err)
	}

	v.Server().Kill()
	if err := read(); err == nil || status(err) != 0 {
		t.Errorf("killed: %v, want no answer", err)
	}
	restart(t, v.Server().Start)
	if err := read(); status(err) != http.StatusServiceUnavailable {
		t.Errorf("started but not unsealed: %v, want status 503", err)
	}
	restart(t, v.Unseal)

	if err := v.RevokeTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := read(); status(err) != http.StatusForbidden {
		t.Errorf("revoked: %v, want status 403", err)
	}
	if _, err := v.Root().KVv2("kv").Get(t.Context(), "entry"); err != nil {
		t.Errorf("the root token after RevokeTokens: %v", err)
	}
}

func TestVaultInMemoryRestartsEmpty(t *testing.T) {
	v := VaultForTest(t, VaultOptions{})
	readableEntry(t, v, "kv", "reader")
	before := v.Root().Token()
	restart(t, v.Restart)
	if _, err := v.Root().KVv2("kv").Get(t.Context(), "entry"); !errors.Is(err, api.ErrSecretNotFound) {
		t.Errorf("after Restart: %v, want %v", err, api.ErrSecretNotFound)
	}
	if v.Root().Token() == before {
		t.Error("the root token is the old one")
	}
	readableEntry(t, v, "kv", "reader")
}

func TestVaultDemandsClientCertificates(t *testing.T) {
	v := VaultForTest(t, VaultOptions{RequireClientCertificate: true})
	if _, err := v.Root().Sys().HealthWithContext(t.Context()); err != nil {
		t.Errorf("with a certificate: %v", err)
	}
	bare := httpClient(&tls.Config{RootCAs: v.authority.Pool(), MinVersion: tls.VersionTLS12})
	if err := answers(bare, v.Address()+"/v1/sys/health", "")(t.Context()); err == nil {
		t.Error("without a certificate: answered")
	}
}
