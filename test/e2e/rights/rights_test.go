// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rights

import "testing"

func TestUnneededFindsWhatIsNotUsed(t *testing.T) {
	const home = "home"
	get := Right{Verb: "get", Resource: "secrets"}
	used := Request{Verb: "get", Resource: "secrets", Name: "a", Namespace: "apps", Code: 200}
	changed := func(change func(*Request)) []Request {
		other := used
		change(&other)
		return []Request{other}
	}
	cases := map[string]struct {
		reason   string
		right    Right
		requests []Request
		needed   bool
	}{
		"Used":          {right: get, requests: []Request{used}, needed: true},
		"Never":         {right: get},
		"OtherVerb":     {right: get, requests: changed(func(q *Request) { q.Verb = "list" })},
		"OtherGroup":    {right: get, requests: changed(func(q *Request) { q.Group = "x" })},
		"OtherResource": {right: get, requests: changed(func(q *Request) { q.Resource = "secrets/x" })},
		"Refused":       {right: get, requests: changed(func(q *Request) { q.Code = 403 }), reason: "the right did not help"},
		"AtHomeOnly":    {right: get, requests: changed(func(q *Request) { q.Namespace = home }), reason: "a Role would do"},
		"Everywhere":    {right: get, requests: changed(func(q *Request) { q.Namespace = "" }), needed: true},
		"Named":         {right: Right{Verb: "get", Resource: "secrets", Name: "a"}, requests: []Request{used}, needed: true},
		"NamedOther":    {right: Right{Verb: "get", Resource: "secrets", Name: "b"}, requests: []Request{used}},
		"Role":          {right: Right{Verb: "get", Resource: "secrets", Namespace: "apps"}, requests: []Request{used}, needed: true},
		"RoleElsewhere": {right: Right{Verb: "get", Resource: "secrets", Namespace: home}, requests: []Request{used}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := len(Unneeded([]Right{tc.right}, tc.requests, home)) == 0; got != tc.needed {
				t.Errorf("%s: want needed %t, got %t", tc.reason, tc.needed, got)
			}
		})
	}
}
