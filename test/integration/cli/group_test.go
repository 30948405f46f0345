// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

func TestGroup(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	w.sync(w.namespace, "cache")
	w.sync(w.namespace, "other", func(s *v1alpha1.SecretSync) { s.Labels = map[string]string{"app": "other"} })
	w.operate()
	at := start().Add(90 * time.Minute).Format(time.RFC3339)

	says(t, w.good("rollback", "-l", "app=shop", "--at", at, "--dry-run"), "NAMESPACE", "cache", "3", "2", "shop/db@2", "-URL ~PASSWORD", "db", "Dry run")
	says(t, w.good("rollback", "-l", "app=shop", "--at", at, "-y", "--wait"), "Done:", "cache: holds revision 2", "db: holds revision 2")

	db, cache := w.get(w.namespace, "db"), w.get(w.namespace, "cache")
	group := db.Annotations[v1alpha1.AnnotationRollbackGroup]
	if group == "" || group != cache.Annotations[v1alpha1.AnnotationRollbackGroup] {
		t.Errorf("want one group, got %q and %q", group, cache.Annotations[v1alpha1.AnnotationRollbackGroup])
	}
	if got := db.Annotations[v1alpha1.AnnotationRollbackTo]; got != "2" {
		t.Errorf("want the number 2 written, got %q", got)
	}
	if len(w.get(w.namespace, "other").Annotations) > 0 {
		t.Error("a SecretSync with other labels was rolled back")
	}

	says(t, w.bad("follow", "--group", "g-none"), "nothing is held")
	says(t, w.good("follow", "--group", group, "--wait"), "cache: follows", "db: follows")
	if got := w.request(w.namespace, "db"); got != "" {
		t.Errorf("%q is still asked for", got)
	}
}

// TestGroupFailsInPart: a user may list everywhere, but write in one namespace only; and one
// SecretSync is younger than the moment asked for.
func TestGroupFailsInPart(t *testing.T) {
	w := newWorld(t)
	label := func(s *v1alpha1.SecretSync) { s.Labels["part"] = w.namespace }
	w.sync(w.namespace, "db", label)
	foreign := w.newNamespace()
	w.sync(foreign, "db", label)
	young := w.sync(w.namespace, "young", label)
	young.Status.Served = young.Status.Served[:1]
	w.updateStatus(young)

	says(t, w.bad("rollback", "-l", "part="+w.namespace, "--at", "99h", "-y"), "none of 2 can be done")
	user := w.as("erin", rule("secretsync.io", []string{"secretsyncs"}, []string{"get", "list", "patch"}))
	reader := &rbacv1.ClusterRole{Rules: []rbacv1.PolicyRule{rule("secretsync.io", []string{"secretsyncs"}, []string{"list"})}}
	reader.GenerateName = "cli-"
	w.create(reader)
	binding := &rbacv1.ClusterRoleBinding{
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: reader.Name},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "erin"}},
	}
	binding.GenerateName = "cli-"
	w.create(binding)

	at := start().Add(90 * time.Minute).Format(time.RFC3339)
	r := user.run("rollback", "-A", "-l", "part="+w.namespace, "--at", at, "-y")
	if r.err == nil || !strings.Contains(r.err.Error(), "2 of 3 are not done") {
		t.Errorf("want 2 of 3 not done, got %v", r.err)
	}
	says(t, r.out, "young: not possible", "Done:", w.namespace+"/db", "NOT done:")
	_, failed, _ := strings.Cut(r.out, "NOT done:")
	says(t, failed, foreign+"/db", `Role in namespace "`+foreign+`"`, `verbs: ["patch"]`)
	says(t, failed, "young", "not known")
	if got := w.get(w.namespace, "db").Annotations[v1alpha1.AnnotationRollbackTo]; got != "2" {
		t.Errorf("what could be done was not: %q", got)
	}
}
