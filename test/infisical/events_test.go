// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

const subscribePath = "/api/v1/events/subscribe/project-events"

// subscription is the body that asks for all events of a folder in dev.
func (w *world) subscription(path string) map[string]any {
	var register []map[string]any
	for _, event := range []string{"secret:create", "secret:update", "secret:delete", "secret:import-mutation"} {
		register = append(register, map[string]any{"event": event, "conditions": map[string]any{"environmentSlug": "dev", "secretPath": path}})
	}
	return map[string]any{"projectId": w.project.ID, "register": register}
}

// stream is an open subscription.
type stream struct {
	*bufio.Reader

	header http.Header
}

// event is one event: its lines by their names.
type event map[string]string

func (w *world) subscribe(t *testing.T, path string) *stream {
	t.Helper()
	body := must(json.Marshal(w.subscription(path)))(t)
	request := must(http.NewRequestWithContext(t.Context(), http.MethodPost, w.Address+subscribePath, bytes.NewReader(body)))(t)
	request.Header.Set("Authorization", "Bearer "+w.token)
	response, err := w.HTTP.Do(request)
	check(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		t.Fatalf("subscribing: %d %s", response.StatusCode, text)
	}
	return &stream{Reader: bufio.NewReader(response.Body), header: response.Header}
}

func (s *stream) next(t *testing.T) event {
	t.Helper()
	e := event{}
	for {
		line, err := s.ReadString('\n')
		if err != nil {
			t.Fatalf("after %v: %v", e, err)
		}
		if line = strings.TrimSuffix(line, "\n"); line == "" {
			return e
		}
		name, value, _ := strings.Cut(line, ": ")
		e[name] = value
	}
}

// subscriber lets the reader subscribe.
func (w *world) subscriber(t *testing.T, subject string, actions ...string) (role string) {
	t.Helper()
	role = must(w.Admin.CreateRole(t.Context(), w.project.ID, "subscriber", admin.Rule{Subject: subject, Action: actions}))(t)
	check(t, w.Admin.ChangeRoles(t.Context(), w.project.ID, w.reader.ID, "viewer", "subscriber"))
	return role
}

func newActions() []string {
	return []string{
		"subscribe-to-created-events", "subscribe-to-updated-events", "subscribe-to-deleted-events", "subscribe-to-import-mutations-events",
	}
}

func TestEvents(t *testing.T) {
	w := simulated(t, infisical.Options{Behavior: infisical.Behavior{Events: true}})
	w.subscriber(t, "secret-event-subscriptions", newActions()...)
	w.folder(t, "api")
	w.folder(t, "apiary")
	w.folder(t, "web")
	s := w.subscribe(t, "/api")
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"} {
		if got := s.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	ctx := t.Context()
	w.create(t, "UNHEARD", "1", "/web")
	w.create(t, "A", "1", "/api")
	must(w.Admin.SetSecret(ctx, w.project.At("dev", "/api"), "A", "2"))(t)
	check(t, w.Admin.DeleteSecret(ctx, w.project.At("dev", "/api"), "A"))
	w.create(t, "B", "1", "/apiary") // paths are compared by their beginning
	must(w.Admin.Import(ctx, w.project.At("dev", "/api"), w.project.At("dev", "/web")))(t)

	payload := func(kind, payload string) map[string]any {
		var want map[string]any
		check(t, json.Unmarshal([]byte(`{"type":"secret-manager","data":{"eventType":"`+kind+`","payload":`+payload+`}}`), &want))
		return want
	}
	for _, want := range []struct{ kind, payload string }{
		{"secret:create", `[{"environment":"dev","secretPath":"/api","secretKeys":"A"}]`},
		{"secret:update", `[{"environment":"dev","secretPath":"/api","secretKeys":"A"}]`},
		{"secret:delete", `[{"environment":"dev","secretPath":"/api","secretKeys":"A"}]`},
		{"secret:create", `[{"environment":"dev","secretPath":"/apiary","secretKeys":"B"}]`},
		{"secret:import-mutation", `{"environment":"dev","secretPath":"/api"}`},
	} {
		got := s.next(t)
		var data map[string]any
		check(t, json.Unmarshal([]byte(got["data"]), &data))
		if got["event"] != want.kind || got["id"] == "" {
			t.Errorf("event %v", got)
		}
		if diff := cmp.Diff(payload(want.kind, want.payload), data); diff != "" {
			t.Error(diff)
		}
	}

	w.Simulator.DropEvents()
	if line, err := s.ReadString('\n'); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("%q, %v after the connection was dropped", line, err)
	}
	s = w.subscribe(t, "/api")
	w.Simulator.EndEvents()
	if line, err := s.ReadString('\n'); !errors.Is(err, io.EOF) {
		t.Errorf("%q, %v after the end", line, err)
	}
}

func TestOldEvents(t *testing.T) {
	w := simulated(t, infisical.Options{Behavior: infisical.Behavior{Events: true, OldEvents: true}})
	w.subscriber(t, "secret-events", "subscribe-on-created", "subscribe-on-updated", "subscribe-on-deleted", "subscribe-on-import-mutations")
	w.folder(t, "apiary")
	s := w.subscribe(t, "/")
	w.create(t, "UNHEARD", "1", "/apiary") // paths are globs
	check(t, w.Admin.CreateSecrets(t.Context(), w.root(), map[string]string{"A": "1"}))
	got := s.next(t)
	if want := `{"data":{"eventType":"secret:create","payload":{"environment":"dev","secretKey":"A","secretPath":"/"}},"type":"secret-manager"}`; got["data"] != want {
		t.Errorf("%v", got)
	}
	for range 4 {
		w.subscribe(t, "/")
	}
	w.post(t, subscribePath, w.subscription("/")).is(t, http.StatusTooManyRequests, "RateLimitExceeded")
}

// TestEventsOverTime is what a subscription is told while nothing happens.
func TestEventsOverTime(t *testing.T) {
	clock := clocktesting.NewFakeClock(time.Now())
	w := simulated(t, infisical.Options{Clock: clock, Behavior: infisical.Behavior{Events: true}})
	role := w.subscriber(t, "secret-event-subscriptions", newActions()...)
	s := w.subscribe(t, "/")
	for range 3 {
		clock.Step(15 * time.Second)
		if diff := cmp.Diff(event{"event": "ping"}, s.next(t)); diff != "" {
			t.Errorf("a ping has no data: %s", diff)
		}
	}
	check(t, w.Admin.ChangeRole(t.Context(), w.project.ID, role, admin.Rule{Subject: "secrets", Action: []string{"read"}}))
	clock.Step(15 * time.Second)
	for {
		e := s.next(t)
		if e["event"] == "ping" {
			continue // of the same moment
		}
		if diff := cmp.Diff(event{"event": "error", "data": `{"message":"Permission denied or refresh failed"}`}, e); diff != "" {
			t.Error(diff)
		}
		break
	}
	if _, err := s.ReadString('\n'); !errors.Is(err, io.EOF) {
		t.Errorf("after the error: %v", err)
	}
}

func TestRefusedSubscriptions(t *testing.T) {
	plan := simulated(t, infisical.Options{})
	noPlan := plan.post(t, subscribePath, plan.subscription("/"))
	noPlan.is(t, http.StatusBadRequest, "BadRequest")
	if !strings.Contains(noPlan.text(t, "message"), "not available on your current plan") {
		t.Errorf("%s", noPlan.raw)
	}
	w := simulated(t, infisical.Options{Behavior: infisical.Behavior{Events: true}})
	denied := w.post(t, subscribePath, w.subscription("/"))
	denied.is(t, http.StatusForbidden, "PermissionDenied")
	if denied.text(t, "details", 0, "subject") != "secret-event-subscriptions" {
		t.Errorf("%s", denied.raw)
	}
	for name, body := range map[string]map[string]any{
		"NoProject":  {"register": []map[string]any{{"event": "secret:create"}}},
		"NoRegister": {"projectId": w.project.ID},
		"TooMany":    {"projectId": w.project.ID, "register": make([]map[string]any, 11)},
		"NoEnvironment": {
			"projectId": w.project.ID, "register": []map[string]any{{"event": "secret:create", "conditions": map[string]any{"secretPath": "/"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w.post(t, subscribePath, body).is(t, http.StatusUnprocessableEntity, "ValidationFailure")
		})
	}
}
