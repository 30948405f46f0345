// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/test/infisical/store"
)

// limitWindow is how long requests count.
const limitWindow = time.Minute

// RateLimits is how many requests of one IP address are answered in a minute, as only Infisical's own
// cloud limits them. Zero is no limit.
type RateLimits struct {
	// Reads, Writes (logins among them) and Secrets (reads of secrets) are per class; All is for
	// everything together.
	Reads, Writes, Secrets, All int
}

// CloudFree is what the free plan of Infisical's cloud allows.
func CloudFree() RateLimits { return RateLimits{Reads: 200, Writes: 90, Secrets: 120, All: 600} }

type limiter struct {
	clock   clock.PassiveClock
	classes map[class]int
	all     int

	mu      sync.Mutex
	windows map[string]*window
}

type window struct {
	until time.Time
	count int
}

func newLimiter(c clock.PassiveClock, limits RateLimits) *limiter {
	return &limiter{
		clock: c, all: limits.All, windows: map[string]*window{},
		classes: map[class]int{readClass: limits.Reads, writeClass: limits.Writes, secretsClass: limits.Secrets},
	}
}

// take counts a request and returns how many are left and when more will be; left is negative if
// this one is too many.
func (l *limiter) take(key string, limit int) (left int, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	w := l.windows[key]
	if w == nil || !now.Before(w.until) {
		w = &window{until: now.Add(limitWindow)}
		l.windows[key] = w
	}
	w.count++
	return limit - w.count, w.until.Sub(now)
}

// limit refuses a request that is one too many.
func (c *call) limit(of class) error {
	if of == unlimited {
		return nil
	}
	host, _, err := net.SplitHostPort(c.request.RemoteAddr)
	if err != nil {
		host = c.request.RemoteAddr
	}
	for _, one := range []struct {
		key   string
		limit int
	}{{host, c.limits.all}, {fmt.Sprint(host, "/", of), c.limits.classes[of]}} {
		limit := one.limit
		if limit == 0 {
			continue
		}
		left, wait := c.limits.take(one.key, limit)
		seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
		if !c.behavior.NoRetryAfter {
			c.writer.Header().Set("X-Ratelimit-Limit", strconv.Itoa(limit))
			c.writer.Header().Set("X-Ratelimit-Remaining", strconv.Itoa(max(left, 0)))
			c.writer.Header().Set("X-Ratelimit-Reset", seconds)
		}
		if left >= 0 {
			continue
		}
		if !c.behavior.NoRetryAfter {
			c.writer.Header().Set("Retry-After", seconds)
		}
		return &store.Error{
			Status: http.StatusTooManyRequests, Name: "RateLimitExceeded",
			Message: "Rate limit exceeded. Please try again in " + seconds + " seconds",
		}
	}
	return nil
}

// trusted reports whether an address is in one of the networks; no network is all networks.
func trusted(remote string, networks []string) bool {
	if len(networks) == 0 {
		return true
	}
	from, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	for _, text := range networks {
		if address, err := netip.ParseAddr(text); err == nil && address == from.Addr() {
			return true
		}
		if network, err := netip.ParsePrefix(text); err == nil && network.Contains(from.Addr()) {
			return true
		}
	}
	return false
}
