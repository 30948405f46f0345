// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestNetworkCutInTheMiddle: the answer to the second of three writes never comes, though Vault has
// written it. The run says what it knows, and the next one finishes.
func TestNetworkCutInTheMiddle(t *testing.T) {
	w := newWorld(t)
	behind, err := url.Parse(w.Vault().Address())
	must(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.Vault().CA())
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(behind) },
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
	}
	var cut atomic.Bool
	cut.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		if cut.Load() && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/data/second") {
			proxy.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(answer, r)
	}))
	t.Cleanup(server.Close)
	w.plan(
		t,
		"{name: first, stage: cluster, from: {env: FIRST}, to: [{vault: NS/first, field: f}]}",
		"{name: second, stage: vault, generate: {password: 32}, to: [{vault: NS/second, field: f}]}",
		"{name: third, stage: vault, from: {template: \"x{value:second}\"}, to: [{vault: NS/third, field: f}]}",
	)
	plan := filepath.Join(w.dir, "bootstrap.yaml")
	text, err := os.ReadFile(plan)
	must(t, err)
	must(t, os.WriteFile(plan, []byte(strings.ReplaceAll(string(text), w.Vault().Address(), server.URL)), 0o600))
	w.env["FIRST"] = w.marks.Token("first")

	r := w.runQuietly(t, "", "apply", "-e", "prod", "--no-oidc")
	made := w.entry(t, "second", "f")
	w.marks.Add("second", made)
	w.search(t, "apply", r)
	r.want(t, 1, "wrote value first", "value second", "(failed)", "Create (not done)")
	if made == "" {
		t.Fatal("nothing was written before the cut")
	}
	if w.entry(t, "third", "f") != "" {
		t.Error("it went on after a failure")
	}
	cut.Store(false)
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0, "1 created, 0 changed, 2 kept")
	if w.entry(t, "second", "f") != made || w.entry(t, "third", "f") != "x"+made || w.entry(t, "first", "f") != w.env["FIRST"] {
		t.Error("the next run did not finish what was begun")
	}
}
