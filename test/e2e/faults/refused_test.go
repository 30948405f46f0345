// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/faultproxy"
)

// requestsOfALife is more than the requests of serveRepairServe, so that each of them is
// spoiled once.
const requestsOfALife = 20

// requestsOfAListedLife is the same where each life takes a namespace that has to be listed, and that
// the operator watches by itself. The first of each write are spoiled all the same.
const requestsOfAListedLife = 4

// spoilers are what can become of one request to the API server.
func spoilers() map[string]faultproxy.Mode {
	status := func(code int, reason, more string) faultproxy.Mode {
		return faultproxy.Status(code, fmt.Sprintf(
			`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":%q,"code":%d,"message":"made by the test"%s}`, reason, code, more))
	}
	return map[string]faultproxy.Mode{
		"internal":  status(http.StatusInternalServerError, "InternalError", ""),
		"conflict":  status(http.StatusConflict, "Conflict", ""),
		"forbidden": status(http.StatusForbidden, "Forbidden", ""),
		"busy":      faultproxy.Status(http.StatusTooManyRequests, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"TooManyRequests","code":429,"details":{"retryAfterSeconds":1}}`, "Retry-After", "1"),
		"reset":     faultproxy.Reset(),
		// The request is carried out and nobody hears of it.
		"unheard": func(w http.ResponseWriter, r *http.Request, server faultproxy.Server) {
			_ = server.Answer(r)
			faultproxy.Reset()(w, r, server)
		},
		// As above, but with an answer that says it failed.
		"denied": func(w http.ResponseWriter, r *http.Request, server faultproxy.Server) {
			_ = server.Answer(r)
			status(http.StatusInternalServerError, "InternalError", "")(w, r, server)
		},
	}
}

// only spoils the n-th request, counted from 1.
func only(n int, spoil faultproxy.Mode) faultproxy.Mode {
	pass := faultproxy.Pass()
	return faultproxy.Times(n-1, pass, faultproxy.Times(1, spoil, pass))
}

// firstOfEach spoils each request the first time it is made.
func firstOfEach(spoil faultproxy.Mode) faultproxy.Mode {
	var mu sync.Mutex
	seen := map[string]bool{}
	return func(w http.ResponseWriter, r *http.Request, server faultproxy.Server) {
		what := r.Method + " " + r.URL.Path
		mu.Lock()
		first := writes(r) && !seen[what]
		seen[what] = true
		mu.Unlock()
		if first {
			spoil(w, r, server)
			return
		}
		server.Forward(w, r)
	}
}

// TestEachRequestSpoiled lives the same life again and again, each time with another
// request to the API server spoiled in another way. All end alike.
func TestEachRequestSpoiled(t *testing.T) {
	t.Parallel()
	n := tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	var lives []*life
	numbered := requestsOfALife
	if !n.ServesClusterBackends() {
		numbered = requestsOfAListedLife
	}
	for name, spoil := range spoilers() {
		for number := range numbered {
			lives = append(lives, newLife(t, n, fmt.Sprintf("%s-%d", name, number+1), only(number+1, spoil)))
		}
		lives = append(lives, newLife(t, n, name+"-first-of-each", firstOfEach(spoil)))
	}
	all := func(step func(*testing.T, *life)) {
		for _, l := range lives {
			step(t, l)
		}
	}
	all(func(t *testing.T, l *life) { t.Helper(); l.served(t, "first-password", 1) })
	n.Write(t, "db", fields{"password": "second-password"})
	all(func(t *testing.T, l *life) { t.Helper(); l.served(t, "second-password", 2) })
	all(func(t *testing.T, l *life) {
		t.Helper()
		l.EditSecret(t, "db", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
	})
	all(func(t *testing.T, l *life) { t.Helper(); l.served(t, "second-password", 2) })
	all(func(t *testing.T, l *life) { t.Helper(); l.Delete(t, &corev1.Secret{}, "db") })
	all(func(t *testing.T, l *life) { t.Helper(); l.served(t, "second-password", 2) })
	all(func(t *testing.T, l *life) { t.Helper(); l.asExpected(t) })
}

// life is a namespace with one SecretSync whose requests to the API server are spoiled.
type life struct {
	*harness.Tenant

	spoiled string
}

// newLife makes a namespace that reads the entry db of n's engine.
func newLife(t *testing.T, n *harness.Tenant, name string, mode faultproxy.Mode) *life {
	t.Helper()
	l := &life{Tenant: n.Neighbour(t, name), spoiled: name}
	guard(t, l.Tenant, mode)
	l.Sync(t, "db")
	return l
}

// served waits until the value is served and the status says so.
func (l *life) served(t *testing.T, value string, revision int64) {
	t.Helper()
	l.AwaitSecret(t, "db", texts{"password": value})
	l.AwaitReady(t, "db", revision)
}

// asExpected checks that each state was recorded once, in its turn.
func (l *life) asExpected(t *testing.T) {
	t.Helper()
	want := map[int64]texts{1: {"password": "first-password"}, 2: {"password": "second-password"}}
	harness.Await(t, "the revisions of "+l.spoiled, func() string {
		got := map[int64]texts{}
		for number, kept := range l.Revisions(t, "db") {
			got[number] = harness.Texts(kept)
		}
		return cmp.Diff(want, got)
	})
	s := l.AwaitStatus(t, "db", "a sound history", func(s *v1alpha1.SecretSync) string {
		if slices.ContainsFunc(s.Status.Conditions, degraded) {
			return "it says that it is degraded"
		}
		return ""
	})
	if len(s.Status.History) != 2 || s.Status.NewestRevision != 2 {
		t.Errorf("%s: want two revisions told, got %+v", l.spoiled, s.Status.History)
	}
	if secret := l.Secret(t, "db"); !maps.Equal(harness.Texts(secret), want[2]) {
		t.Errorf("%s: want the newest served, got %v", l.spoiled, harness.Texts(secret))
	}
}
