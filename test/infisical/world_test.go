// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
	"github.com/secretsync/secretsync/test/infisical/target"
)

// world is a server with one project, and an identity that may read it.
type world struct {
	*target.Server

	project admin.Project
	reader  admin.Identity
	// login is how the reader logs in, token what it got.
	login admin.Universal
	token string
}

// newWorld is for what holds of every server: the tests may run against a real one.
func newWorld(t *testing.T) *world {
	t.Helper()
	return furnish(t, target.ForTest(t, infisical.Options{}), admin.Tokens{})
}

// simulated is for what needs a switch, the clock, or a fault.
func simulated(t *testing.T, o infisical.Options) *world {
	t.Helper()
	return furnish(t, target.Simulated(t, o), admin.Tokens{})
}

func furnish(t *testing.T, s *target.Server, tokens admin.Tokens) *world {
	t.Helper()
	w := &world{Server: s}
	w.project = must(w.Admin.CreateProject(t.Context(), "payments"))(t)
	w.reader = must(w.Admin.CreateIdentity(t.Context(), "reader"))(t)
	check(t, w.Admin.Join(t.Context(), w.project.ID, w.reader.ID, "viewer"))
	w.login = must(w.Admin.AllowUniversal(t.Context(), w.reader.ID, tokens))(t)
	w.token = w.mustLogin(t, w.login)
	return w
}

func (w *world) root() admin.Place { return w.project.At("dev", "/") }

// create makes a secret in the root of dev, or in the folder of the given path.
func (w *world) create(t *testing.T, key, value string, path ...string) admin.Secret {
	t.Helper()
	at := w.root()
	if len(path) > 0 {
		at.Path = path[0]
	}
	return must(w.Admin.CreateSecret(t.Context(), at, key, value))(t)
}

func (w *world) folder(t *testing.T, name string) {
	t.Helper()
	must(w.Admin.CreateFolder(t.Context(), w.root(), name))(t)
}

// list lists the root of dev as the reader, with version 4 of the API and everything else said.
func (w *world) list(t *testing.T, parameters ...string) answer {
	t.Helper()
	return w.get(t, "/api/v4/secrets", append(w.v4(), parameters...)...)
}

func (w *world) v4() []string {
	return []string{
		"projectId", w.project.ID, "environment", "dev", "secretPath", "/", "viewSecretValue", "true",
		"expandSecretReferences", "false", "recursive", "false", "includeImports", "false", "include_imports", "false",
	}
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
	address := w.Address + a.path
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
	response, err := w.HTTP.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
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
