// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// hostile are the variables that Vault's client heeds.
func hostile(elsewhere string) map[string]string {
	return map[string]string{
		"VAULT_ADDR": elsewhere, "VAULT_AGENT_ADDR": elsewhere,
		"VAULT_TOKEN": "stolen", "VAULT_NAMESPACE": "stolen", "VAULT_HEADERS": `{"X-Stolen":"1"}`,
		"VAULT_SKIP_VERIFY": "true", "VAULT_TLS_SERVER_NAME": "stolen",
		"VAULT_CACERT": "/nowhere/ca.crt", "VAULT_CACERT_BYTES": "none", "VAULT_CAPATH": "/nowhere",
		"VAULT_CLIENT_CERT": "/nowhere/tls.crt", "VAULT_CLIENT_KEY": "/nowhere/tls.key",
		"VAULT_PROXY_ADDR": elsewhere, "VAULT_HTTP_PROXY": elsewhere,
		"VAULT_MAX_RETRIES": "100", "VAULT_RATE_LIMIT": "0.0001:0", "VAULT_CLIENT_TIMEOUT": "1ns",
		"VAULT_WRAP_TTL": "60", "VAULT_SRV_LOOKUP": "true", "VAULT_DISABLE_REDIRECTS": "false", "VAULT_MFA": "stolen",
	}
}

func TestEnvironmentHasNoEffect(t *testing.T) {
	backendtest.Hostile(t, hostile)
	s := newStub()
	var stolen atomic.Int32
	read := s.Handler("secret/data/app")
	s.Handle("secret/data/app", func(w http.ResponseWriter, r *http.Request) {
		for _, header := range []string{"X-Stolen", "X-Vault-Wrap-TTL", "X-Vault-MFA", "X-Vault-Namespace"} {
			if r.Header.Get(header) != "" {
				stolen.Add(1)
			}
		}
		read(w, r)
	})
	server := s.serve(t, nil)
	cfg := overNetwork(server.URL)
	cfg.Spec.Vault.TLS.CABundle = caOf(server)
	want(t, readOver(t, cfg), "", "")
	if got := s.Last(t, "secret/data/app").Header.Get("X-Vault-Token"); got != "token-1" || stolen.Load() != 0 {
		t.Errorf("want the token of the login and no header of the environment, got %q and %d headers", got, stolen.Load())
	}

	s.On("secret/data/app", 503, `{"errors":["Vault is sealed"]}`)
	before := s.Count("secret/data/app")
	want(t, readOver(t, cfg), fault.Unavailable, ReasonSealed)
	if got := s.Count("secret/data/app") - before; got != 1 {
		t.Errorf("want one request and no retry, got %d", got)
	}

	cfg.Spec.Vault.TLS.CABundle = ""
	want(t, readOver(t, cfg), fault.Unavailable, remote.ReasonTLSUntrusted)

	// Nobody is at this address (RFC 5737), and Go asks a proxy for others than loopback.
	away := overNetwork("https://192.0.2.1:8200")
	away.Spec.Limits.Timeout.Duration = 200 * time.Millisecond
	if err := readOver(t, away); !fault.Is(err, fault.Unavailable) {
		t.Errorf("want no answer where nobody is, got %v", err)
	}
}

// TestWhyTheClientIsNotVaultsOwn fails when api.NewClient can be kept from reading the
// environment: then it can take the place of the client here.
func TestWhyTheClientIsNotVaultsOwn(t *testing.T) {
	config := func() *api.Config {
		return &api.Config{Address: "https://vault.example:8200", HttpClient: &http.Client{}}
	}
	t.Setenv("VAULT_TOKEN", "stolen")
	client, err := api.NewClient(config())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("VAULT_MAX_RETRIES", "many")
	_, err = api.NewClient(config())
	if client.Token() == "" && err == nil {
		t.Error("api.NewClient no longer reads the environment")
	}
}
