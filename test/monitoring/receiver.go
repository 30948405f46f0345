// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"
)

// Alert is what Alertmanager tells of one, as its documentation of webhooks has it.
type Alert struct {
	// Status is firing or resolved.
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	// Arrived is when the receiver was told.
	Arrived time.Time `json:"-"`
}

// Receiver is a webhook that remembers what it was told.
type Receiver struct {
	server *httptest.Server

	mu   sync.Mutex
	told []Alert
}

// NewReceiver starts a receiver; Close ends it.
func NewReceiver() *Receiver {
	r := &Receiver{}
	r.server = httptest.NewServer(r)
	return r
}

// URL is where Alertmanager reaches it.
func (r *Receiver) URL() string { return r.server.URL }

// Close ends it.
func (r *Receiver) Close() { r.server.Close() }

// ServeHTTP takes a notification.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	var notification struct {
		Alerts []Alert `json:"alerts"`
	}
	if err := json.NewDecoder(request.Body).Decode(&notification); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, alert := range notification.Alerts {
		alert.Arrived = now
		r.told = append(r.told, alert)
	}
}

// Told returns everything that it was told so far, in that order.
func (r *Receiver) Told() []Alert {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.told)
}
