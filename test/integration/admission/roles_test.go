// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// TestRolesForPeople asks what the cluster's own roles grant once the chart's are aggregated
// to them, and what the role for on-call does.
func TestRolesForPeople(t *testing.T) {
	w := newWorld(t)
	may := func(user, verb, resource string) bool {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User: user, ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: verb, Group: v1alpha1.GroupName, Resource: resource, Namespace: namespace,
			},
		}}
		if err := w.client.Create(t.Context(), review); err != nil {
			t.Fatal(err)
		}
		return review.Status.Allowed
	}
	for user, role := range map[string]string{"vera": "view", "eve": "edit", "ada": "admin", "olga": "secretsync-rollback"} {
		w.with(t, user, role)
	}
	await(t, "the roles to be aggregated", func() bool {
		return may("vera", "get", "secretsyncs") && may("eve", "create", "secretsyncs") && may("ada", "create", "secretbackends")
	})
	cases := map[string]struct {
		verb, resource          string
		view, edit, admin, call bool
	}{
		"LookAtSyncs":     {verb: "list", resource: "secretsyncs", view: true, edit: true, admin: true, call: true},
		"LookAtBackends":  {verb: "get", resource: "secretbackends", view: true, edit: true, admin: true},
		"CreateSyncs":     {verb: "create", resource: "secretsyncs", edit: true, admin: true},
		"UpdateSyncs":     {verb: "update", resource: "secretsyncs", edit: true, admin: true},
		"PatchSyncs":      {verb: "patch", resource: "secretsyncs", edit: true, admin: true, call: true},
		"DeleteSyncs":     {verb: "delete", resource: "secretsyncs", edit: true, admin: true},
		"GoBack":          {verb: "rollback", resource: "secretsyncs", edit: true, admin: true, call: true},
		"CreateBackends":  {verb: "create", resource: "secretbackends", admin: true},
		"PatchBackends":   {verb: "patch", resource: "secretbackends", admin: true},
		"WriteStatuses":   {verb: "patch", resource: "secretsyncs/status"},
		"ClusterBackends": {verb: "create", resource: "clustersecretbackends"},
		"LookAtFanOuts":   {verb: "get", resource: "clustersecretsyncs", view: true, edit: true, admin: true},
		"FanOut":          {verb: "create", resource: "clustersecretsyncs"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for user, want := range map[string]bool{"vera": tc.view, "eve": tc.edit, "ada": tc.admin, "olga": tc.call} {
				if got := may(user, tc.verb, tc.resource); got != want {
					t.Errorf("%s: want %t, got %t", user, want, got)
				}
			}
		})
	}
}
