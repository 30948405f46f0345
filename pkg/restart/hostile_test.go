// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/workload"
)

// edit changes a Deployment as somebody else does.
func (w *world) edit(t *testing.T, name string, change func(*appsv1.Deployment)) {
	t.Helper()
	var d appsv1.Deployment
	if err := w.client.Get(t.Context(), client.ObjectKey{Namespace: "shop", Name: name}, &d); err != nil {
		t.Fatal(err)
	}
	change(&d)
	status := d.Status
	if err := w.client.Update(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
	d.Status = status
	if err := w.client.Status().Update(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
}

func unready(d *appsv1.Deployment) { d.Status.AvailableReplicas = 0 }

// TestDeadlineIsOfEachWorkload: who waits for its turn longer than the deadline has not failed
// when it comes.
func TestDeadlineIsOfEachWorkload(t *testing.T) {
	w := newWorld(t, many(12)...)
	report := w.finish(t, *job(func(j *Job) {
		j.Spec = v1alpha1.Restart{MaxPerMinute: new(int32(10)), Deadline: &metav1.Duration{Duration: 30 * time.Second}}
	}))
	if report.Done != 12 || len(report.Failed) > 0 {
		t.Errorf("%+v", report)
	}
}

// TestMarkTakenOff: a controller that takes the mark off again and again does not have its
// workload restarted without end, and that it does is told.
func TestMarkTakenOff(t *testing.T) {
	w := newWorld(t, many(2)...)
	j := *job()
	for range 200 {
		if report := w.Ask(j); report.Over() {
			break
		}
		w.clock.Step(w.step(t.Context(), j.Key))
		w.edit(t, "app-000", func(d *appsv1.Deployment) { d.Spec.Template.Annotations = nil })
	}
	report := w.Ask(j)
	if len(w.marks["app-000"]) != 1 || len(w.marks["app-001"]) != 1 {
		t.Errorf("restarted: %v", w.marks)
	}
	if report.State != v1alpha1.RestartFailed || len(report.Failed) > 0 || report.Done != 1 {
		t.Errorf("%+v", report)
	}
}

// TestClocksDiffer: neither the rate nor the deadline suffers if the API server's clock and the
// operator's differ.
func TestClocksDiffer(t *testing.T) {
	for _, skew := range []time.Duration{-time.Hour, time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			w := newWorld(t, many(6)...)
			w.skew = skew
			spec := v1alpha1.Restart{MaxPerMinute: new(int32(10)), Deadline: &metav1.Duration{Duration: 30 * time.Second}}
			j := *job(func(j *Job) { j.Spec = spec })
			begin := w.clock.Now()
			// The content changes each second, and each time somebody looks.
			for i := range 60 {
				j.Mark = Mark{Revision: int64(i), Contents: []string{fmt.Sprint(i)}}
				w.Ask(j)
				w.step(t.Context(), j.Key)
				w.clock.Step(time.Second)
			}
			restarts := 0
			for _, at := range w.marks {
				restarts += len(at)
			}
			if restarts < 8 || restarts > 10 {
				t.Errorf("%d restarts in a minute, want nearly 10 and no more", restarts)
			}
			if len(w.marks) != 6 {
				t.Errorf("some are never restarted: %v", slices.Sorted(maps.Keys(w.marks)))
			}
			if report := w.finish(t, j); report.Done != 6 || len(report.Failed) > 0 || w.clock.Since(begin) > 5*time.Minute {
				t.Errorf("after %s: %+v", w.clock.Since(begin), report)
			}
		})
	}
}

// TestClocksDifferAfterACrash: what an operator marked before this one has not failed because of
// the clocks.
func TestClocksDifferAfterACrash(t *testing.T) {
	slow := rolling("a", "5-new", "Progressing")
	slow.Meta.SetManagedFields(markedBy(FieldManager, noon().Add(-time.Hour)))
	s := look(job(), append([]workload.Rolling{}, slow), facts{now: noon().Add(time.Minute)})
	if len(s.running) != 1 {
		t.Errorf("%+v", s)
	}
}

// TestIllSurvivesTheOperator: a workload that was broken before is no reason to go back, whoever
// asks, and neither is one whose restart for an older content was under way when it broke.
func TestIllSurvivesTheOperator(t *testing.T) {
	newer := func(j *Job) { j.Mark = Mark{Revision: 6, Contents: []string{"newer"}} }
	cases := map[string]struct {
		reason string
		before bool // it is broken before the first content
		want   int
	}{
		"Broken": {before: true, want: 0},
		"Well":   {reason: "the first content did not break it, as far as anybody can tell", want: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w, j := broken(t, tc.before)
			w.clock.Step(time.Second)

			next := newWorld(t)
			next.client, next.Live, next.Writer, next.clock, next.marks = w.client, w.client, w.client, w.clock, w.marks
			next.Roller.Clock = w.clock
			if report := next.finish(t, j); len(report.Failed) != tc.want || report.State != v1alpha1.RestartFailed {
				t.Errorf("of the first content: %+v", report)
			}
			if took := w.clock.Since(w.marks["app-000"][0]); took < 10*time.Second || took > 20*time.Second {
				t.Errorf("it was awaited %s, want 10s whoever awaits it", took)
			}
		})
		t.Run(name+"AndNewer", func(t *testing.T) {
			w, _ := broken(t, tc.before)
			w.clock.Step(4 * time.Second)
			if report := w.finish(t, *job(inTenSeconds, newer)); len(report.Failed) != tc.want || report.State != v1alpha1.RestartFailed {
				t.Errorf("of the newer content: %+v: %s", report, tc.reason)
			}
		})
	}
}

// inTenSeconds has a restart undone that is not done soon.
func inTenSeconds(j *Job) {
	j.Spec = v1alpha1.Restart{OnFailure: v1alpha1.OnFailureRollback, Deadline: &metav1.Duration{Duration: 10 * time.Second}}
}

// broken returns a world whose workload was restarted and does not come up; before says that it was
// broken already.
func broken(t *testing.T, before bool) (*world, Job) {
	t.Helper()
	w := newWorld(t, many(1)...)
	if before {
		w.edit(t, "app-000", unready)
	}
	j := *job(inTenSeconds)
	w.Ask(j)
	w.step(t.Context(), j.Key)
	w.edit(t, "app-000", unready)
	return w, j
}

// TestFailureOfBefore: that a Deployment gave up on an older template says nothing of this one.
func TestFailureOfBefore(t *testing.T) {
	w := rolling("a", "5-new", "Failed")
	w.FailedAt = noon().Add(-2 * time.Minute)
	if s := look(job(), []workload.Rolling{w}, facts{now: noon()}); len(s.running) != 1 {
		t.Errorf("it gave up before it was restarted: %+v", s)
	}
	w.FailedAt = noon().Add(-time.Second)
	if s := look(job(), []workload.Rolling{w}, facts{now: noon()}); len(s.failed) != 1 {
		t.Errorf("it gave up: %+v", s)
	}
}

// TestTwoSecrets: a workload that was restarted for another Secret a moment ago is not taken for
// broken, and one that has been so for long is.
func TestTwoSecrets(t *testing.T) {
	cases := map[string]struct {
		marks string
		after time.Duration
		want  bool
	}{
		"JustNow":    {marks: "7-other", after: time.Minute},
		"LongAgo":    {marks: "7-other", after: time.Hour, want: true},
		"BrokenThen": {marks: "7-other-ill", after: time.Minute, want: true},
		"Never":      {after: time.Minute, want: true},
	}
	for name, tc := range cases {
		w := rolling("a", tc.marks, workload.Progressing) // The marks of db are another's here.
		j := job(func(j *Job) { j.Key.Name = "second" })
		if got := j.unwell(&w, noon().Add(tc.after-time.Minute)); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
		w.Steady = true
		if j.unwell(&w, noon()) {
			t.Errorf("%s: some Pods of many are missing, and it is taken for broken", name)
		}
	}
}

// TestIllOnTheWayBack: what does not come up with a content is not taken for broken once that is
// taken back, or it would not count the next time.
func TestIllOnTheWayBack(t *testing.T) {
	cases := map[string]struct {
		mark string
		back bool
		want bool
	}{
		"Back":         {mark: "7-bad", back: true},
		"BackAndIll":   {mark: "7-bad-ill", back: true, want: true},
		"BackUnmarked": {back: true, want: true},
		"Onward":       {mark: "7-bad", want: true},
	}
	for name, tc := range cases {
		w := rolling("a", tc.mark, workload.Failed)
		j := job(func(j *Job) { j.Back = tc.back })
		if got := j.unwell(&w, noon().Add(time.Hour)); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

// TestDeletedAmid: what is gone is not awaited.
func TestDeletedAmid(t *testing.T) {
	w := newWorld(t, many(3)...)
	for i := range 3 {
		w.edit(t, fmt.Sprintf("app-%03d", i), unready)
	}
	j := *job()
	w.Ask(j)
	w.step(t.Context(), j.Key)
	for i := range 3 { // The first is marked, the others are due.
		if err := w.client.Delete(t.Context(), deployment(fmt.Sprintf("app-%03d", i))); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.Step(3 * time.Second)
	if report := w.finish(t, j); report.State != v1alpha1.RestartDone || report.Total != 0 {
		t.Errorf("%+v", report)
	}
}
