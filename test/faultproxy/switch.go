// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faultproxy

import (
	"context"
	"maps"
	"net/http"
	"sync"
)

// Switch chooses the mode of each request, and counts them. Its methods may be called from any
// goroutine.
type Switch struct {
	mu       sync.Mutex
	rules    []rule
	changed  chan struct{} // closed when the rules change
	requests map[string]int
}

// rule is a mode for some requests; the last one that matches decides.
type rule struct {
	matches func(*http.Request) bool
	mode    Mode
}

// NewSwitch returns a switch that lets everything pass.
func NewSwitch() *Switch { return &Switch{changed: make(chan struct{}), requests: map[string]int{}} }

// Set has every request treated in that mode from now on, and forgets SetFor and SetWhere.
// Requests that hang or wait in an earlier mode are broken off.
func (s *Switch) Set(mode Mode) {
	s.change(func() { s.rules = []rule{{matches: func(*http.Request) bool { return true }, mode: mode}} })
}

// SetFor has requests to that path treated in that mode. The last mode set for a path counts.
func (s *Switch) SetFor(path string, mode Mode) {
	s.SetWhere(func(r *http.Request) bool { return r.URL.Path == path }, mode)
}

// SetWhere has the requests that match treated in that mode. The last mode set for a request counts.
func (s *Switch) SetWhere(matches func(*http.Request) bool, mode Mode) {
	s.change(func() { s.rules = append(s.rules, rule{matches: matches, mode: mode}) })
}

// Requests returns how often each path was asked for.
func (s *Switch) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.requests)
}

// Forget sets all counts to zero.
func (s *Switch) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.requests)
}

// Serve counts a request and treats it in the mode of the moment, forward being the server.
func (s *Switch) Serve(w http.ResponseWriter, r *http.Request, forward http.Handler) {
	s.mu.Lock()
	s.requests[r.URL.Path]++
	mode, changed := Pass(), s.changed
	for _, rule := range s.rules {
		if rule.matches(r) {
			mode = rule.mode
		}
	}
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		select {
		case <-changed:
			cancel()
		case <-stop:
		}
	}()
	mode(w, r, Server{handler: forward, changed: ctx.Done()})
}

func (s *Switch) change(how func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how()
	close(s.changed)
	s.changed = make(chan struct{})
}
