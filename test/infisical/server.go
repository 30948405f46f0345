// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"encoding/json"
	"net/http"
	"path"
	"strings"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/test/infisical/access"
	"github.com/secretsync/secretsync/test/infisical/store"
)

// server answers requests.
type server struct {
	clock    clock.WithTicker
	behavior Behavior
	store    *store.Store
	registry *access.Registry
	verify   Verifiers
	limits   *limiter
	etags    *etagCache
	events   *hub
	webhooks *webhooks
	mux      *http.ServeMux
	orgID    string
}

// class is which limit of the rate limiter a route counts against.
type class int

const (
	unlimited class = iota
	readClass
	writeClass
	secretsClass
)

// who may call a route.
type who int

const (
	anybody who = iota
	// bearers are identities and people.
	bearers
	// people alone: an identity is refused.
	people
	// admins of the organization.
	admins
)

type handler func(*call) (any, error)

// route is one entry of the table of routes.
type route struct {
	pattern string
	class   class
	who     who
	handle  handler
}

func (s *server) routes() []route {
	return append([]route{
		{"GET /api/status", unlimited, anybody, (*call).status},
	}, join(
		secretRoutes(), folderRoutes(), importRoutes(), projectRoutes(), identityRoutes(), loginRoutes(), eventRoutes(), personalRoutes(),
	)...)
}

func join(tables ...[]route) []route {
	var all []route
	for _, table := range tables {
		all = append(all, table...)
	}
	return all
}

func (s *server) install() {
	s.mux = http.NewServeMux()
	for _, r := range s.routes() {
		if s.behavior.NoV4 && strings.Contains(r.pattern, " /api/v4/") {
			continue
		}
		if s.behavior.VersionsForIdentities && strings.HasSuffix(r.pattern, "/secret-versions") {
			r.who = bearers
		}
		s.mux.Handle(r.pattern, s.serve(r))
	}
}

// ServeHTTP answers one request. Unlike net/http's, its paths are what they are: it redirects nobody.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if trimmed := strings.TrimRight(r.URL.Path, "/"); trimmed != r.URL.Path {
		r = r.Clone(r.Context())
		r.URL.Path, r.URL.RawPath = trimmed, strings.TrimRight(r.URL.RawPath, "/")
	}
	_, pattern := s.mux.Handler(r)
	if escaped := r.URL.EscapedPath(); pattern == "" || path.Clean(escaped) != escaped {
		writeJSON(w, http.StatusNotFound, map[string]any{
			"message": "Route " + r.Method + ":" + r.URL.RequestURI() + " not found", "error": "Not Found", "statusCode": http.StatusNotFound,
		})
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *server) serve(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{server: s, request: r, writer: w}
		answer, err := c.run(route)
		if err != nil {
			s.writeFailure(w, err)
			return
		}
		c.write(answer)
	})
}

func (c *call) run(r route) (any, error) {
	if err := c.limit(r.class); err != nil {
		return nil, err
	}
	if r.who != anybody {
		if err := c.authenticate(r.who); err != nil {
			return nil, err
		}
	}
	return r.handle(c)
}

// write answers 200 with JSON, or 304 if the client has it all.
func (c *call) write(answer any) {
	switch answer.(type) {
	case written:
		return
	case notModified:
		c.writer.Header().Set("ETag", c.etag)
		c.writer.WriteHeader(http.StatusNotModified)
		return
	}
	text, err := json.Marshal(answer)
	if err != nil {
		panic(err) // all answers are types of this package
	}
	_, isList := answer.(listJSON)
	if c.etag == "" && (isList || !c.behavior.ListETagsAlone) {
		c.etag = pluginETag(text)
	}
	if c.etag != "" {
		c.writer.Header().Set("ETag", c.etag)
	}
	if c.etag != "" && c.request.Header.Get("If-None-Match") == c.etag {
		c.writer.WriteHeader(http.StatusNotModified)
		return
	}
	c.writer.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = c.writer.Write(text)
}

func (c *call) status() (any, error) {
	return map[string]any{
		"date": stamp(c.clock.Now()), "message": "Ok", "emailConfigured": false, "inviteOnlySignup": false,
		"redisConfigured": true, "secretScanningConfigured": false, "samlDefaultOrgSlug": nil,
	}, nil
}

func (c *call) authenticate(by who) error {
	if c.request.Header.Get("X-Api-Key") != "" {
		return store.BadRequest("API key authentication is not supported anymore. Use machine identities instead.")
	}
	text, ok := strings.CutPrefix(c.request.Header.Get("Authorization"), "Bearer ")
	if !ok || text == "" {
		return access.Unauthorized("Token missing")
	}
	caller, err := c.registry.Authenticate(text)
	if err != nil {
		return err
	}
	if !trusted(c.request.RemoteAddr, c.registry.TrustedIPs(text)) {
		return store.Forbidden("ForbiddenError", "You are not allowed to access this resource from the current IP address")
	}
	c.caller = caller
	switch {
	case by == people && !caller.User:
		return store.Forbidden("Forbidden access to "+c.request.URL.RequestURI(), "You are not allowed to access this resource")
	case by == admins && !caller.Admin:
		return store.Denied("create", "identity")
	}
	return nil
}
