// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/workload"
)

func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

// rolling returns a Deployment that is marked with a text, a minute ago.
func rolling(name, marked string, phase workload.Phase) workload.Rolling {
	meta := &metav1.ObjectMeta{Namespace: "shop", Name: name}
	if marked != "" {
		meta.ManagedFields = markedBy(FieldManager, noon().Add(-time.Minute))
	}
	r := workload.Rolling{Meta: meta, Progress: workload.Progress{Phase: phase, Why: "so"}, Template: map[string]string{}}
	r.Kind, r.Namespace, r.Name = workload.KindDeployment, "shop", name
	if marked != "" {
		r.Template[Key("db")] = marked
	}
	return r
}

// markedBy returns managedFields that tell who wrote the mark of db, and when.
func markedBy(manager string, at time.Time) []metav1.ManagedFieldsEntry {
	return []metav1.ManagedFieldsEntry{{
		Manager: manager, Time: new(metav1.NewTime(at)),
		FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:template":{"f:metadata":{"f:annotations":{"f:` + Key("db") + `":{}}}}}}`),
	}}
}

func job(edits ...func(*Job)) *Job {
	j := &Job{
		Key: types.NamespacedName{Namespace: "shop", Name: "db"}, Secret: "db",
		Mark: Mark{Revision: 5, Contents: []string{"new", "same"}}, Since: noon(),
	}
	for _, edit := range edits {
		edit(j)
	}
	return j
}

func TestSurvey(t *testing.T) {
	takesBack := func(j *Job) { j.Spec.OnFailure = v1alpha1.OnFailureRollback }
	soon := func(j *Job) {
		j.Spec.Deadline, j.Since = &metav1.Duration{Duration: 59 * time.Second}, noon().Add(-time.Hour)
	}
	type found = []workload.Rolling
	deleted := rolling("gone", "", workload.Complete)
	deleted.Meta = &metav1.ObjectMeta{Namespace: "shop", Name: "gone", DeletionTimestamp: new(metav1.Now())}
	reloaded := rolling("theirs", "", workload.Complete)
	reloaded.Meta = &metav1.ObjectMeta{Name: "theirs", Annotations: map[string]string{"secret.reloader.stakater.com/reload": "db"}}
	cases := map[string]struct {
		reason string
		job    *Job
		found  found
		facts  facts
		want   Report
	}{
		"Nothing": {job: job(), want: Report{State: "Done"}},
		"Due":     {job: job(), found: found{rolling("a", "", workload.Complete)}, want: Report{State: "Running", Total: 1}},
		"DueFromAnOldMark": {
			job: job(), found: found{rolling("a", "4-old", workload.Complete)}, want: Report{State: "Running", Total: 1},
		},
		"Coming": {job: job(), found: found{rolling("a", "5-new", workload.Progressing)}, want: Report{State: "Running", Total: 1}},
		"Done":   {job: job(), found: found{rolling("a", "5-new", workload.Complete)}, want: Report{State: "Done", Done: 1, Total: 1}},
		"SameNumber": {
			reason: "the keys were lost, the number stands for one content", job: job(),
			found: found{rolling("a", "5-other", workload.Complete)}, want: Report{State: "Done", Done: 1, Total: 1},
		},
		"SameContent": {
			reason: "another number, and the keys were rotated since", job: job(),
			found: found{rolling("a", "3-same", workload.Complete)}, want: Report{State: "Done", Done: 1, Total: 1},
		},
		"Failed": {
			job:   job(),
			found: found{rolling("b", "5-new", workload.Failed), rolling("a", "", workload.Complete)},
			want:  Report{State: "Running", Total: 2, Failed: []string{"Deployment/b"}, Message: "Deployment/b: so"},
		},
		"FailedAndOver": {
			job: job(), found: found{rolling("b", "5-new", workload.Failed), rolling("a", "5-new", workload.Complete)},
			want: Report{State: "Failed", Done: 1, Total: 2, Failed: []string{"Deployment/b"}, Message: "Deployment/b: so"},
		},
		"FailedTakesBack": {
			reason: "what fails is not spread", job: job(takesBack),
			found: found{rolling("b", "5-new", workload.Failed), rolling("a", "", workload.Complete), rolling("c", "5-new", workload.Progressing)},
			want:  Report{State: "Failed", Total: 3, Failed: []string{"Deployment/b"}, Message: "Deployment/b: so; not restarted any more: Deployment/a"},
		},
		"TooLate": {
			job: job(soon), found: found{rolling("a", "5-new", workload.Progressing)},
			want: Report{State: "Failed", Total: 1, Failed: []string{"Deployment/a"}, Message: "Deployment/a: so after 59s"},
		},
		"IllBefore": {
			reason: "the content is not why, so nothing is taken back", job: job(takesBack),
			found: found{rolling("a", "5-new-ill", workload.Failed)},
			want:  Report{State: "Failed", Total: 1, Message: "restarted in vain: Deployment/a (it was not well before)"},
		},
		"Refused": {
			job: job(takesBack), found: found{rolling("a", "", workload.Complete)}, facts: facts{refused: map[string]string{"Deployment/a": "no"}},
			want: Report{State: "Failed", Total: 1, Message: "restarted in vain: Deployment/a (no)"},
		},
		"Unwatched": {
			job: job(), found: found{rolling("a", "5-new", workload.Unwatched)},
			want: Report{State: "Done", Done: 1, Total: 1, Message: "not awaited: Deployment/a (so)"},
		},
		"Deleting": {job: job(), found: found{deleted}, want: Report{State: "Done"}},
		"Reloader": {job: job(), found: found{reloaded}, want: Report{State: "Done", Message: "left to Reloader: Deployment/theirs"}},
		"NotThere": {
			job: job(func(j *Job) {
				j.Spec = v1alpha1.Restart{Mode: "Targets", Targets: []v1alpha1.RestartTarget{{Kind: "DaemonSet", Name: "x"}}}
			}),
			want: Report{State: "Done", Message: "not found: DaemonSet/x"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.facts.now, tc.want.Revision = noon(), 5
			s := look(tc.job, tc.found, tc.facts)
			if diff := cmp.Diff(tc.want, s.report(tc.job)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// TestKey: whatever a SecretSync is called, its key is one that Kubernetes takes, and no
// other's.
func TestKey(t *testing.T) {
	name := rapid.StringMatching(`[a-z0-9]([-a-z0-9.]{0,100}[a-z0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		one, other := name.Draw(t, "one"), name.Draw(t, "other")
		if rapid.Bool().Draw(t, "long") {
			stem := strings.Repeat("x", 60)
			one, other = stem+one, stem+other
		}
		if errs := validation.IsQualifiedName(Key(one)); len(errs) > 0 {
			t.Fatalf("%q: %v", Key(one), errs)
		}
		if (Key(one) == Key(other)) != (one == other) {
			t.Fatalf("%q and %q share %q", one, other, Key(one))
		}
	})
}

// TestPace: no minute has more restarts than it may have, whatever may be.
func TestPace(t *testing.T) {
	for per := 1; per <= 6000; per++ {
		p := paceOf(per)
		begun := int((time.Minute+p.period-1)/p.period) * p.batch // those that begin within any minute
		if begun > per || begun < per/2 {
			t.Fatalf("%d per minute: %d", per, begun)
		}
	}
}
