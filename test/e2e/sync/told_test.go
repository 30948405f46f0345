// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// kubectl runs kubectl with every right and returns what it prints.
func kubectl(t *testing.T, n *harness.Tenant, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args = append([]string{"--kubeconfig", n.Cluster.Kubeconfig(), "--namespace", n.Namespace, "--cache-dir", t.TempDir()}, args...)
	output, err := exec.CommandContext(ctx, "kubectl", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return string(output)
}

// TestColumnsAndWait is what people see with kubectl.
func TestColumnsAndWait(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	kubectl(t, n, "wait", "--for=condition=Ready", "--timeout=60s", "secretsync/db")
	n.AwaitReady(t, "db", 1)
	lines := strings.Split(kubectl(t, n, "get", "ssync"), "\n")
	if got := strings.Fields(lines[0]); strings.Join(got, " ") != "NAME READY REASON SERVING NEWEST HELD BACKEND AGE" {
		t.Errorf("want the columns of the design, got %q", lines[0])
	}
	// HELD is empty, and kubectl prints nothing for it.
	if got := strings.Fields(lines[1]); len(got) < 6 || strings.Join(got[:6], " ") != "db True Serving 1 1 "+harness.Backend {
		t.Errorf("want what is served, got %q", lines[1])
	}
	n.Sync(t, "absent")
	kubectl(t, n, "wait", "--for=condition=Ready=false", "--timeout=60s", "secretsync/absent")
}

// TestEventsAndAuditLines tell every change of what is served.
func TestEventsAndAuditLines(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	n.Write(t, "db", fields{"password": "second-password"})
	n.AwaitReady(t, "db", 2)
	destroy(t, n, "db")
	n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "EntryNotFound")
	n.Write(t, "db", fields{"password": "second-password"})
	n.AwaitReady(t, "db", 2)
	n.AwaitEvent(t, "db", `Served: Secret "db" went from revision 1 to 2 (NewVersion)`)
	n.AwaitEvent(t, "db", "EntryNotFound: ")
	n.AwaitEvent(t, "db", `Recovered: Secret "db" serves revision 2 as asked for`)

	lines := n.AuditLines(t, "db")
	if len(lines) != 2 {
		t.Fatalf("want one audit line for each change of what is served, got %+v", lines)
	}
	for i, line := range lines {
		if line.From != int64(i) || line.Revision != int64(i+1) || line.Cause != v1alpha1.CauseNewVersion || line.Secret != "db" ||
			len(line.Sources) != 1 || line.Sources[0].Path != "db" || line.Sources[0].Version == "" {
			t.Errorf("audit line %d does not tell what happened: %+v", i, line)
		}
	}
}

// TestAtRestNothingIsWritten: intervals pass and no request is made.
func TestAtRestNothingIsWritten(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	awaitReads(t, n, "db", 1)
	rest := time.Now()
	awaitReads(t, n, "db", 3)
	if got := n.Requests(t, rest); len(got) > 0 {
		t.Errorf("requests were made at rest: %+v", got)
	}
	if logins := n.Logins(t); logins != 1 {
		t.Errorf("want one login, got %d", logins)
	}
}

// TestFirstServeTakesThreeWrites: create the revision, create the target, tell the status.
func TestFirstServeTakesThreeWrites(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	begin := time.Now()
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	awaitReads(t, n, "db", 1)
	var got []string
	for _, r := range n.Requests(t, begin) {
		if r.Verb != "get" && r.Resource != "events" && r.Resource != "secretbackends/status" {
			got = append(got, r.Verb+" "+r.Resource+" "+r.Name)
		}
	}
	want := []string{"create secrets db.r1", "create secrets db", "patch secretsyncs/status db"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("other writes than needed (-want +got):\n%s", diff)
	}
}
