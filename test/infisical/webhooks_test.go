// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/secretsync/secretsync/test/infisical"
)

const webhookKey = "a key of the receiver's"

// webhook tells changes of dev to a receiver, and returns its id.
func (w *world) webhook(t *testing.T, to *receiver, path string) string {
	t.Helper()
	var made struct{ Webhook struct{ ID string } }
	check(t, w.Admin.CallAsUser(t.Context(), http.MethodPost, "/api/v1/webhooks", map[string]any{
		"type": "general", "projectId": w.project.ID, "environment": "dev", "secretPath": path,
		"webhookUrl": to.URL, "webhookSecretKey": webhookKey,
	}, &made))
	return made.Webhook.ID
}

// verify checks the signature over the bytes that came.
func (r received) verify(t *testing.T) map[string]any {
	t.Helper()
	stamp, _, ok := strings.Cut(strings.TrimPrefix(r.header.Get("X-Infisical-Signature"), "t="), ";")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if !ok || err != nil || infisical.Sign(webhookKey, r.body, time.UnixMilli(ms)) != r.header.Get("X-Infisical-Signature") {
		t.Errorf("signature %q", r.header.Get("X-Infisical-Signature"))
	}
	var body map[string]any
	check(t, json.Unmarshal(r.body, &body))
	return body
}

// step moves the clock once something waits for it.
func step(t *testing.T, clock *clocktesting.FakeClock, d time.Duration) {
	t.Helper()
	for !clock.HasWaiters() {
		select {
		case <-t.Context().Done():
			t.Fatal("nothing waits for the clock")
		case <-time.After(time.Millisecond):
		}
	}
	clock.Step(d)
}

func TestWebhooks(t *testing.T) {
	clock := clocktesting.NewFakeClock(time.Now())
	w := simulated(t, infisical.Options{Clock: clock})
	w.folder(t, "api")
	to := newReceiver(t, http.StatusInternalServerError, http.StatusOK)
	id := w.webhook(t, to, "/api")
	w.create(t, "UNHEARD", "1")
	w.create(t, "A", "1", "/api")
	w.create(t, "B", "1", "/api") // folded into the first
	step(t, clock, time.Second)
	first := (<-to.got).verify(t)
	project, _ := first["project"].(map[string]any)
	for field, want := range map[string]any{
		"projectId": w.project.ID, "workspaceId": w.project.ID, "environment": "dev", "environmentName": "Development",
		"secretPath": "/api", "changedByActorType": "identity",
	} {
		if project[field] != want {
			t.Errorf("%s is %v, want %v", field, project[field], want)
		}
	}
	if first["event"] != "secrets.modified" || first["timestamp"] == nil {
		t.Errorf("told %v", first)
	}
	step(t, clock, 3*time.Second)
	(<-to.got).verify(t) // again, because the receiver failed

	check(t, w.Admin.CallAsUser(t.Context(), http.MethodPost, "/api/v1/webhooks/"+id+"/test", nil, nil))
	if test := (<-to.got).verify(t); test["event"] != "test" {
		t.Errorf("told %v", test)
	}
	check(t, w.Admin.CallAsUser(t.Context(), http.MethodDelete, "/api/v1/webhooks/"+id, nil, nil))
	refusedWith(t, w.Admin.CallAsUser(t.Context(), http.MethodPost, "/api/v1/webhooks/"+id+"/test", nil, nil), http.StatusNotFound)
	refusedWith(t, w.Admin.Call(t.Context(), http.MethodPost, "/api/v1/webhooks", map[string]any{}, nil), http.StatusForbidden)
	if n := len(to.got); n != 0 {
		t.Errorf("%d more deliveries", n)
	}
}

// TestWebhookGivesUp: after five attempts nothing more is tried.
func TestWebhookGivesUp(t *testing.T) {
	clock := clocktesting.NewFakeClock(time.Now())
	w := simulated(t, infisical.Options{Clock: clock})
	to := newReceiver(t, http.StatusInternalServerError)
	w.webhook(t, to, "/")
	w.create(t, "A", "1")
	step(t, clock, time.Second)
	<-to.got
	for _, pause := range []time.Duration{3 * time.Second, 6 * time.Second, 12 * time.Second, 24 * time.Second} {
		step(t, clock, pause)
		<-to.got
	}
	w.create(t, "B", "1")
	step(t, clock, time.Second) // the next delivery, which shows that the first has ended
	<-to.got
	if n := len(to.got); n != 0 {
		t.Errorf("%d more deliveries", n)
	}
}
