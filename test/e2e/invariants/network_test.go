// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/faultproxy"
)

// trap listens and counts who connects.
type trap struct {
	net.Listener

	caught atomic.Int64
}

func newTrap(t *testing.T) *trap {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	harness.Must(t, err)
	s := &trap{Listener: listener}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // It was closed.
			}
			s.caught.Add(1)
			_ = conn.Close()
		}
	}()
	return s
}

// at returns the address of a host on the trap's port.
func (s *trap) at(host string) string {
	_, port, _ := net.SplitHostPort(s.Addr().String())
	return "https://" + net.JoinHostPort(host, port)
}

// wantEmpty fails the test if anybody connected.
func (s *trap) wantEmpty(t *testing.T) {
	t.Helper()
	if n := s.caught.Load(); n > 0 {
		t.Errorf("want no connection, got %d", n)
	}
}

// like creates a SecretBackend like the tenant's, changed by edit, and a SecretSync of the
// same name that reads the tenant's entry through it.
func like(t *testing.T, n *harness.Tenant, name string, edit func(*v1alpha1.VaultBackend)) {
	t.Helper()
	var first v1alpha1.SecretBackend
	harness.Must(t, n.Client.Get(t.Context(), n.Key(harness.Backend), &first))
	b := &v1alpha1.SecretBackend{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: first.Spec}
	edit(b.Spec.Vault)
	n.Create(t, b)
	n.Sync(t, name, by(name), func(s *v1alpha1.SecretSync) { s.Spec.DataFrom[0].Entry.Path = shared })
}

// shared is the entry that all SecretSyncs of these tests read.
const shared = "shared"

// neverBackends are addresses that only ever mean this machine, this link or the metadata
// of a cloud, by a name that says so, with the reason for which they are refused.
func neverBackends(s *trap) map[string][2]string {
	return map[string][2]string{
		"loopback-v6":     {s.at("::1"), "InvalidBackend"},
		"unspecified":     {s.at("0.0.0.0"), "InvalidBackend"},
		"unspecified-v6":  {s.at("::"), "InvalidBackend"},
		"link-local":      {s.at("169.254.7.7"), "InvalidBackend"},
		"link-local-v6":   {s.at("fe80::1"), "InvalidBackend"},
		"metadata":        {s.at("169.254.169.254"), "InvalidBackend"},
		"metadata-aws-v6": {s.at("fd00:ec2::254"), "InvalidBackend"},
		"metadata-other":  {s.at("100.100.100.200"), "InvalidBackend"},
		"translated":      {s.at("64:ff9b::a9fe:a9fe"), "InvalidBackend"},
	}
}

// TestAddressesOfThisMachineAreRefused runs an operator as the chart does, which has no
// leave to reach loopback, and then one that has, for 127.0.0.0/8 and nothing else.
func TestAddressesOfThisMachineAreRefused(t *testing.T) {
	w := suite.Get(t)
	n := retire(t, w.Tenant(t, harness.TenantOptions{}))
	n.Write(t, shared, fields{field: "a value"})
	snare := newTrap(t)
	vault, err := url.Parse(n.Vault.Address())
	harness.Must(t, err)
	named := "https://" + net.JoinHostPort("localhost", vault.Port())

	refused := neverBackends(snare)
	refused["loopback"] = [2]string{snare.at("127.0.0.1"), "InvalidBackend"}
	refused["loopback-mapped"] = [2]string{snare.at("::ffff:127.0.0.1"), "InvalidBackend"}
	refused["named"] = [2]string{named, "AddressRefused"}
	refused["named-trap"] = [2]string{snare.at("localhost"), "AddressRefused"}
	w.Run(t, harness.RunOptions{NoLoopback: true, Args: quick()})
	for name, address := range refused {
		like(t, n, name, func(v *v1alpha1.VaultBackend) { v.Address = address[0] })
	}
	for name, address := range refused {
		awaitReason(t, n, name, address[1])
	}
	snare.wantEmpty(t)
	if reads := n.Reads(t, shared); reads > 0 {
		t.Errorf("want Vault, which is on loopback, never asked, got %d reads", reads)
	}

	w.Operator.Kill()
	w.Run(t, harness.RunOptions{Name: n.Namespace + "-allowed", Args: quick()})
	n.AwaitSecret(t, "named", texts{field: "a value"})
	for name, address := range neverBackends(snare) {
		like(t, n, "still-"+name, func(v *v1alpha1.VaultBackend) { v.Address = address[0] })
	}
	for name, address := range neverBackends(snare) {
		awaitReason(t, n, "still-"+name, address[1])
	}
}

// TestPlainHTTPNeedsLeave offers a Vault without TLS to an operator without and with the
// flag that permits it.
func TestPlainHTTPNeedsLeave(t *testing.T) {
	w := suite.Get(t)
	n := retire(t, w.Tenant(t, harness.TenantOptions{}))
	n.Write(t, shared, fields{field: "a value"})
	plain, asked := plainVault(t, n)
	w.Run(t, harness.RunOptions{Args: quick()})
	like(t, n, "plain", func(v *v1alpha1.VaultBackend) { v.Address, v.TLS = plain, v1alpha1.TLS{} })
	awaitReason(t, n, "plain", "InvalidBackend")
	if asked.Load() > 0 {
		t.Errorf("want no request without TLS, got %d", asked.Load())
	}

	w.Operator.Kill()
	w.Run(t, harness.RunOptions{Name: n.Namespace + "-allowed", Args: append(quick(), "--allow-http-backends")})
	n.AwaitSecret(t, "plain", texts{field: "a value"})
}

// plainVault serves the tenant's Vault without TLS, and counts requests.
func plainVault(t *testing.T, n *harness.Tenant) (string, *atomic.Int64) {
	t.Helper()
	target, err := url.Parse(n.Vault.Address())
	harness.Must(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(n.Vault.CA())
	forward := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
	}
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		forward.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, &asked
}

// TestRedirectsAreNotFollowed sends the operator elsewhere, login and read alike.
func TestRedirectsAreNotFollowed(t *testing.T) {
	w := suite.Get(t)
	n := retire(t, w.Tenant(t, harness.TenantOptions{Proxied: true}))
	snare := newTrap(t)
	w.Run(t, harness.RunOptions{Args: quick()})
	n.Write(t, "read", fields{field: "a value"})
	n.Proxy.SetFor("/v1/"+n.Namespace+"/data/read", faultproxy.Redirect(snare.at("127.0.0.1")))
	n.Sync(t, "read")
	awaitReason(t, n, "read", "Redirected")

	other := retire(t, w.Tenant(t, harness.TenantOptions{Proxied: true}))
	other.Proxy.Set(faultproxy.Redirect(snare.at("127.0.0.1")))
	other.Sync(t, "login")
	awaitReason(t, other, "login", "Redirected")
	snare.wantEmpty(t)
}

// TestTheEnvironmentDecidesNothing runs an operator among variables that would lead the
// clients of Vault, Infisical and Go astray.
func TestTheEnvironmentDecidesNothing(t *testing.T) {
	w := suite.Get(t)
	n := retire(t, w.Tenant(t, harness.TenantOptions{}))
	n.Write(t, shared, fields{field: "a value"})
	harness.Must(t, n.Vault.EnableKV(t.Context(), n.Namespace+"-closed", 2))
	_, err := n.Vault.Root().KVv2(n.Namespace+"-closed").Put(t.Context(), shared, fields{field: "a closed value"})
	harness.Must(t, err)
	snare, stranger := newTrap(t), faultproxy.ForTest(t, faultproxy.Options{Target: n.Vault.Address()})
	trusted := w.Cluster.Dir() + "/vault/ca.crt"
	w.Run(t, harness.RunOptions{Args: quick(), Env: hostile(strings.Replace(snare.at("127.0.0.1"), "https", "http", 1), trusted, n.Vault.Root().Token())})

	like(t, n, "works", func(*v1alpha1.VaultBackend) {})
	// A client that heeds a proxy asks it for names that it cannot resolve itself.
	like(t, n, "by-proxy", func(v *v1alpha1.VaultBackend) { v.Address = "https://vault.invalid:8200" })
	// The environment's root token could read this.
	like(t, n, "closed", func(v *v1alpha1.VaultBackend) { v.Mount = n.Namespace + "-closed" })
	// The environment's authority, or its leave to verify nothing, would let this through.
	like(t, n, "untrusted", func(v *v1alpha1.VaultBackend) { v.TLS.CABundle = string(stranger.CA()) })
	n.AwaitSecret(t, "works", texts{field: "a value"})
	awaitReason(t, n, "by-proxy", "")
	awaitReason(t, n, "closed", "")
	awaitReason(t, n, "untrusted", "TLSUntrusted")
	snare.wantEmpty(t)
}

// hostile is an environment whose every variable leads elsewhere.
func hostile(elsewhere, authority, token string) []string {
	env := []string{
		"VAULT_TOKEN=" + token, "VAULT_NAMESPACE=elsewhere", "VAULT_SKIP_VERIFY=true", "VAULT_TLS_SERVER_NAME=elsewhere",
		"VAULT_CACERT=" + authority, "VAULT_CAPATH=/nowhere", "VAULT_CACERT_BYTES=none", "VAULT_CLIENT_CERT=/nowhere",
		"VAULT_CLIENT_KEY=/nowhere", "VAULT_MAX_RETRIES=100", "VAULT_RATE_LIMIT=0.0001:0", "VAULT_CLIENT_TIMEOUT=1ns",
		"VAULT_WRAP_TTL=60", "VAULT_SRV_LOOKUP=true", "VAULT_DISABLE_REDIRECTS=false", "VAULT_MFA=elsewhere",
		`VAULT_HEADERS={"X-Elsewhere":"1"}`, "SSL_CERT_FILE=" + authority, "NO_PROXY=", "no_proxy=",
		"INFISICAL_TOKEN=" + token, "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID=elsewhere", "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET=elsewhere",
	}
	for _, name := range []string{
		"VAULT_ADDR", "VAULT_AGENT_ADDR", "VAULT_PROXY_ADDR", "VAULT_HTTP_PROXY", "INFISICAL_API_URL", "INFISICAL_SITE_URL",
		"INFISICAL_DOMAIN", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy",
	} {
		env = append(env, name+"="+elsewhere)
	}
	return env
}
