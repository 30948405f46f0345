// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// request returns what is asked for of a SecretSync.
func (w *world) request(namespace, name string) string {
	w.t.Helper()
	return w.get(namespace, name).Annotations[v1alpha1.AnnotationRollbackTo]
}

// TestNamespaceOfTheName: namespace/name, as all outputs print it, acts there.
func TestNamespaceOfTheName(t *testing.T) {
	w := newWorld(t)
	elsewhere := w.newNamespace()
	w.sync(w.namespace, "db")
	w.sync(elsewhere, "db")

	says(t, w.bad("rollback", elsewhere+"/db", "--to", "2", "-y"), "--namespace says", w.namespace)
	w.good("rollback", w.namespace+"/db", "--to", "1", "-y")
	w.anywhere = true
	w.good("rollback", elsewhere+"/db", "--to", "2", "-y")
	if here, there := w.request(w.namespace, "db"), w.request(elsewhere, "db"); here != "1" || there != "2" {
		t.Errorf("want 1 and 2, got %q and %q", here, there)
	}
	says(t, w.good("__complete", "diff", elsewhere+"/db", ""), "3\t", "2\t")
}

// TestPreviousIsNotTakenTwice: what was served before a rollback is what somebody left.
func TestPreviousIsNotTakenTwice(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	asked := w.sync(w.namespace, "asked", func(s *v1alpha1.SecretSync) { s.Labels["app"] = "unanswered" })
	w.applyAs("somebody", asked, map[string]string{v1alpha1.AnnotationRollbackTo: "soon"})
	says(t, w.bad("rollback", "asked", "--previous", "-y"), "--previous is not taken", `"soon"`, "--to REVISION")

	w.operate()
	w.good("rollback", "db", "--previous", "-y", "--wait")
	says(t, w.bad("rollback", "db", "--previous", "-y"), "--previous is not taken while revision 2 is held", "follow -n "+w.namespace+" db",
		"revision 2 is served, and before it revision 3 was")
	if got := w.request(w.namespace, "db"); got != "2" {
		t.Errorf("want 2 to be held still, got %q", got)
	}
}

// TestRefusedRequestIsTold: it keeps everything newer from being served.
func TestRefusedRequestIsTold(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	w.operate(1)

	says(t, w.bad("rollback", "db", "--to", "1", "-y", "--wait"), "RevisionUntrusted", "nothing newer is served",
		"kubectl secretsync follow -n "+w.namespace+" db")
	says(t, w.good("status", "db"), "HELD", "1 (refused)", "RolledBack False, RevisionUntrusted", "nothing newer is served", "follow -n")
	says(t, w.good("follow", "db", "--wait"), "follows the backend again")
	if out := w.good("status", "db"); strings.Contains(out, "refused") {
		t.Errorf("the request is taken back, and still told:\n%s", out)
	}
}

// TestDriftIsNoSuccess: a status names the revision, and the Secret holds something else.
func TestDriftIsNoSuccess(t *testing.T) {
	w := newWorld(t)
	s := w.sync(w.namespace, "db")
	w.applyAs("somebody", s, map[string]string{v1alpha1.AnnotationRollbackTo: "3"})
	s = w.get(w.namespace, "db")
	s.Status.Rollback = &v1alpha1.RollbackStatus{Requested: "3", Revision: 3, Since: metav1.Now()}
	s.Status.Conditions = append(s.Status.Conditions,
		condition(v1alpha1.ConditionDrifted, metav1.ConditionTrue, "DriftReported", "the Secret differs from revision 3 (Edited)"))
	w.updateStatus(s)

	r := w.run("rollback", "db", "--to", "3", "-y", "--wait")
	says(t, r.out, "to hold the same revision again does not put it right")
	if r.err == nil {
		t.Fatal("a Secret that is wrong is reported done")
	}
	says(t, r.err.Error(), "not as it should be", "differs from revision 3")
}

// TestSecondResponder: what somebody else asks for while the first one reads the plan stands.
func TestSecondResponder(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	w.stdin = "y\n"
	annotate := func(key, value string) func() {
		return func() {
			s := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "db"}}
			patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"`+key+`":"`+value+`"}}}`))
			if err := w.client.Patch(t.Context(), s, patch, client.FieldOwner("colleague")); err != nil {
				t.Error(err)
			}
		}
	}
	w.meanwhile = annotate(v1alpha1.AnnotationRollbackTo, "1")
	says(t, w.bad("rollback", "db", "--to", "2"), "changed meanwhile", `was "" and is "1"`, "colleague", "run it again")
	if got := w.request(w.namespace, "db"); got != "1" {
		t.Errorf("want the colleague's 1 to stand, got %q", got)
	}
	w.meanwhile = annotate("example.com/other", "x")
	w.good("rollback", "db", "--to", "2")
	if got := w.request(w.namespace, "db"); got != "2" {
		t.Errorf("a change of something else is none of the plan: want 2, got %q", got)
	}
}

// TestStaleStatus: a request that the operator has not answered is told of, and waited for.
func TestStaleStatus(t *testing.T) {
	w := newWorld(t)
	s := w.sync(w.namespace, "db")
	w.applyAs("somebody", s, map[string]string{v1alpha1.AnnotationRollbackTo: "1"})
	says(t, w.good("rollback", "db", "--to", "2", "--dry-run"), "has not answered what was asked last", `"1"`)

	w.operate()
	out := w.good("rollback", "db", "--to", "2", "-y", "--wait")
	says(t, out, "from", "1", "to", "2", "holds revision 2")
	if strings.Contains(out, "has not answered") {
		t.Errorf("the answer was not waited for:\n%s", out)
	}
}

// TestFollowAgain: without the annotation the hold is in force until the operator ends it.
func TestFollowAgain(t *testing.T) {
	w := newWorld(t)
	s := w.sync(w.namespace, "db")
	s.Status.ServingRevision = 2
	s.Status.Rollback = &v1alpha1.RollbackStatus{Requested: "2", Revision: 2, Since: metav1.Now()}
	w.updateStatus(s)

	says(t, w.bad("follow", "db", "--wait", "--timeout", "300ms"), "no answer", "the request stands")
	says(t, w.good("follow", "db"), "the end of the hold", "asked to follow")
	w.operate()
	w.good("follow", "db", "--wait")
	if held := w.get(w.namespace, "db").Status.Rollback; held != nil {
		t.Errorf("still held: %+v", held)
	}
}
