// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rights compares what a chart grants an account with what it was seen to use. It
// must not know who uses it or for what.
package rights

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

// Right is the smallest right that RBAC can give.
type Right struct {
	// Verb, Group and Resource, a subresource after a slash.
	Verb, Group, Resource string
	// Name of the one object; empty for all.
	Name string
	// Namespace in which it holds; empty for all.
	Namespace string
}

// String tells what it allows and where.
func (r Right) String() string {
	text := fmt.Sprintf("%s %s.%s", r.Verb, r.Resource, r.Group)
	if r.Name != "" {
		text += fmt.Sprintf(" %q", r.Name)
	}
	if r.Namespace != "" {
		return text + " in " + r.Namespace
	}
	return text + " anywhere"
}

// Request is a request as RBAC sees it.
type Request struct {
	// What was asked for; Name and Namespace may be empty.
	Verb, Group, Resource, Name, Namespace string
	// Code is the status of the answer.
	Code int
}

// String tells what was asked for and the answer.
func (r Request) String() string {
	return fmt.Sprintf("%s %s.%s %q in %q: %d", r.Verb, r.Resource, r.Group, r.Name, r.Namespace, r.Code)
}

// Allows reports whether a right covers a request.
func (r Right) Allows(q Request) bool {
	return r.Verb == q.Verb && r.Group == q.Group && r.Resource == q.Resource &&
		(r.Name == "" || r.Name == q.Name) && (r.Namespace == "" || r.Namespace == q.Namespace)
}

// needed reports whether a request proves that a right is needed in all its breadth: one
// that holds anywhere is, if it is used outside the operator's own namespace.
func (r Right) needed(q Request, home string) bool {
	return r.Allows(q) && q.Code < http.StatusBadRequest && (r.Namespace != "" || q.Namespace != home)
}

// Of takes apart the roles that a chart binds to an account of its namespace.
func Of(chart *manifests.Chart, account string) ([]Right, error) {
	var rights []Right
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

func single(rule rbacv1.PolicyRule, namespace string) []Right {
	names := rule.ResourceNames
	if len(names) == 0 {
		names = []string{""}
	}
	var rights []Right
	for _, verb := range rule.Verbs {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, name := range names {
					rights = append(rights, Right{verb, group, resource, name, namespace})
				}
			}
		}
	}
	return rights
}

// Unneeded returns the rights that no request needs.
func Unneeded(rights []Right, requests []Request, home string) []Right {
	return slices.DeleteFunc(slices.Clone(rights), func(r Right) bool {
		return slices.ContainsFunc(requests, func(q Request) bool { return r.needed(q, home) })
	})
}

// Requests returns the distinct requests about resources that the operator made as a user;
// tests may use its identity too.
func Requests(tb testing.TB, log, user string) []Request {
	tb.Helper()
	seen := map[Request]bool{}
	for event, err := range cluster.ReadAudit(log) {
		if err != nil {
			tb.Fatal(err)
		}
		if event.User.Username != user || event.ObjectRef == nil || !strings.HasPrefix(event.UserAgent, "secretsync/") {
			continue
		}
		o := event.ObjectRef
		resource := o.Resource
		if o.Subresource != "" {
			resource += "/" + o.Subresource
		}
		seen[Request{event.Verb, o.APIGroup, resource, o.Name, o.Namespace, event.ResponseStatus.Code}] = true
	}
	return slices.Collect(maps.Keys(seen))
}

// Uncovered returns the requests that no right allows.
func Uncovered(rights []Right, requests []Request) []Request {
	return slices.DeleteFunc(slices.Clone(requests), func(q Request) bool {
		return slices.ContainsFunc(rights, func(r Right) bool { return r.Allows(q) })
	})
}
