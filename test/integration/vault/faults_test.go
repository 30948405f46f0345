// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"crypto/tls"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	vaultbackend "github.com/secretsync/secretsync/pkg/backend/vault"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/faultproxy"
)

// proxied is a proxy in front of the Vault and the configuration of a backend behind it.
func (w *world) proxied(t *testing.T, auth v1alpha1.VaultAuth) (*faultproxy.Proxy, backend.Config) {
	t.Helper()
	pair, err := w.vault.ClientCertificate("faultproxy")
	must(t, err)
	certificate, err := pair.TLS()
	must(t, err)
	p := faultproxy.ForTest(t, faultproxy.Options{
		Target: w.vault.Address(),
		TLS:    &tls.Config{RootCAs: pool(t, w.vault.CA()), Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
	})
	spec := w.spec("kv2", auth)
	spec.Address, spec.TLS.CABundle = p.Address(), string(p.CA())
	cfg := w.config(spec, namespace)
	cfg.Spec.Limits = timeout(time.Second)
	return p, cfg
}

// badAnswer is a mode, and the class and reasons of the error that it leads to.
type badAnswer struct {
	mode    faultproxy.Mode
	class   fault.Class
	reasons []string
	wait    time.Duration
	// again is true where HTTP itself asks once more: a connection that was kept and broke
	// before any answer may have been closed before the request came.
	again bool
}

func badAnswers() map[string]badAnswer {
	said := func(text string) string { return fmt.Sprintf(`{"errors":[%q]}`, text+backendtest.Marker) }
	unavailable := func(mode faultproxy.Mode, reasons ...string) badAnswer {
		return badAnswer{mode: mode, class: fault.Unavailable, reasons: reasons}
	}
	return map[string]badAnswer{
		"Hang":           unavailable(faultproxy.Hang(), remote.ReasonTimeout),
		"Slow":           unavailable(faultproxy.Slow(time.Minute), remote.ReasonTimeout),
		"Drip":           unavailable(faultproxy.Drip(time.Minute), remote.ReasonTimeout),
		"Throttle":       {mode: faultproxy.Throttle("17"), class: fault.Throttled, reasons: []string{remote.ReasonThrottled}, wait: 17 * time.Second},
		"ThrottleSilent": {mode: faultproxy.Throttle(""), class: fault.Throttled, reasons: []string{remote.ReasonThrottled}},
		"ServerError":    unavailable(faultproxy.Status(500, said("internal error")), remote.ReasonServerError),
		"BadGateway":     unavailable(faultproxy.Status(502, "<html>"+backendtest.Marker), remote.ReasonServerError),
		"Sealed":         unavailable(faultproxy.Status(503, said("Vault is sealed")), vaultbackend.ReasonSealed),
		"Standby":        unavailable(faultproxy.Status(473, ""), vaultbackend.ReasonStandby),
		"Uninitialized":  unavailable(faultproxy.Status(501, ""), vaultbackend.ReasonNotInitialized),
		"Reset":          {mode: faultproxy.Reset(), class: fault.Unavailable, reasons: []string{remote.ReasonConnectionReset}, again: true},
		"Truncate":       unavailable(faultproxy.Truncate(), remote.ReasonConnectionReset),
		"Cut":            unavailable(faultproxy.Cut(), remote.ReasonUnreadableAnswer),
		"HTML":           unavailable(faultproxy.HTML(backendtest.Marker), remote.ReasonUnreadableAnswer),
		"HTMLNotFound":   unavailable(faultproxy.Status(404, "<html>"+backendtest.Marker), remote.ReasonUnreadableAnswer),
		"HTMLForbidden":  unavailable(faultproxy.Status(403, "<html>"+backendtest.Marker), remote.ReasonUnreadableAnswer),
		"Empty":          unavailable(faultproxy.Status(200, ""), remote.ReasonUnreadableAnswer),
		"OtherJSON":      unavailable(faultproxy.Status(200, `{"status":"ok","note":"`+"m4rk3r"+`"}`), remote.ReasonUnreadableAnswer),
		"Redirect":       unavailable(faultproxy.Redirect("https://127.0.0.1:1"), remote.ReasonRedirected),
	}
}

// TestBadAnswers: each bad answer, to whichever request, has its class, holds no value, and
// is forgotten as soon as good ones come again.
func TestBadAnswers(t *testing.T) {
	w := seeded(t, cluster.VaultOptions{})
	w.write(t, "kv2", entry, map[string]string{"password": fmt.Sprintf("%q", backendtest.Marker)})
	p, cfg := w.proxied(t, kubernetesAuth())
	answers := badAnswers()
	for at, path := range map[string]string{
		"Read": "/v1/kv2/data/" + entry, "Detection": "/v1/sys/internal/ui/mounts/kv2", "Login": "/v1/auth/kubernetes/login",
	} {
		for _, name := range slices.Sorted(maps.Keys(answers)) {
			t.Run(at+name, func(t *testing.T) { answers[name].try(t, p, path, cfg) })
		}
	}
	t.Run("ReadOversize", func(t *testing.T) {
		bad := badAnswer{mode: faultproxy.Oversize(5 << 20), class: fault.InvalidContent, reasons: []string{remote.ReasonAnswerTooLarge}}
		bad.try(t, p, "/v1/kv2/data/"+entry, cfg)
	})
	t.Run("LoginOversize", func(t *testing.T) {
		bad := badAnswer{mode: faultproxy.Oversize(5 << 20), class: fault.Unavailable, reasons: []string{remote.ReasonUnreadableAnswer}}
		bad.try(t, p, "/v1/auth/kubernetes/login", cfg)
	})
}

func (bad badAnswer) try(t *testing.T, p *faultproxy.Proxy, path string, cfg backend.Config) {
	t.Helper()
	b := opened(t, cfg)
	p.Set(faultproxy.Pass())
	p.SetFor(path, bad.mode)
	p.Forget()
	err := readEntry(t, b)
	wantFault(t, err, bad.class, bad.reasons...)
	backendtest.WantNoMarker(t, "an error", fmt.Sprintf("%v %+v %#v", err, err, err))
	if got := fault.RetryAfter(err); got != bad.wait {
		t.Errorf("want to be asked to wait %s, got %s", bad.wait, got)
	}
	if got := p.Requests()[path]; got != 1 && (!bad.again || got != 2) {
		t.Errorf("want one request and no retry, got %d", got)
	}
	p.Set(faultproxy.Pass())
	if bad.wait > 0 {
		return // It waits as it was told to.
	}
	eventually(t, b, "", "")
}

// TestLookupThatFails: as long as it is not known whether the token or the path is at
// fault, nobody logs in anew.
func TestLookupThatFails(t *testing.T) {
	w := seeded(t, cluster.VaultOptions{})
	p, cfg := w.proxied(t, kubernetesAuth())
	b := opened(t, cfg)
	must(t, readEntry(t, b))
	p.SetFor("/v1/kv2/data/"+entry, faultproxy.Status(http.StatusForbidden, `{"errors":["1 error occurred:\n\t* permission denied\n\n"]}`))
	p.SetFor("/v1/auth/token/lookup-self", faultproxy.Status(502, ""))
	before := w.logins(t)
	wantFault(t, readEntry(t, b), fault.Unavailable, remote.ReasonServerError)
	if got := w.logins(t) - before; got != 0 {
		t.Errorf("want no login, got %d", got)
	}
	p.SetFor("/v1/auth/token/lookup-self", faultproxy.Pass())
	wantFault(t, readEntry(t, b), fault.Denied, remote.ReasonPermissionDenied)
}

// TestReadersAreBoundedWhileVaultHangs: many readers of a server that hangs all end within
// the timeout of a request, and there is one login under way, not many.
func TestReadersAreBoundedWhileVaultHangs(t *testing.T) {
	w := seeded(t, cluster.VaultOptions{})
	p, cfg := w.proxied(t, kubernetesAuth())
	b := opened(t, cfg)
	p.Set(faultproxy.Hang())
	results := make(chan error)
	for range 100 {
		go func() { results <- readEntry(t, b) }()
	}
	begin := time.Now()
	for range 100 {
		wantFault(t, <-results, fault.Unavailable, remote.ReasonTimeout)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("want all ended soon after a second, it took %s", took)
	}
	if got := p.Requests()["/v1/auth/kubernetes/login"]; got != 1 {
		t.Errorf("want one login tried, got %d", got)
	}
	p.Set(faultproxy.Pass())
	eventually(t, b, "", "")
}

// TestProxyDownAndUp: nobody listens, and then somebody does.
func TestProxyDownAndUp(t *testing.T) {
	w := seeded(t, cluster.VaultOptions{})
	p, cfg := w.proxied(t, kubernetesAuth())
	b := opened(t, cfg)
	must(t, readEntry(t, b))
	before := w.logins(t)
	must(t, p.Down())
	wantFault(t, readEntry(t, b), fault.Unavailable, remote.ReasonConnectionRefused)
	must(t, p.Up())
	eventually(t, b, "", "")
	if got := w.logins(t) - before; got != 0 {
		t.Errorf("want the token used on, got %d logins", got)
	}
}
