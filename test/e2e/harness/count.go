// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"slices"
	"strings"
	"testing"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/test/cluster"
)

// operatorAgent is what the operator's User-Agent begins with.
const operatorAgent = "secretsync/"

// Request is a request that an operator made to the API server.
type Request struct {
	// Verb and Resource, with a slash before a subresource, such as "patch" and "secretsyncs/status".
	Verb, Resource string
	// Name of the object; empty for lists.
	Name string
	// Code is the HTTP status.
	Code int
	// At is when it was answered.
	At time.Time
}

// Requests returns the requests that operators made in the tenant's namespace after a
// point in time, watches aside. The log may lag behind by a moment.
func (n *Tenant) Requests(tb testing.TB, since time.Time) []Request {
	tb.Helper()
	var requests []Request
	for event, err := range cluster.ReadAudit(n.Cluster.AuditLogPath()) {
		Must(tb, err)
		if event.ObjectRef == nil || event.ObjectRef.Namespace != n.Namespace || event.Verb == "watch" ||
			event.At.Before(since) || !strings.HasPrefix(event.UserAgent, operatorAgent) {
			continue
		}
		resource := event.ObjectRef.Resource
		if event.ObjectRef.Subresource != "" {
			resource += "/" + event.ObjectRef.Subresource
		}
		requests = append(requests, Request{event.Verb, resource, event.ObjectRef.Name, event.ResponseStatus.Code, event.At})
	}
	return requests
}

// Reads returns how often operators read an entry of the tenant's engine, as Vault saw it.
func (n *Tenant) Reads(tb testing.TB, path string) int {
	tb.Helper()
	return n.AllReads(tb)[path]
}

// AllReads returns how often operators read each entry of the tenant's engine.
func (n *Tenant) AllReads(tb testing.TB) map[string]int {
	tb.Helper()
	reads := map[string]int{}
	for entry, err := range cluster.ReadVaultAudit(n.Vault.AuditLogPath()) {
		Must(tb, err)
		path, own := strings.CutPrefix(entry.Request.Path, n.engine+"/data/")
		if own && entry.Type == "request" && entry.Auth.DisplayName != "root" && entry.Request.Operation == "read" {
			reads[path]++
		}
	}
	return reads
}

// Logins returns how often the tenant's identity logged in successfully.
func (n *Tenant) Logins(tb testing.TB) int {
	tb.Helper()
	logins := 0
	for entry, err := range cluster.ReadVaultAudit(n.Vault.AuditLogPath()) {
		Must(tb, err)
		if entry.Type == "response" && entry.Error == "" && strings.HasSuffix(entry.Request.Path, "/login") &&
			slices.Contains(entry.Auth.Policies, n.Namespace) {
			logins++
		}
	}
	return logins
}

// Events returns the events about an object of the tenant as "Reason: note", oldest first.
func (n *Tenant) Events(tb testing.TB, name string) []string {
	tb.Helper()
	var list eventsv1.EventList
	Must(tb, n.Client.List(tb.Context(), &list, client.InNamespace(n.Namespace)))
	slices.SortFunc(list.Items, func(a, b eventsv1.Event) int { return a.EventTime.Compare(b.EventTime.Time) })
	var texts []string
	for _, e := range list.Items {
		if e.Regarding.Name == name {
			texts = append(texts, e.Reason+": "+e.Note)
		}
	}
	return texts
}

// AwaitEvent waits for an event about an object whose reason and note begin with that text.
func (n *Tenant) AwaitEvent(tb testing.TB, name, prefix string) {
	tb.Helper()
	Await(tb, "an event "+prefix, func() string {
		events := n.Events(tb, name)
		if slices.ContainsFunc(events, func(e string) bool { return strings.HasPrefix(e, prefix) }) {
			return ""
		}
		return "there are only:\n" + strings.Join(events, "\n")
	})
}

// Tokens returns how many tokens of the tenant's identity are valid.
func (n *Tenant) Tokens(tb testing.TB) int {
	tb.Helper()
	root := n.Vault.Root().Logical()
	list, err := root.ListWithContext(tb.Context(), "auth/token/accessors")
	Must(tb, err)
	accessors, _ := list.Data["keys"].([]any)
	valid := 0
	for _, accessor := range accessors {
		token, err := root.WriteWithContext(tb.Context(), "auth/token/lookup-accessor", map[string]any{"accessor": accessor})
		if err != nil {
			continue // It has just gone.
		}
		policies, _ := token.Data["policies"].([]any)
		if slices.Contains(policies, any(n.Namespace)) {
			valid++
		}
	}
	return valid
}
