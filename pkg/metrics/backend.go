// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/secretsync/secretsync/pkg/fault"
)

// backendEvent is something that is counted of a backend.
type backendEvent struct {
	backend string
	event   event
	// result of a login.
	result string
}

type event int

const (
	read event = iota
	spared
	throttled
	loggedIn
)

// Read counts a read of a backend.
func (m *Metrics) Read(backend string) {
	m.backends.add(backendEvent{backend: backend, event: read}, 1)
}

// Spared counts reads that one read saved because several wanted the same.
func (m *Metrics) Spared(backend string, reads int) {
	m.backends.add(backendEvent{backend: backend, event: spared}, reads)
}

// Throttled counts that reads had to wait for a rate limit.
func (m *Metrics) Throttled(backend string) {
	m.backends.add(backendEvent{backend: backend, event: throttled}, 1)
}

// LoggedIn counts a login at a backend; an empty class is a success.
func (m *Metrics) LoggedIn(backend string, class fault.Class, took time.Duration) {
	m.Request("login", class, took)
	m.backends.add(backendEvent{backend: backend, event: loggedIn, result: result(class)}, 1)
}

// CredentialEnds notes when a credential of a backend expires; the zero time says never.
func (m *Metrics) CredentialEnds(backend, credential string, at time.Time) {
	m.expiries.set(backend, credential, at)
}

// Backend is what is true of a backend now.
type Backend struct {
	// Key is Kind/name or Kind/namespace/name.
	Key string
	// Known says that it was asked anything, Reachable that it answers.
	Known, Reachable bool
	// BreakerOpen says that it is not read until it answers again.
	BreakerOpen bool
}

// backendDescs are the metrics of a backend.
type backendDescs struct {
	reachable, breaker, reads, spared, throttled, logins, expiry *prometheus.Desc
}

func newBackendDescs() backendDescs {
	of := func(name, help string, labels ...string) *prometheus.Desc {
		return desc("backend_"+name, help, append([]string{"backend"}, labels...)...)
	}
	return backendDescs{
		reachable: of("reachable", "Whether a backend answers."),
		breaker:   of("breaker_open", "Whether a backend is left alone until it answers again."),
		reads:     of("reads_total", "Reads of entries of a backend."),
		spared:    of("reads_spared_total", "Reads of a backend that were not needed, because one read served several SecretSyncs."),
		throttled: of("throttled_total", "Times that reads of a backend had to wait, for its rate limit or because it said so."),
		logins:    of("logins_total", "Logins at a backend by result: Success or the class of the error.", "result"),
		expiry:    of("credential_expiry_timestamp_seconds", "When a credential expires that a person made: Token, JWT or ClientCertificate.", "credential"),
	}
}

func (d backendDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{d.reachable, d.breaker, d.reads, d.spared, d.throttled, d.logins, d.expiry}
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+name, help, labels, nil)
}

func (m *Metrics) collectBackend(out sink, b Backend) {
	d := m.backend
	if b.Known {
		out.gauge(d.reachable, truth(b.Reachable), b.Key)
	}
	out.gauge(d.breaker, truth(b.BreakerOpen), b.Key)
	out.counter(d.reads, m.backends.of(backendEvent{backend: b.Key, event: read}), b.Key)
	out.counter(d.spared, m.backends.of(backendEvent{backend: b.Key, event: spared}), b.Key)
	out.counter(d.throttled, m.backends.of(backendEvent{backend: b.Key, event: throttled}), b.Key)
	for _, result := range append([]string{success}, classes()...) {
		count := m.backends.of(backendEvent{backend: b.Key, event: loggedIn, result: result})
		if count > 0 || result == success {
			out.counter(d.logins, count, b.Key, result)
		}
	}
	ends := m.expiries.of(b.Key)
	for _, credential := range slices.Sorted(maps.Keys(ends)) {
		out.gauge(d.expiry, seconds(ends[credential]), b.Key, credential)
	}
}
