// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/secretsync/secretsync/test/cluster"
)

// Call is a request to the API server that was answered.
type Call struct {
	// Agent is who made it, by the User-Agent header.
	Agent string
	// Verb is Kubernetes': create, patch, watch.
	Verb string
	// Resource with its subresource, such as secretsyncs/status; the path if it is none.
	Resource string
	// Namespace and Name of the object; empty where there is none.
	Namespace, Name string
	// Code is the HTTP status.
	Code int
	// Body of the request, if the audit log has bodies.
	Body []byte
	// Received and Answered, by the API server's clock.
	Received, Answered time.Time
}

// Calls returns the requests of one kind of client in audit events, in their order. A
// watch counts once, when it is set up.
func Calls(events []cluster.AuditEvent, agent string) []Call {
	var calls []Call
	for i := range events {
		e := &events[i]
		begun := e.Verb == "watch" && e.Stage == "ResponseComplete"
		if !strings.HasPrefix(e.UserAgent, agent) || begun {
			continue
		}
		call := Call{
			Agent: e.UserAgent, Verb: e.Verb, Resource: e.RequestURI, Code: e.ResponseStatus.Code,
			Body: e.RequestObject, Received: e.ReceivedAt, Answered: e.At,
		}
		if ref := e.ObjectRef; ref != nil {
			call.Namespace, call.Name, call.Resource = ref.Namespace, ref.Name, ref.Resource
			if ref.Subresource != "" {
				call.Resource += "/" + ref.Subresource
			}
		}
		calls = append(calls, call)
	}
	return calls
}

// AtRest reports whether a request is one that an idle controller makes: renewing its
// lease or its watches, and what belongs to logins.
func (c Call) AtRest() bool {
	switch c.Resource {
	case "leases", "serviceaccounts/token", "tokenreviews":
		return true
	}
	return c.Verb == "watch"
}

// Tally counts by name.
type Tally map[string]int

// TallyOf counts requests by verb and resource.
func TallyOf(calls []Call) Tally {
	t := Tally{}
	for _, call := range calls {
		t[call.Verb+" "+call.Resource]++
	}
	return t
}

// String lists the counts, the greatest first.
func (t Tally) String() string {
	names := slices.SortedFunc(maps.Keys(t), func(a, b string) int {
		return cmp.Or(cmp.Compare(t[b], t[a]), cmp.Compare(a, b))
	})
	parts := make([]string, 0, len(names))
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%d %s", t[name], name))
	}
	return strings.Join(parts, ", ")
}
