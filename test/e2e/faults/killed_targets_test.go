// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestKilledWhileMerging lets no life of the operator make more than one write, while it takes
// a key over, changes it, repairs it and leaves. The owner's other key is there all the time, and
// ours are either all there, and claimed, or none is.
func TestKilledWhileMerging(t *testing.T) {
	n := suite.Tenant(t)
	n.Create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "settings", Annotations: map[string]string{v1alpha1.AnnotationAdoptBy: "db"}},
		StringData: texts{"level": "info", "password": "made by hand"},
	}, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "elsewhere"}, StringData: texts{"level": "debug"}})
	settings, elsewhere := follow(t, n, "settings"), follow(t, n, "elsewhere")
	into := func(name string) harness.SyncEdit {
		return func(s *v1alpha1.SecretSync) {
			s.Spec.Target.Name, s.Spec.Target.Mode, s.Spec.Target.OnDelete = name, v1alpha1.ModeMerge, v1alpha1.Delete
		}
	}
	c := newCrasher(t, n)
	n.Write(t, "db", fields{"password": "first-password", "user": "first-user"})
	n.Sync(t, "db", onRequest, into("settings"))
	first := texts{"level": "info", "password": "first-password", "user": "first-user"}
	n.AwaitSecret(t, "settings", first)
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionTrue, "Serving")
	n.Write(t, "db", fields{"password": "second-password"})
	n.Annotate(t, "db", v1alpha1.AnnotationRefresh, "second")
	second := texts{"level": "info", "password": "second-password"}
	n.AwaitSecret(t, "settings", second)
	n.EditSecret(t, "settings", func(s *corev1.Secret) { delete(s.Data, "password") })
	n.AwaitSecret(t, "settings", second)
	n.Edit(t, "db", into("elsewhere"))
	n.AwaitSecret(t, "elsewhere", texts{"level": "debug", "password": "second-password"})
	left := n.AwaitSecret(t, "settings", texts{"level": "info"})
	c.alive(t)
	if len(left.Labels) > 0 || !maps.Equal(left.Annotations, texts{v1alpha1.AnnotationAdoptBy: "db"}) {
		t.Errorf("marks are left: %v %v", left.Labels, left.Annotations)
	}
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionTrue, "Serving")

	wantStates(t, settings, texts{"level": "info", "password": "made by hand"}, first, second, texts{"level": "info"}, second, texts{"level": "info"})
	wantStates(t, elsewhere, texts{"level": "debug"}, texts{"level": "debug", "password": "second-password"})
	wantRecordedOnce(t, n, texts{"password": "made by hand"})
}

func wantStates(t *testing.T, f *follower, want ...texts) {
	t.Helper()
	if diff := cmp.Diff(want, f.seen()); diff != "" {
		t.Errorf("the Secret was seen in other states (-want +got):\n%s", diff)
	}
}

// TestKilledWhileServingVersions lets no life make more than one write, while one version
// follows the other, and old ones are deleted. In the end it is as if nothing had happened.
func TestKilledWhileServingVersions(t *testing.T) {
	n := suite.Tenant(t)
	letLook(t, n)
	c := newCrasher(t, n)
	var served []string
	for number := range 4 {
		value := fmt.Sprintf("password-number-%d", number)
		n.Write(t, "db", fields{"password": value})
		if number == 0 {
			n.Sync(t, "db", onRequest, func(s *v1alpha1.SecretSync) { s.Spec.Target.Versioned = new(true) })
		} else {
			n.Annotate(t, "db", v1alpha1.AnnotationRefresh, value)
		}
		name := n.AwaitReady(t, "db", int64(number)+1).Status.Target
		n.AwaitSecret(t, name, texts{"password": value})
		served = append(served, name)
	}
	c.alive(t)
	harness.Await(t, "the last two versions and no other", func() string {
		var secrets corev1.SecretList
		harness.Must(t, n.Client.List(t.Context(), &secrets, inNamespace(n)))
		var versions []string
		for i := range secrets.Items {
			if s := &secrets.Items[i]; s.Annotations[v1alpha1.AnnotationVersionOf] != "" {
				versions = append(versions, s.Name)
			}
		}
		want := slices.Sorted(slices.Values(served[2:]))
		slices.Sort(versions)
		return cmp.Diff(want, versions)
	})
	if got := n.Numbers(t, "db"); !slices.Equal(got, []int64{1, 2, 3, 4}) {
		t.Errorf("want each state recorded once, got %v", got)
	}
	if c.deaths.Load() < 10 {
		t.Errorf("the operator was killed %d times only", c.deaths.Load())
	}
}

// letLook lets the operator see what refers to Secrets of the tenant, as the chart does with
// versionedTargets.
func letLook(t *testing.T, n *harness.Tenant) {
	t.Helper()
	n.Create(t, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "look"}, Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{"", "apps", "batch", "networking.k8s.io"}, Resources: []string{"*"}, Verbs: []string{"list"},
	}}}, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "look"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "look"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: harness.OperatorUser}},
	})
	harness.Await(t, "the operator to be let look", func() string {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User: harness.OperatorUser,
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Namespace: n.Namespace, Verb: "list", Group: "networking.k8s.io", Resource: "ingresses",
			},
		}}
		harness.Must(t, n.Client.Create(t.Context(), review))
		if !review.Status.Allowed {
			return review.Status.Reason
		}
		return ""
	})
}
