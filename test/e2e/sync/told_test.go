// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package sync

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// table returns what kubectl get prints: the API server works it out.
func table(t *testing.T, n *harness.Tenant) metav1.Table {
	t.Helper()
	c, err := rest.HTTPClientFor(n.Cluster.Config())
	if err != nil {
		t.Fatal(err)
	}
	url := fmt.Sprintf("%s/apis/%s/namespaces/%s/secretsyncs", n.Cluster.Host(), v1alpha1.GroupVersion, n.Namespace)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
	answer, err := c.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var table metav1.Table
	if err := json.NewDecoder(answer.Body).Decode(&table); err != nil {
		t.Fatal(err)
	}
	return table
}

// TestColumns is what people see with kubectl get.
func TestColumns(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	got := table(t, n)
	var names []string
	for _, column := range got.ColumnDefinitions {
		if column.Priority == 0 {
			names = append(names, column.Name)
		}
	}
	if diff := cmp.Diff([]string{"Name", "Ready", "Reason", "Serving", "Newest", "Held", "Backend", "Age"}, names); diff != "" {
		t.Errorf("other columns than the design's (-want +got):\n%s", diff)
	}
	if len(got.Rows) != 1 || len(got.Rows[0].Cells) < 7 {
		t.Fatalf("want one row, got %+v", got.Rows)
	}
	if cells := fmt.Sprint(got.Rows[0].Cells[:7]); cells != fmt.Sprintf("[db True Serving 1 1 <nil> %s]", harness.Backend) {
		t.Errorf("want what is served, got %s", cells)
	}
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
