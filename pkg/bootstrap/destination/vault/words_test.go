// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"k8s.io/utils/clock"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination/vault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// TestNoAnswerIsToldInTheOperatorsWords: whatever a server answers, no error advises to edit what
// a user of the bootstrap helper has not got.
func TestNoAnswerIsToldInTheOperatorsWords(t *testing.T) {
	statuses := []int{200, 204, 301, 307, 400, 403, 404, 405, 412, 429, 472, 473, 500, 501, 502, 503}
	bodies := []string{
		"", "{}", "x", `{"data":{}}`, `{"errors":[]}`, `{"errors":["permission denied"]}`, `{"errors":["no handler for route"]}`,
		`{"errors":["Vault is sealed"]}`, `{"errors":["Invalid path for a versioned K/V secrets engine"]}`, `{"errors":["node is not active"]}`,
		`{"auth":{"client_token":"t","lease_duration":60}}`, `{"auth":{"mfa_requirement":{}}}`, `{"data":{"options":{"version":"2"},"path":"secret/"}}`,
		"Client sent an HTTP request to an HTTPS server.",
	}
	rapid.Check(t, func(t *rapid.T) {
		const answers = 7 // In turns.
		status := rapid.SliceOfN(rapid.SampledFrom(statuses), answers, answers).Draw(t, "statuses")
		body := rapid.SliceOfN(rapid.SampledFrom(bodies), answers, answers).Draw(t, "bodies")
		var asked atomic.Int64
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			turn := asked.Add(1) % answers
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status[turn])
			_, _ = w.Write([]byte(body[turn]))
		}))
		defer server.Close()
		token := func(context.Context) (sensitive.Value, error) { return sensitive.FromString("a.b.c"), nil }
		for _, login := range []vault.Login{{Token: sensitive.FromString("token")}, {JWT: &vault.JWT{Role: "r", Token: token}}} {
			client, err := vault.Open(vault.Options{Address: server.URL, Login: login, Clock: clock.RealClock{}})
			if err != nil {
				t.Fatal(err)
			}
			place, err := client.Field(vault.Place{Mount: "secret", Path: "a", Field: "f"})
			if err != nil {
				t.Fatal(err)
			}
			_, observed := place.Observe(context.Background())
			_, stepped := client.NextSteps(context.Background())
			_, access := client.Access(context.Background(), vault.Access{Mount: "kubernetes", Role: "r", Policy: "p", Namespace: "n", ServiceAccount: "s", Audience: "a", Paths: []string{"secret/**"}})
			for _, err := range []error{observed, stepped, access} {
				for _, word := range []string{"spec.", "/login", "operator's", "SecretBackend"} {
					if said := fmt.Sprint(err); strings.Contains(said, word) {
						t.Fatalf("%q is in: %s", word, said)
					}
				}
			}
			_ = client.Close(context.Background())
		}
	})
}
