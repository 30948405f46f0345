// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// etagLife is how long a cached ETag answers for a list.
const etagLife = 15 * time.Minute

// etagCache remembers the ETags of lists, by project and by who asked for what.
type etagCache struct {
	clock clock.PassiveClock

	mu       sync.Mutex
	projects map[string]map[string]cachedETag
}

type cachedETag struct {
	etag  string
	until time.Time
}

func newETagCache(c clock.PassiveClock) *etagCache {
	return &etagCache{clock: c, projects: map[string]map[string]cachedETag{}}
}

// get returns the ETag of a list, or nothing if it is not known any more.
func (e *etagCache) get(projectID, field string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	cached := e.projects[projectID][field]
	if !e.clock.Now().Before(cached.until) {
		return ""
	}
	return cached.etag
}

func (e *etagCache) put(projectID, field, etag string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.projects[projectID] == nil {
		e.projects[projectID] = map[string]cachedETag{}
	}
	e.projects[projectID][field] = cachedETag{etag: etag, until: e.clock.Now().Add(etagLife)}
}

// forget drops all of a project, in which something changed.
func (e *etagCache) forget(projectID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.projects, projectID)
}

// pluginETag is that of @fastify/etag, which every answer has.
func pluginETag(body []byte) string {
	sum := sha1.Sum(body)
	return `"` + base64.StdEncoding.EncodeToString(sum[:]) + `"`
}

// listETag is that of the newest lists.
func listETag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}
