// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli"
)

func TestRollbackShowsThePlanFirst(t *testing.T) {
	w := newWorld(t)
	before := w.sync(w.namespace, "db")
	w.workloads("db")

	out := w.good("rollback", "db", "--to", "2", "--dry-run")
	says(t, out, "hold revision 2", "from", "3", "shop/db@3", "to", "2", "shop/db@2",
		"Keys changed: PASSWORD", "Keys REMOVED: URL",
		"WARNING: Deployment web needs URL (app: env URL): its Pods DO NOT START",
		"Warning: StatefulSet queue loses URL (app: envFrom)",
		"Consumers:", "Deployment", "files", "updates itself", "Deployment", "web", "NOT restarted, because its new Pods would not start",
		"StatefulSet", "needs a restart", "CronJob", "its next run", "Pod", "shell", "delete it",
		"Not undone", "Dry run: nothing was written.")
	says(t, out, "Consumers:", "user", "app: env USER", "not concerned")
	if strings.Contains(out, "another") || strings.Contains(out, "other  ") {
		t.Errorf("the plan names a workload that reads another Secret:\n%s", out)
	}
	if after := w.get(w.namespace, "db"); after.ResourceVersion != before.ResourceVersion {
		t.Errorf("a dry run has written: %v", cmp.Diff(before.Annotations, after.Annotations))
	}
}

func TestRollbackAsks(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")

	says(t, w.bad("rollback", "db", "--to", "2"), "not confirmed", "--yes")
	w.stdin = "no\n"
	says(t, w.bad("rollback", "db", "--to", "2"), "not confirmed")
	if _, asked := w.get(w.namespace, "db").Annotations[v1alpha1.AnnotationRollbackTo]; asked {
		t.Error("a rollback that was not confirmed was written")
	}
	w.stdin = "y\n"
	says(t, w.good("rollback", "db", "--to", "2"), "asked to hold revision 2")
	if got := w.get(w.namespace, "db").Annotations[v1alpha1.AnnotationRollbackTo]; got != "2" {
		t.Errorf("want the annotation 2, got %q", got)
	}
}

func TestRollbackWritesNumbers(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	cases := map[string]struct {
		flags []string
		want  string
	}{
		"Number":   {flags: []string{"--to", "1"}, want: "1"},
		"Previous": {flags: []string{"--previous"}, want: "2"},
		"Time":     {flags: []string{"--at", start().Add(30 * time.Minute).Format(time.RFC3339)}, want: "1"},
		"Ago":      {flags: []string{"--at", "3h30m"}, want: "2"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w.good("follow", "db")
			w.good(append([]string{"rollback", "db", "-y"}, tc.flags...)...)
			if got := w.get(w.namespace, "db").Annotations[v1alpha1.AnnotationRollbackTo]; got != tc.want {
				t.Errorf("want %q, got %q", tc.want, got)
			}
		})
	}
}

func TestEveryWriteIsByItsOwnManager(t *testing.T) {
	w := newWorld(t)
	s := w.sync(w.namespace, "db")
	s.Status.Blocked = &v1alpha1.BlockedStatus{Token: "t-1", Keys: []string{"URL"}}
	w.updateStatus(s)
	cases := map[string]struct {
		annotation string
		args       []string
	}{
		"Rollback": {annotation: v1alpha1.AnnotationRollbackTo, args: []string{"rollback", "db", "--to", "2", "-y"}},
		"Group":    {annotation: v1alpha1.AnnotationRollbackGroup, args: []string{"rollback", "-l", "app=shop", "--at", "1m", "-y"}},
		"Follow":   {annotation: v1alpha1.AnnotationReleased, args: []string{"follow", "db"}},
		"Refresh":  {annotation: v1alpha1.AnnotationRefresh, args: []string{"refresh", "db"}},
		"Accept":   {annotation: v1alpha1.AnnotationAccept, args: []string{"accept", "db", "-y"}},
		"Forget":   {annotation: v1alpha1.AnnotationForget, args: []string{"forget", "db", "1", "-y"}},
		"Pause":    {annotation: v1alpha1.AnnotationPauseUntil, args: []string{"pause", "db", "--for", "1h"}},
	}
	for _, name := range []string{"Rollback", "Group", "Follow", "Refresh", "Accept", "Forget", "Pause"} {
		tc := cases[name]
		t.Run(name, func(t *testing.T) {
			w.good(tc.args...)
			var owners []string
			for _, entry := range w.get(w.namespace, "db").ManagedFields {
				if strings.Contains(entry.FieldsV1.GetRawString(), `"f:`+tc.annotation+`"`) {
					owners = append(owners, entry.Manager)
				}
			}
			if diff := cmp.Diff([]string{cli.FieldManager}, owners); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRollbackWaits(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	w.operate(1)

	says(t, w.good("rollback", "db", "--to", "2", "-y", "--wait"), "db: holds revision 2")
	says(t, w.good("status", "db"), "2", "3", "2", "held at revision 2", "follow")
	says(t, w.good("history", "db"), "2", "serving,held", "now", "2", "Rollback", "secretsync-cli", "2")
	says(t, w.good("history", "db", "--at", "0s"), "served revision 2", "asked by: secretsync-cli", "\"2\"")
	says(t, w.bad("rollback", "db", "--to", "1", "-y", "--wait"), "refuses", "RevisionUntrusted")
	says(t, w.bad("rollback", "db", "--to", "1", "-y", "--wait"), "refuses", "RevisionUntrusted")
	says(t, w.good("follow", "db", "--wait"), "follow the newest, revision 3", "follows the backend again")

	after := w.get(w.namespace, "db")
	if _, err := time.Parse(time.RFC3339, after.Annotations[v1alpha1.AnnotationReleased]); err != nil {
		t.Errorf("the release is not marked: %v", err)
	}
	if _, still := after.Annotations[v1alpha1.AnnotationRollbackTo]; still {
		t.Error("the annotation is still there")
	}
	says(t, w.good("follow", "secretsync.secretsync.io/db"), "not held")
}

func TestRollbackTimesOut(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	says(t, w.bad("rollback", "db", "--to", "2", "-y", "--wait", "--timeout", "300ms"), "no answer", "the request stands")
}

func TestRollbackRefusesWhatCannotBe(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	git := w.sync(w.namespace, "git")
	w.applyAs("argocd-controller", git, map[string]string{v1alpha1.AnnotationRollbackTo: "1"})

	cases := map[string]struct {
		args []string
		want []string
	}{
		"NoGoal":      {args: []string{"db"}, want: []string{"--to REVISION", "kept are 3 (serving, newest), 2, 1"}},
		"Unknown":     {args: []string{"db", "--to", "7"}, want: []string{"revision 7", "kept are 3 (serving, newest), 2, 1"}},
		"TooEarly":    {args: []string{"db", "--at", "10h"}, want: []string{"not known", "kept are"}},
		"Future":      {args: []string{"db", "--at", "2999-01-01"}, want: []string{"still to come"}},
		"TwoGoals":    {args: []string{"db", "--to", "1", "--previous"}, want: []string{"previous"}},
		"NoName":      {args: []string{"--to", "1"}, want: []string{"NAME", "-l SELECTOR"}},
		"GroupByTo":   {args: []string{"-l", "app=shop", "--to", "1"}, want: []string{"--at TIME"}},
		"NameAndAll":  {args: []string{"db", "-A", "--to", "1"}, want: []string{"NAME"}},
		"NobodyThere": {args: []string{"-l", "app=none", "--at", "1h"}, want: []string{"no SecretSync"}},
		"HeldByGit":   {args: []string{"git", "--to", "2"}, want: []string{"from Git by argocd-controller"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			says(t, w.bad(append([]string{"rollback", "-y"}, tc.args...)...), tc.want...)
		})
	}
	says(t, w.bad("follow", "git"), "from Git by argocd-controller")
	if _, asked := w.get(w.namespace, "db").Annotations[v1alpha1.AnnotationRollbackTo]; asked {
		t.Error("a refused rollback was written")
	}
}

func TestRollbackSaysWhatGitOpsDoes(t *testing.T) {
	w := newWorld(t)
	flux := w.sync(w.namespace, "flux")
	w.applyAs("kustomize-controller", flux, map[string]string{"from": "git"})

	says(t, w.good("rollback", "flux", "--to", "2", "-y"), "Flux applies this object", "leaves the annotation alone")
}

// applyAs applies annotations as another tool would.
func (w *world) applyAs(manager string, s *v1alpha1.SecretSync, annotations map[string]string) {
	w.t.Helper()
	patch := &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: s.Name},
	}
	before := client.MergeFrom(patch.DeepCopy())
	patch.Annotations = annotations
	if err := w.client.Patch(w.t.Context(), patch, before, client.FieldOwner(manager)); err != nil {
		w.t.Fatal(err)
	}
}
