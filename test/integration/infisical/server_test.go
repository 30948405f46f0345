// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/infisical"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/test/faultproxy"
	simulator "github.com/secretsync/secretsync/test/infisical"
)

// TestServer is about what only Infisical does, on both generations of it.
func TestServer(t *testing.T) {
	k := newKubernetes(t)
	for generation, behavior := range map[string]simulator.Behavior{"New": simulator.NewServer(), "Old": simulator.OldServer()} {
		for name, test := range map[string]func(*testing.T, *kubernetes, simulator.Behavior){
			"ImportsInOrder": importsInOrder, "Recreated": recreated, "TokensEnd": tokensEnd,
			"LockedByOthers": lockedByOthers, "Faults": faults, "BySlug": bySlug,
		} {
			t.Run(generation+name, func(t *testing.T) { test(t, k, behavior) })
		}
	}
}

func (w *world) read(t *testing.T, b backend.Backend, path, field, version string) (backend.Entry, error) {
	t.Helper()
	ref, err := backend.ParseValueRef(path, field, version)
	must(t, err)
	return b.Read(t.Context(), ref) //nolint:wrapcheck // as it is
}

// opened is a backend by universal auth, closed with the test.
func (w *world) opened(t *testing.T, k *kubernetes, edit func(*v1alpha1.InfisicalBackend)) backend.Backend {
	t.Helper()
	if w.auth == nil {
		auth := universal(t, k, w)
		w.auth = &auth
	}
	spec := w.spec(*w.auth)
	if edit != nil {
		edit(spec)
	}
	b := open(t, w.config(spec, namespace))
	t.Cleanup(func() { _ = b.Close(context.WithoutCancel(t.Context())) })
	return b
}

// plain reveals what an entry holds.
func plain(entry backend.Entry) map[string]string {
	texts := map[string]string{}
	for field, value := range entry.Fields {
		texts[field] = strings.Trim(string(value.Reveal()), `"`)
	}
	return texts
}

// importsInOrder: the folder's own secrets win, then the last import, as the server shows it.
func importsInOrder(t *testing.T, k *kubernetes, behavior simulator.Behavior) {
	t.Helper()
	w := newWorld(t, simulator.Options{Behavior: behavior}, k.source)
	w.write(t, "contract/first", map[string]string{"BOTH": `"first"`, "OWN": `"first"`, "ONE": `"first"`})
	w.write(t, "contract/last", map[string]string{"BOTH": `"last"`, "OWN": `"last"`})
	w.write(t, "contract/app", map[string]string{"OWN": `"own"`})
	for _, from := range []string{"contract/first", "contract/last"} {
		_, err := w.infisi.Import(t.Context(), w.at("contract/app"), w.at(from))
		must(t, err)
	}
	entry, err := w.read(t, w.opened(t, k, nil), "contract/app", "", "")
	must(t, err)
	if diff := cmp.Diff(map[string]string{"OWN": "own", "BOTH": "last", "ONE": "first"}, plain(entry)); diff != "" {
		t.Errorf("another precedence (-want +got):\n%s", diff)
	}
	if got := entry.Values["BOTH"].From; got != (backend.Origin{Path: "contract/last"}) {
		t.Errorf("want the import told, got %v", got)
	}
	entry, err = w.read(t, w.opened(t, k, func(b *v1alpha1.InfisicalBackend) { b.IncludeImports = new(false) }), "contract/app", "", "")
	must(t, err)
	if len(entry.Fields) != 1 {
		t.Errorf("want no imports where they are off, got %d fields", len(entry.Fields))
	}
}

// recreated: a version of the secret that had the name before is not served.
func recreated(t *testing.T, k *kubernetes, behavior simulator.Behavior) {
	t.Helper()
	w := newWorld(t, simulator.Options{Behavior: behavior}, k.source)
	w.write(t, "contract/app", map[string]string{"K": `"old-one"`})
	w.write(t, "contract/app", map[string]string{"K": `"old-two"`})
	w.write(t, "contract/app", map[string]string{"OTHER": `"x"`})
	w.write(t, "contract/app", map[string]string{"OTHER": `"x"`, "K": `"new-one"`})
	b := w.opened(t, k, nil)
	entry, err := w.read(t, b, "contract/app", "K", "1")
	if err == nil && plain(entry)["K"] != "new-one" || err != nil && fault.ReasonOf(err) != infisical.ReasonRecreated {
		t.Errorf("want version 1 of the new secret or %s, got %v", infisical.ReasonRecreated, err)
	}
	if _, err := w.read(t, b, "contract/app", "K", "2"); !fault.Is(err, fault.NotFound) {
		t.Errorf("want no version 2, which is of a deleted secret, got %v", err)
	}
}

// tokensEnd: whatever an expired or revoked token is answered with, another login is made.
func tokensEnd(t *testing.T, k *kubernetes, behavior simulator.Behavior) {
	t.Helper()
	now := clocktesting.NewFakeClock(time.Now())
	w := newWorld(t, simulator.Options{Behavior: behavior, Clock: now}, k.source)
	w.write(t, "contract/app", map[string]string{"K": `"v"`})
	b := w.opened(t, k, nil)
	before := w.logins(t)
	for want := 1; want <= 2; want++ {
		_, err := w.read(t, b, "contract/app", "", "")
		must(t, err)
		if got := w.logins(t) - before; got != want {
			t.Errorf("want a login for each token that has expired, %d by now, got %d", want, got)
		}
		now.Step(31 * 24 * time.Hour) // For the server alone: tokens live 30 days.
	}
}

// lockedByOthers: a login that is refused because others lock the identity is told so.
func lockedByOthers(t *testing.T, k *kubernetes, behavior simulator.Behavior) {
	t.Helper()
	w := newWorld(t, simulator.Options{Behavior: behavior}, k.source)
	w.write(t, "contract/app", map[string]string{"K": `"v"`})
	auth := universal(t, k, w)
	wrong := *auth.DeepCopy()
	wrongSecret(&wrong)
	provider := infisical.New()
	for range 10 { // One provider shows a wrong secret once, however many backends hold it.
		b, err := provider.Open(w.config(w.spec(wrong), namespace))
		must(t, err)
		_, err = w.read(t, b, "contract/app", "", "")
		if fault.ReasonOf(err) != remote.ReasonLoginDenied || fault.RetryAfter(err) < 10*time.Second {
			t.Errorf("want the login denied with a pause, got %v after %s", err, fault.RetryAfter(err))
		}
		must(t, b.Close(t.Context()))
	}
	right, err := provider.Open(w.config(w.spec(auth), namespace))
	must(t, err)
	if _, err = w.read(t, right, "contract/app", "", ""); err != nil {
		t.Errorf("want the identity locked by nobody, got %v", err)
	}
	must(t, right.Close(t.Context()))
}

// faults: a server that misbehaves is told as such, in time, and forgotten when it is well.
func faults(t *testing.T, k *kubernetes, behavior simulator.Behavior) {
	t.Helper()
	w := newWorld(t, simulator.Options{Behavior: behavior}, k.source)
	w.write(t, "contract/app", map[string]string{"K": `"v"`})
	spec := w.spec(universal(t, k, w))
	cfg := w.config(spec, namespace)
	b := open(t, cfg)
	defer func() { _ = b.Close(t.Context()) }()
	_, err := w.read(t, b, "contract/app", "", "")
	must(t, err)
	for name, mode := range map[string]faultproxy.Mode{
		"Reset": faultproxy.Reset(), "Truncate": faultproxy.Truncate(), "HTML": faultproxy.HTML("<html>"), "Redirect": faultproxy.Redirect("https://elsewhere.example"),
	} {
		w.sim.Faults.Set(mode)
		if _, err := w.read(t, b, "contract/app", "", ""); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: want it unavailable, got %s: %v", name, fault.ClassOf(err), err)
		}
		w.sim.Faults.Set(faultproxy.Pass())
		_, err := w.read(t, b, "contract/app", "", "")
		must(t, err)
	}
}

// bySlug: a project is found by its slug, and by one request.
func bySlug(t *testing.T, k *kubernetes, behavior simulator.Behavior) {
	t.Helper()
	w := newWorld(t, simulator.Options{Behavior: behavior}, k.source)
	w.write(t, "contract/app", map[string]string{"K": `"v"`})
	b := w.opened(t, k, func(s *v1alpha1.InfisicalBackend) { s.ProjectID, s.ProjectSlug = "", w.project.Slug })
	w.sim.Forget()
	for range 3 {
		_, err := w.read(t, b, "contract/app", "", "")
		must(t, err)
	}
	if got := w.count(func(r simulator.Request) bool { return strings.HasSuffix(r.Path, w.project.Slug) && r.Status == 200 }); got != 1 {
		t.Errorf("want the slug looked up once, got %d times", got)
	}
	must(t, b.Probe(t.Context()))
	b = w.opened(t, k, func(s *v1alpha1.InfisicalBackend) { s.Environment = "qa" })
	if err := b.Probe(t.Context()); fault.ReasonOf(err) != backend.ReasonMountNotFound || !strings.Contains(err.Error(), "dev") {
		t.Errorf("want the environments that there are named, got %v", err)
	}
}
