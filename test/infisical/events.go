// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/secretsync/secretsync/test/infisical/store"
)

const (
	defaultPing   = 15 * time.Second
	defaultChecks = time.Minute

	// backlog is how many events wait for a slow subscriber; more are lost, as nothing is replayed.
	backlog = 256
	// maxRegister is to how many kinds of events one subscription listens.
	maxRegister = 10
	// oldConnections is how many subscriptions the old server lets one identity have in a project.
	oldConnections = 5
)

func eventRoutes() []route {
	return []route{{"POST /api/v1/events/subscribe/project-events", readClass, bearers, (*call).subscribe}}
}

// hub hands changes to the subscriptions.
type hub struct {
	mu  sync.Mutex
	all map[*subscription]bool
}

type subscription struct {
	projectID, caller string
	register          []registration
	changes           chan store.Change
	// ended tells once, if ever, that the subscription is over: abruptly or not.
	ended chan bool
}

type registration struct {
	Event      store.ChangeKind `json:"event"`
	Conditions *struct {
		Environment string `json:"environmentSlug"`
		Path        string `json:"secretPath"`
	} `json:"conditions"`
}

func newHub() *hub { return &hub{all: map[*subscription]bool{}} }

func (h *hub) add(s *subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all[s] = true
}

func (h *hub) remove(s *subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.all, s)
}

func (h *hub) count(projectID, caller string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for s := range h.all {
		if s.projectID == projectID && s.caller == caller {
			n++
		}
	}
	return n
}

// end ends all subscriptions without a word.
func (h *hub) end(abruptly bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.all {
		s.ended <- abruptly
		delete(h.all, s)
	}
}

func (h *hub) publish(c store.Change, old bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.all {
		if s.projectID != c.ProjectID || !s.wants(c, old) {
			continue
		}
		select {
		case s.changes <- c:
		default:
		}
	}
}

func (s *subscription) wants(c store.Change, old bool) bool {
	for _, r := range s.register {
		if r.Event != c.Kind {
			continue
		}
		switch {
		case r.Conditions == nil:
			return true
		case r.Conditions.Environment != c.Environment:
		case old && store.Glob(r.Conditions.Path, c.Path), !old && strings.HasPrefix(c.Path, r.Conditions.Path):
			return true
		}
	}
	return false
}

func (c *call) subscribe() (any, error) {
	var body struct {
		ProjectID string         `json:"projectId"`
		Register  []registration `json:"register"`
	}
	if err := c.body(&body); err != nil {
		return nil, err
	}
	if err := checkRegister(body.ProjectID, body.Register); err != nil {
		return nil, err
	}
	if !c.behavior.Events {
		return nil, c.noPlan()
	}
	s := &subscription{
		projectID: body.ProjectID, caller: c.caller.ID, register: body.Register,
		changes: make(chan store.Change, backlog), ended: make(chan bool, 1),
	}
	if err := c.maySubscribe(s); err != nil {
		return nil, err
	}
	if c.behavior.OldEvents && c.events.count(s.projectID, s.caller) >= oldConnections {
		return nil, &store.Error{Status: http.StatusTooManyRequests, Name: "RateLimitExceeded", Message: "Too many active connections"}
	}
	c.events.add(s)
	defer c.events.remove(s)
	c.stream(s)
	return written{}, nil
}

func checkRegister(projectID string, register []registration) error {
	if err := need("projectId", projectID); err != nil {
		return err
	}
	if n := len(register); n < 1 || n > maxRegister {
		return &invalid{[]issue{{Code: "too_small", Path: []string{"register"}, Message: "Array must contain between 1 and 10 element(s)"}}}
	}
	for _, r := range register {
		if r.Conditions != nil && r.Conditions.Environment == "" {
			return &invalid{[]issue{required("environmentSlug")}}
		}
		if r.Conditions != nil {
			r.Conditions.Path = store.CleanPath(r.Conditions.Path)
		}
	}
	return nil
}

func (c *call) noPlan() error {
	if c.behavior.OldEvents {
		return store.BadRequest("Failed to use event subscriptions due to plan restriction. Upgrade plan to access enterprise event subscriptions.")
	}
	return store.BadRequest("Event subscriptions are not available on your current plan. Please upgrade to access this feature.")
}

// maySubscribe checks the permission for each kind of event.
func (c *call) maySubscribe(s *subscription) error {
	able, err := c.ability(s.projectID)
	if err != nil {
		return err
	}
	for _, r := range s.register {
		verb := map[store.ChangeKind]string{
			store.Created: "created", store.Updated: "updated", store.Deleted: "deleted", store.ImportMutation: "import-mutations",
		}[r.Event]
		subject, action := "secret-event-subscriptions", "subscribe-to-"+verb+"-events"
		if c.behavior.OldEvents {
			subject, action = "secret-events", "subscribe-on-"+verb
		}
		object := store.Object{}
		if r.Conditions != nil {
			object.Environment, object.Path = r.Conditions.Environment, r.Conditions.Path
		}
		if !able.Can(action, subject, object) {
			return store.Denied(action, subject)
		}
	}
	return nil
}

// stream writes what happens until somebody ends it.
func (c *call) stream(s *subscription) {
	header := c.writer.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache")
	header.Set("Connection", "keep-alive")
	header.Set("X-Accel-Buffering", "no")
	// The clocks run before the client knows that it is connected.
	ping := c.clock.NewTicker(orDefault(c.behavior.PingEvery, defaultPing))
	defer ping.Stop()
	check := c.clock.NewTicker(orDefault(c.behavior.EventChecks, defaultChecks))
	defer check.Stop()
	c.writer.WriteHeader(http.StatusOK)
	c.flush("")
	for {
		select {
		case change := <-s.changes:
			for _, event := range c.eventTexts(change) {
				c.flush(event)
			}
		case <-ping.C():
			c.flush(c.pingText())
		case <-check.C():
			if c.authenticate(bearers) != nil || c.maySubscribe(s) != nil {
				c.flush("event: error\ndata: {\"message\":\"Permission denied or refresh failed\"}\n\n")
				return
			}
		case abruptly := <-s.ended:
			if abruptly {
				panic(http.ErrAbortHandler)
			}
			return
		case <-c.request.Context().Done():
			return
		}
	}
}

func (c *call) flush(text string) {
	_, _ = c.writer.Write([]byte(text))
	_ = http.NewResponseController(c.writer).Flush()
}

func (c *call) pingText() string {
	if c.behavior.OldEvents {
		return "event: ping\ndata: 1\n\n"
	}
	return "event: ping\n\n"
}

// eventTexts is a change as it is sent: as one event with all secrets or, by the old server, one for each.
func (c *call) eventTexts(change store.Change) []string {
	kind := string(change.Kind)
	at := func(key, value string) map[string]any {
		payload := map[string]any{"environment": change.Environment, "secretPath": change.Path}
		if key != "" {
			payload[key] = value
		}
		return payload
	}
	if change.Kind == store.ImportMutation {
		return []string{c.eventText(kind, at("", ""))}
	}
	var several []string
	var payloads []any
	for _, key := range change.Keys {
		payloads = append(payloads, at("secretKeys", key))
		several = append(several, c.eventText(kind, at("secretKey", key)))
	}
	if c.behavior.OldEvents {
		return several
	}
	return []string{c.eventText(kind, payloads)}
}

func (c *call) eventText(kind string, payload any) string {
	data, err := json.Marshal(map[string]any{
		"type": "secret-manager", "data": map[string]any{"eventType": kind, "payload": payload},
	})
	if err != nil {
		panic(err) // maps of texts can be encoded
	}
	return fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", c.clock.Now().UnixMilli(), kind, data)
}

func orDefault(d, unset time.Duration) time.Duration {
	if d == 0 {
		return unset
	}
	return d
}
