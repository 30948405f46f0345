// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backendtest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Responder is a server in memory, so that time can be virtual: an http.RoundTripper that
// answers by path and remembers what it was asked. It is safe for concurrent use.
type Responder struct {
	// Prefix is what the path of every request begins with; elsewhere paths are without it.
	Prefix string
	// Refuse answers requests that are not let through, and reports whether it did; nil lets
	// all through.
	Refuse func(http.ResponseWriter, Asked) bool
	// Unknown answers requests of paths that nothing was set for.
	Unknown func(http.ResponseWriter, Asked)

	mu       sync.Mutex
	handlers map[string]http.HandlerFunc
	requests []Asked
}

// Asked is a request.
type Asked struct {
	// Method and Path, without the prefix, and the path as it was sent.
	Method, Path, Escaped string
	// Query is not decoded.
	Query string
	// Header of the request.
	Header http.Header
	// Body is the JSON object of texts that was sent.
	Body map[string]string
}

// Bearer returns the token of the Authorization header.
func (a Asked) Bearer() string { return strings.TrimPrefix(a.Header.Get("Authorization"), "Bearer ") }

// On sets the answer for a path. The headers are names and values in turn.
func (r *Responder) On(path string, status int, body string, headers ...string) {
	r.Handle(path, func(w http.ResponseWriter, _ *http.Request) {
		for pair := range slices.Chunk(headers, 2) {
			w.Header().Set(pair[0], pair[1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// Handle sets what answers a path; nil forgets it.
func (r *Responder) Handle(path string, h http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.handlers == nil {
		r.handlers = map[string]http.HandlerFunc{}
	}
	r.handlers[path] = h
}

// Handler returns what answers a path, nil if nothing does.
func (r *Responder) Handler(path string) http.HandlerFunc {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.handlers[path]
}

// RoundTrip answers a request.
func (r *Responder) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := request.Context().Err(); err != nil {
		return nil, fmt.Errorf("answering in memory: %w", err)
	}
	said := Asked{
		Method: request.Method, Path: strings.TrimPrefix(request.URL.Path, r.Prefix), Escaped: request.URL.EscapedPath(),
		Query: request.URL.RawQuery, Header: maps.Clone(request.Header),
	}
	if request.Body != nil {
		if err := json.NewDecoder(request.Body).Decode(&said.Body); err != nil {
			return nil, fmt.Errorf("reading what was sent: %w", err)
		}
	}
	r.mu.Lock()
	r.requests = append(r.requests, said)
	handler := r.handlers[said.Path]
	r.mu.Unlock()
	recorder := httptest.NewRecorder()
	switch {
	case r.Refuse != nil && r.Refuse(recorder, said):
	case handler == nil:
		r.Unknown(recorder, said)
	default:
		handler(recorder, request)
	}
	if err := request.Context().Err(); err != nil {
		return nil, fmt.Errorf("answering in memory: %w", err)
	}
	return recorder.Result(), nil
}

// All returns the requests there were.
func (r *Responder) All() []Asked {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// Asked returns the requests for a path.
func (r *Responder) Asked(path string) []Asked {
	return slices.DeleteFunc(r.All(), func(a Asked) bool { return a.Path != path })
}

// Count returns how often a path was asked for.
func (r *Responder) Count(path string) int { return len(r.Asked(path)) }

// Last returns the newest request for a path; it fails the test if there is none.
func (r *Responder) Last(t *testing.T, path string) Asked {
	t.Helper()
	all := r.Asked(path)
	if len(all) == 0 {
		t.Fatalf("want a request for %q", path)
	}
	return all[len(all)-1]
}
