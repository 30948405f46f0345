// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

// world is a simulator with its administrator and one project, and an identity that may read it.
type world struct {
	sim     *infisical.Simulator
	admin   *admin.Client
	http    *http.Client
	project admin.Project
	reader  admin.Identity
	// login is how the reader logs in, token what it got.
	login admin.Universal
	token string
}

func newWorld(t *testing.T, o infisical.Options) *world {
	t.Helper()
	return worldWith(t, o, admin.Tokens{})
}

func worldWith(t *testing.T, o infisical.Options, tokens admin.Tokens) *world {
	t.Helper()
	w := &world{sim: infisical.ForTest(t, o)}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(w.sim.CA())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	w.http = &http.Client{Transport: transport}
	w.admin = must(admin.Bootstrap(t.Context(), w.sim.Address(), w.http))(t)
	w.admin.V3 = o.Behavior.NoV4
	w.project = must(w.admin.CreateProject(t.Context(), "payments"))(t)
	w.reader = must(w.admin.CreateIdentity(t.Context(), "reader"))(t)
	check(t, w.admin.Join(t.Context(), w.project.ID, w.reader.ID, "viewer"))
	w.login = must(w.admin.AllowUniversal(t.Context(), w.reader.ID, tokens))(t)
	w.token = w.mustLogin(t, w.login)
	return w
}

func (w *world) mustLogin(t *testing.T, u admin.Universal) string {
	t.Helper()
	a := w.post(t, "/api/v1/auth/universal-auth/login", map[string]any{"clientId": u.ClientID, "clientSecret": u.ClientSecret})
	a.is(t, http.StatusOK, "")
	return a.text(t, "accessToken")
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

// get makes a request with the reader's token; parameters alternate with their values.
func (w *world) get(t *testing.T, path string, parameters ...string) answer {
	t.Helper()
	return w.do(t, asked{method: http.MethodGet, path: path, parameters: parameters, token: w.token})
}

func (w *world) post(t *testing.T, path string, body any) answer {
	t.Helper()
	return w.do(t, asked{method: http.MethodPost, path: path, body: body, token: w.token})
}

type asked struct {
	method, path, token string
	parameters          []string
	header              map[string]string
	body                any
}

func (w *world) do(t *testing.T, a asked) answer {
	t.Helper()
	got, err := w.try(t, a)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (w *world) try(t *testing.T, a asked) (answer, error) {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(a.parameters); i += 2 {
		values.Set(a.parameters[i], a.parameters[i+1])
	}
	address := w.sim.Address() + a.path
	if len(values) > 0 {
		address += "?" + values.Encode()
	}
	var body io.Reader
	if a.body != nil {
		body = bytes.NewReader(must(json.Marshal(a.body))(t))
	}
	request := must(http.NewRequestWithContext(t.Context(), a.method, address, body))(t)
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	for key, value := range a.header {
		request.Header.Set(key, value)
	}
	response, err := w.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	got := answer{status: response.StatusCode, header: response.Header}
	if got.raw, err = io.ReadAll(response.Body); err != nil {
		return got, err
	}
	_ = json.Unmarshal(got.raw, &got.body)
	return got, nil
}

// is compares the status and, if given, the name of the error.
func (a answer) is(t *testing.T, status int, name string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.raw)
	}
	if name != "" && a.body["error"] != name {
		t.Fatalf("error %v, want %s: %s", a.body["error"], name, a.raw)
	}
}

// at walks into the body, by names and by numbers.
func (a answer) at(t *testing.T, steps ...any) any {
	t.Helper()
	var here any = a.body
	for _, step := range steps {
		switch step := step.(type) {
		case string:
			object, ok := here.(map[string]any)
			if !ok {
				t.Fatalf("no object before %q in %s", step, a.raw)
			}
			here = object[step]
		case int:
			list, ok := here.([]any)
			if !ok || step >= len(list) {
				t.Fatalf("no item %d in %s", step, a.raw)
			}
			here = list[step]
		}
	}
	return here
}

func (a answer) text(t *testing.T, steps ...any) string {
	t.Helper()
	text, ok := a.at(t, steps...).(string)
	if !ok {
		t.Fatalf("no text at %v in %s", steps, a.raw)
	}
	return text
}

// values returns the keys and values of a list: those of the folder, not of its imports.
func (a answer) values(t *testing.T) map[string]string {
	t.Helper()
	values := map[string]string{}
	list, ok := a.at(t, "secrets").([]any)
	if !ok {
		t.Fatalf("no list: %s", a.raw)
	}
	for i := range list {
		values[a.text(t, "secrets", i, "secretKey")] = a.text(t, "secrets", i, "secretValue")
	}
	return values
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		check(t, err)
		return value
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
