// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rbac

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/manifests"
)

// right is the smallest right that RBAC can give.
type right struct {
	verb, group, resource string
	// name of the one object; empty for all.
	name string
	// namespace in which it holds; empty for all.
	namespace string
}

func (r right) String() string {
	text := fmt.Sprintf("%s %s.%s", r.verb, r.resource, r.group)
	if r.name != "" {
		text += fmt.Sprintf(" %q", r.name)
	}
	if r.namespace != "" {
		return text + " in " + r.namespace
	}
	return text + " anywhere"
}

// request is a request as RBAC sees it.
type request struct {
	verb, group, resource, name, namespace string
	code                                   int
}

func (r request) String() string {
	return fmt.Sprintf("%s %s.%s %q in %q: %d", r.verb, r.resource, r.group, r.name, r.namespace, r.code)
}

// allows reports whether a right covers a request.
func (r right) allows(q request) bool {
	return r.verb == q.verb && r.group == q.group && r.resource == q.resource &&
		(r.name == "" || r.name == q.name) && (r.namespace == "" || r.namespace == q.namespace)
}

// needed reports whether a request proves that a right is needed in all its breadth: one
// that holds anywhere is, if it is used outside the operator's own namespace.
func (r right) needed(q request, home string) bool {
	return r.allows(q) && q.code < http.StatusBadRequest && (r.namespace != "" || q.namespace != home)
}

// rightsOf takes apart the roles that a chart binds to an account of its namespace.
func rightsOf(chart *manifests.Chart, account string) ([]right, error) {
	var rights []right
	roles := map[string]rbacv1.Role{}
	for _, object := range chart.Objects {
		var role rbacv1.Role // A ClusterRole without aggregation has the same form.
		switch object.GetKind() {
		case "ClusterRole", "Role":
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &role); err != nil {
				return nil, fmt.Errorf("reading %s %q: %w", object.GetKind(), object.GetName(), err)
			}
			roles[object.GetKind()+"/"+role.Namespace+"/"+role.Name] = role
		}
	}
	for _, object := range chart.Objects {
		var binding rbacv1.RoleBinding // A ClusterRoleBinding has the same form.
		switch object.GetKind() {
		case "ClusterRoleBinding", "RoleBinding":
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &binding); err != nil {
				return nil, fmt.Errorf("reading %s %q: %w", object.GetKind(), object.GetName(), err)
			}
		}
		if !slices.Contains(binding.Subjects, rbacv1.Subject{Kind: "ServiceAccount", Namespace: chart.Namespace, Name: account}) {
			continue
		}
		for _, rule := range roles[binding.RoleRef.Kind+"/"+binding.Namespace+"/"+binding.RoleRef.Name].Rules {
			rights = append(rights, single(rule, binding.Namespace)...)
		}
	}
	return rights, nil
}

func single(rule rbacv1.PolicyRule, namespace string) []right {
	names := rule.ResourceNames
	if len(names) == 0 {
		names = []string{""}
	}
	var rights []right
	for _, verb := range rule.Verbs {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, name := range names {
					rights = append(rights, right{verb, group, resource, name, namespace})
				}
			}
		}
	}
	return rights
}

// unneeded returns the rights that no request needs.
func unneeded(rights []right, requests []request, home string) []right {
	return slices.DeleteFunc(slices.Clone(rights), func(r right) bool {
		return slices.ContainsFunc(requests, func(q request) bool { return r.needed(q, home) })
	})
}

// requestsOf returns the distinct requests about resources that the operator made as a user;
// tests may use its identity too.
func requestsOf(t *testing.T, log, user string) []request {
	t.Helper()
	seen := map[request]bool{}
	for event, err := range cluster.ReadAudit(log) {
		if err != nil {
			t.Fatal(err)
		}
		if event.User.Username != user || event.ObjectRef == nil || !strings.HasPrefix(event.UserAgent, "secretsync/") {
			continue
		}
		o := event.ObjectRef
		resource := o.Resource
		if o.Subresource != "" {
			resource += "/" + o.Subresource
		}
		seen[request{event.Verb, o.APIGroup, resource, o.Name, o.Namespace, event.ResponseStatus.Code}] = true
	}
	return slices.Collect(maps.Keys(seen))
}

func TestUnneededFindsWhatIsNotUsed(t *testing.T) {
	const home = "home"
	get := right{verb: "get", resource: "secrets"}
	used := request{verb: "get", resource: "secrets", name: "a", namespace: "apps", code: 200}
	changed := func(change func(*request)) []request {
		other := used
		change(&other)
		return []request{other}
	}
	cases := map[string]struct {
		reason   string
		right    right
		requests []request
		needed   bool
	}{
		"Used":          {right: get, requests: []request{used}, needed: true},
		"Never":         {right: get},
		"OtherVerb":     {right: get, requests: changed(func(q *request) { q.verb = "list" })},
		"OtherGroup":    {right: get, requests: changed(func(q *request) { q.group = "x" })},
		"OtherResource": {right: get, requests: changed(func(q *request) { q.resource = "secrets/x" })},
		"Refused":       {right: get, requests: changed(func(q *request) { q.code = 403 }), reason: "the right did not help"},
		"AtHomeOnly":    {right: get, requests: changed(func(q *request) { q.namespace = home }), reason: "a Role would do"},
		"Everywhere":    {right: get, requests: changed(func(q *request) { q.namespace = "" }), needed: true},
		"Named":         {right: right{verb: "get", resource: "secrets", name: "a"}, requests: []request{used}, needed: true},
		"NamedOther":    {right: right{verb: "get", resource: "secrets", name: "b"}, requests: []request{used}},
		"Role":          {right: right{verb: "get", resource: "secrets", namespace: "apps"}, requests: []request{used}, needed: true},
		"RoleElsewhere": {right: right{verb: "get", resource: "secrets", namespace: home}, requests: []request{used}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := len(unneeded([]right{tc.right}, tc.requests, home)) == 0; got != tc.needed {
				t.Errorf("%s: want needed %t, got %t", tc.reason, tc.needed, got)
			}
		})
	}
}
