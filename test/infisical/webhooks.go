// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/test/infisical/store"
)

const (
	// webhookAttempts is how often a delivery is tried, webhookTimeout how long each may take.
	webhookAttempts = 5
	webhookTimeout  = 15 * time.Second
	// webhookDelay is how long changes are gathered; webhookBackoff is the first pause between attempts.
	webhookDelay   = time.Second
	webhookBackoff = 3 * time.Second
)

// webhook is where changes of some folders are told.
type webhook struct {
	ID          string `json:"id"`
	ProjectID   string `json:"projectId"`
	Environment string `json:"environment"`
	Path        string `json:"secretPath"`
	URL         string `json:"webhookUrl"`
	Key         string `json:"webhookSecretKey"`
	Type        string `json:"type"`
}

// webhooks delivers.
type webhooks struct {
	clock   clock.WithTicker
	client  *http.Client
	ctx     context.Context //nolint:containedctx // the life of the deliveries, which outlive the requests that cause them
	stop    context.CancelFunc
	running sync.WaitGroup
	project func(id string) (store.Project, error)

	mu      sync.Mutex
	all     []webhook
	pending map[string]bool
	closed  bool
}

func newWebhooks(c clock.WithTicker, project func(string) (store.Project, error)) *webhooks {
	ctx, stop := context.WithCancel(context.Background())
	return &webhooks{
		clock: c, client: &http.Client{Timeout: webhookTimeout, Transport: &http.Transport{}},
		ctx: ctx, stop: stop, project: project, pending: map[string]bool{},
	}
}

func (w *webhooks) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.stop()
	w.running.Wait()
	w.client.CloseIdleConnections()
}

func (w *webhooks) add(hook webhook) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, hook)
}

func (w *webhooks) find(id string) (webhook, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.all, func(hook webhook) bool { return hook.ID == id })
	if i < 0 {
		return webhook{}, false
	}
	return w.all[i], true
}

func (w *webhooks) remove(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = slices.DeleteFunc(w.all, func(hook webhook) bool { return hook.ID == id })
}

// changed delivers a change a little later; until then, further ones of the same folder add nothing.
func (w *webhooks) changed(c store.Change) {
	if c.Kind == store.Restructured {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, hook := range w.all {
		if hook.ProjectID != c.ProjectID || hook.Environment != c.Environment || !store.Glob(hook.Path, c.Path) {
			continue
		}
		key := hook.ID + "\n" + c.Path
		if w.pending[key] || w.closed {
			continue
		}
		w.pending[key] = true
		w.running.Go(func() {
			if !w.wait(webhookDelay) {
				return
			}
			w.mu.Lock()
			delete(w.pending, key)
			w.mu.Unlock()
			_ = w.deliver(hook, "secrets.modified", c) // the server gives up in silence, too
		})
	}
}

func (w *webhooks) deliver(hook webhook, event string, c store.Change) error {
	body, err := w.body(hook, event, c)
	if err != nil {
		return err
	}
	pause := webhookBackoff
	for attempt := 1; ; attempt++ {
		err := w.post(hook, body)
		if err == nil || attempt == webhookAttempts || event == "test" || !w.wait(pause) {
			return err
		}
		pause *= 2
	}
}

func (w *webhooks) body(hook webhook, event string, c store.Change) ([]byte, error) {
	project := map[string]any{"workspaceId": hook.ProjectID, "projectId": hook.ProjectID, "environment": hook.Environment, "secretPath": c.Path}
	if found, err := w.project(hook.ProjectID); err == nil {
		project["projectName"] = found.Name
		for _, e := range found.Environments {
			if e.Slug == hook.Environment {
				project["environmentName"] = e.Name
			}
		}
	}
	if event != "test" {
		project["changedBy"], project["changedByActorType"] = c.By.Name, c.By.Type
	}
	return json.Marshal(map[string]any{"event": event, "project": project, "timestamp": w.clock.Now().UnixMilli()})
}

func (w *webhooks) post(hook webhook, body []byte) error {
	request, err := http.NewRequestWithContext(w.ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if hook.Key != "" {
		request.Header.Set("X-Infisical-Signature", Sign(hook.Key, body, w.clock.Now()))
	}
	response, err := w.client.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("the receiver answered %s", response.Status)
	}
	return nil
}

// Sign is the signature of a webhook's body: t=<ms>;<hex HMAC-SHA256 with the key>.
func Sign(key string, body []byte, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return fmt.Sprintf("t=%d;%s", at.UnixMilli(), hex.EncodeToString(mac.Sum(nil)))
}

// wait returns false if the server ends first.
func (w *webhooks) wait(d time.Duration) bool {
	timer := w.clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
		return true
	case <-w.ctx.Done():
		return false
	}
}
