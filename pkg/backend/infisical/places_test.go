// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// TestStandInsAreNotServedForWhatIsHidden: a secret that is shown no more leaves its name to
// a farther one, which is served only if the nearer one is gone.
func TestStandInsAreNotServedForWhatIsHidden(t *testing.T) {
	const importing = `{"secrets":[%s],"imports":[{"secretPath":"/shared","environment":"prod","secrets":[` +
		`{"id":"i","version":1,"secretKey":"K","secretValue":"imported"}]}]}`
	other := secretOf("OTHER", "x", "/app")
	shapes := map[string]struct {
		recursive     bool
		before, after string
		at            string
	}{
		"Import": {before: fmt.Sprintf(importing, secretOf("K", "own", "/app")), after: fmt.Sprintf(importing, ""), at: "/app"},
		"Below": {
			recursive: true, before: listOf(secretOf("K", "near", "/app/a"), secretOf("K", "far", "/app/b")),
			after: listOf(secretOf("K", "far", "/app/b")), at: "/app/a",
		},
		"BelowAlone": {recursive: true, before: listOf(other, secretOf("K", "near", "/app/a")), after: listOf(other), at: "/app/a"},
	}
	fates := map[string]struct {
		status int
		body   string
		class  fault.Class
		reason string
	}{
		"Gone":   {status: 404, body: failure(404, errorNotFound, "x")},
		"Hidden": {status: 403, body: failure(403, "PermissionDenied", "x"), class: fault.Denied, reason: remote.ReasonPermissionDenied},
		"There":  {status: 200, body: `{"secret":` + secretOf("K", "near", "") + `}`, class: fault.Suspicious, reason: reasonNotListed},
		"Down":   {status: 500, body: failure(500, "InternalServerError", "x"), class: fault.Unavailable, reason: remote.ReasonServerError},
	}
	for shape, tc := range shapes {
		for fate, how := range fates {
			t.Run(shape+fate, func(t *testing.T) {
				s := newStub()
				s.on(list, 200, tc.before)
				s.handle(list+"/K", func(w http.ResponseWriter, r *http.Request) {
					status, body := how.status, how.body
					if r.URL.Query().Get("secretPath") != tc.at {
						status, body = 404, failure(404, errorNotFound, "x")
					}
					w.WriteHeader(status)
					_, _ = w.Write([]byte(body))
				})
				b := open(t, s, settings{spec: v1alpha1.InfisicalBackend{Recursive: new(tc.recursive)}})
				want(t, readApp(t, b), "", "")
				s.on(list, 200, tc.after)
				if shape == "BelowAlone" { // Nothing stands in for it: it is asked for by who took it.
					want(t, readApp(t, b), "", "")
					err := b.ProveField(t.Context(), ref(t, "app", "", ""), "K")
					class, reason := how.class, how.reason
					switch fate {
					case "Gone":
						class, reason = fault.NotFound, backend.ReasonEntryNotFound
					case "There":
						class, reason = "", ""
					}
					want(t, err, class, reason)
					return
				}
				for range 2 { // What was found out once is not forgotten by failing.
					want(t, readApp(t, b), how.class, how.reason)
				}
			})
		}
	}
}

// TestPlacesAreBounded: more than so many are not remembered.
func TestPlacesAreBounded(t *testing.T) {
	var p places
	for i := range maxPlaces + 1 {
		p.learn(ref(t, fmt.Sprintf("app%d", i%7), "", ""), fmt.Sprint(i), "/app")
	}
	total := 0
	for _, fields := range p.known {
		total += len(fields)
	}
	if total != 1 || p.size != total {
		t.Errorf("want all but the last forgotten, got %d", total)
	}
}
