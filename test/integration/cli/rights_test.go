// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"testing"
)

// TestFewRights: a user who may edit SecretSyncs alone sees what cannot be shown, and can
// go back all the same.
func TestFewRights(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	w.workloads("db")
	user := w.as("dave", rule("secretsync.io", []string{"secretsyncs"}, []string{"get", "list", "patch"}))

	says(t, user.good("rollback", "db", "--to", "2", "-y"), "Keys: not known",
		"which deployments, statefulsets, daemonsets, replicasets, cronjobs, jobs, pods read the Secret is not known", `verbs: ["list"]`,
		"which keys change is not known", `resources: ["secrets"]`, "asked to hold revision 2")
	says(t, user.bad("diff", "db", "1"), "forbidden", `resources: ["secrets"], verbs: ["get"]`)
	says(t, user.good("pins", "db"), "version: \"3\"")
	says(t, user.bad("status", "-A"), "ClusterRole", `verbs: ["list"]`)
}

// TestReaders: a user who may only look is told which right is missing, also by a dry run.
func TestReaders(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	user := w.as("rita", rule("secretsync.io", []string{"secretsyncs"}, []string{"get", "list"}))

	says(t, user.good("status"), "db", "True")
	for _, args := range [][]string{
		{"rollback", "db", "--to", "2", "-y"},
		{"refresh", "db"},
		{"pause", "db", "--for", "1h"},
		{"forget", "db", "1", "-y"},
	} {
		says(t, user.bad(args...), "forbidden", `Role in namespace "`+w.namespace+`"`, `verbs: ["patch"]`)
	}
	r := user.run("rollback", "db", "--to", "2", "--dry-run")
	if r.err == nil {
		t.Error("a dry run of what is forbidden succeeds")
	}
	says(t, r.out, "These would fail:", `verbs: ["patch"]`)
	if len(w.get(w.namespace, "db").Annotations) > 0 {
		t.Error("something was written")
	}
}

// TestStrangers: without any right, the error says what is needed.
func TestStrangers(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	user := w.as("sam")

	says(t, user.bad("status"), "forbidden", `apiGroups: ["secretsync.io"]`, `verbs: ["list"]`)
	says(t, user.bad("history", "db"), "forbidden", `verbs: ["get"]`)
	says(t, user.good("__complete", "history", ""), ":")
}
