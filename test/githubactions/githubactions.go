// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package githubactions stands in for GitHub where a job asks it for OpenID Connect tokens (an
// issuer with keys that anybody can fetch, and real signatures), and for the runner of its jobs. It
// must not know the product.
package githubactions

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/secretsync/secretsync/test/cluster/pki"
)

const keyID = "stand-in"

// Issuer is a running stand-in. Its methods may be called from any goroutine.
type Issuer struct {
	server       *httptest.Server
	authority    *pki.Authority
	requestToken string
	public       crypto.PublicKey

	mu     sync.Mutex
	key    *rsa.PrivateKey
	claims map[string]any
}

// Start starts an issuer that is stopped with the test. Its tokens say the claims, besides
// issuer, audience and times.
func Start(tb testing.TB, claims map[string]any) *Issuer {
	tb.Helper()
	i := &Issuer{requestToken: "runtime-" + rand.Text(), claims: claims}
	i.Forge(tb)
	i.public = i.key.Public()
	var err error
	if i.authority, err = pki.NewAuthority("github"); err != nil {
		tb.Fatal(err)
	}
	pair, err := i.authority.Server("127.0.0.1")
	if err != nil {
		tb.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		tb.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /keys", i.keys)
	mux.HandleFunc("GET /token", i.token)
	i.server = httptest.NewUnstartedServer(mux)
	i.server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	i.server.StartTLS()
	tb.Cleanup(i.server.Close)
	return i
}

// URL is the issuer's name and address.
func (i *Issuer) URL() string { return i.server.URL }

// CA is the authority of its certificate, PEM.
func (i *Issuer) CA() []byte { return i.authority.PEM() }

// Transport trusts that certificate.
func (i *Issuer) Transport() *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: i.authority.Pool(), MinVersion: tls.VersionTLS12}}
}

// RequestURL and RequestToken are what GitHub puts into ACTIONS_ID_TOKEN_REQUEST_URL and
// ACTIONS_ID_TOKEN_REQUEST_TOKEN of a job.
func (i *Issuer) RequestURL() string { return i.server.URL + "/token?api-version=2.0" }

// RequestToken is RequestURL's credential.
func (i *Issuer) RequestToken() string { return i.requestToken }

// Claim replaces what the tokens say from now on.
func (i *Issuer) Claim(claims map[string]any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.claims = claims
}

// Forge signs with another key from now on than the one that is told.
func (i *Issuer) Forge(tb testing.TB) {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.key = key
}

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]any{
		"issuer": i.URL(), "jwks_uri": i.URL() + "/keys", "response_types_supported": []string{"id_token"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (i *Issuer) keys(w http.ResponseWriter, _ *http.Request) {
	answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.public, KeyID: keyID, Algorithm: string(jose.RS256), Use: "sig"}}})
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+i.requestToken || r.URL.Query().Get("api-version") == "" {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	token, err := i.sign(r.URL.Query().Get("audience"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, map[string]any{"value": token, "count": len(token)})
}

func (i *Issuer) sign(audience string) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: i.key, KeyID: keyID}}, nil)
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	now := time.Now()
	all := map[string]any{
		"iss": i.URL(), "aud": audience, "jti": rand.Text(),
		"iat": now.Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(10 * time.Minute).Unix(),
	}
	maps.Copy(all, i.claims)
	return jwt.Signed(signer).Claims(all).Serialize()
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(text) // Who asked may be gone.
}
