// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// world is a Roller on a fake API server, whose steps a test takes.
type world struct {
	*Roller

	clock  *clocktesting.FakeClock
	client client.WithWatch
	// marks are when which workload was marked, lists how often a kind was listed, fail is what
	// each request fails with.
	marks map[string][]time.Time
	lists int
	// skew is how far the API server's clock is ahead of the operator's.
	skew time.Duration
	// rollouts are those of Argo that there are.
	rollouts []unstructured.Unstructured
	fail     error
	// refusals are the workloads that were refused, in turn.
	refusals []string
	rung     int
	counts   map[string]int
}

func newWorld(t *testing.T, objects ...client.Object) *world {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	rollouts := schema.GroupVersionKind{Group: "argoproj.io", Version: "v1alpha1", Kind: "Rollout"}
	metav1.AddToGroupVersion(scheme, rollouts.GroupVersion())
	w := &world{clock: clocktesting.NewFakeClock(noon()), marks: map[string][]time.Time{}, counts: map[string]int{}}
	w.client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithIndex(&appsv1.Deployment{}, metav1.ObjectNameField, func(o client.Object) []string {
		return []string{o.GetName()}
	}).WithInterceptorFuncs(interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, o ...client.ListOption) error {
			w.lists++
			if of, ok := list.(*unstructured.UnstructuredList); ok {
				of.Items = slices.Clone(w.rollouts)
				return nil
			}
			return errors.Join(w.fail, c.List(ctx, list, o...), w.date(list))
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, options ...client.PatchOption) error {
			if w.fail != nil {
				return w.fail
			}
			w.marks[o.GetName()] = append(w.marks[o.GetName()], w.clock.Now())
			return c.Patch(ctx, o, p, options...)
		},
	}).Build()
	w.Roller = NewRoller(Options{
		Live: w.client, Writer: w.client, Clock: w.clock, Ring: func(types.NamespacedName) { w.rung++ },
		Count: func(kind, result string) { w.counts[kind+" "+result]++ },
	})
	return w
}

// date has what is listed tell when it was marked, by the API server's clock.
func (w *world) date(list client.ObjectList) error {
	return meta.EachListItem(list, func(object runtime.Object) error {
		d, ok := object.(*appsv1.Deployment)
		if marks := w.marks[nameOf(object)]; ok && len(marks) > 0 {
			d.ManagedFields = markedBy(FieldManager, marks[len(marks)-1].Add(w.skew).Truncate(time.Second))
		}
		return nil
	})
}

func nameOf(object runtime.Object) string {
	accessor, _ := meta.Accessor(object)
	return accessor.GetName()
}

// deployment returns one that runs well and reads the Secret db.
func deployment(name string, edits ...func(*appsv1.Deployment)) *appsv1.Deployment {
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Labels: map[string]string{"app": name}}}
	d.Spec.Replicas = new(int32(1))
	d.Spec.Template.Spec.Containers = []corev1.Container{{Name: "app", EnvFrom: []corev1.EnvFromSource{
		{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "db"}}},
	}}}
	d.Status = appsv1.DeploymentStatus{Replicas: 1, UpdatedReplicas: 1, AvailableReplicas: 1}
	for _, edit := range edits {
		edit(d)
	}
	return d
}

func many(count int) (objects []client.Object) {
	for i := range count {
		objects = append(objects, deployment(fmt.Sprintf("app-%03d", i)))
	}
	return objects
}

// finish takes steps until the job is over, and returns the last report.
func (w *world) finish(t *testing.T, j Job) Report {
	t.Helper()
	for range 10_000 {
		if report := w.Ask(j); report.Over() {
			return report
		}
		wait := w.step(t.Context(), j.Key)
		if wait == 0 && !w.Ask(j).Over() {
			t.Fatal("it is not over, and nobody comes again")
		}
		w.clock.Step(wait)
	}
	t.Fatal("it does not end")
	return Report{}
}

// TestPacedAndOnce: each workload is restarted once, and no minute has more than it may.
func TestPacedAndOnce(t *testing.T) {
	for _, per := range []int32{10, 59, 61, 200} {
		w := newWorld(t, many(45)...)
		j := *job(func(j *Job) { j.Spec.MaxPerMinute = &per })
		report := w.finish(t, j)
		if diff := cmp.Diff(Report{Revision: 5, State: "Done", Done: 45, Total: 45}, report); diff != "" {
			t.Error(diff)
		}
		var times []time.Time
		for name, at := range w.marks {
			if len(at) != 1 {
				t.Errorf("%s was restarted %d times", name, len(at))
			}
			times = append(times, at...)
		}
		slices.SortFunc(times, time.Time.Compare)
		for i, from := range times {
			within := 0
			for _, at := range times[i:] {
				if at.Before(from.Add(time.Minute)) {
					within++
				}
			}
			if within > int(per) {
				t.Errorf("%d were restarted within a minute, at most %d may be", within, per)
			}
		}
		if diff := cmp.Diff(map[string]int{"Deployment Started": 45, "Deployment Complete": 45}, w.counts); diff != "" {
			t.Error(diff)
		}
		if w.rung > 25 {
			t.Errorf("it was told %d times", w.rung)
		}
	}
}

// TestAnotherOperatorGoesOn: who comes after a crash restarts what is left, and nothing twice.
func TestAnotherOperatorGoesOn(t *testing.T) {
	w := newWorld(t, many(10)...)
	j := *job(func(j *Job) { j.Spec.MaxPerMinute = new(int32(60)) })
	w.Ask(j)
	for len(w.marks) < 4 {
		w.clock.Step(w.step(t.Context(), j.Key))
	}
	next := newWorld(t)
	next.client, next.Live, next.Writer, next.clock, next.marks = w.client, w.client, w.client, w.clock, w.marks
	next.Roller.Clock = w.clock
	if report := next.finish(t, j); report.Done != 10 {
		t.Errorf("%+v", report)
	}
	for name, at := range w.marks {
		if len(at) != 1 {
			t.Errorf("%s was restarted %d times", name, len(at))
		}
	}
	before := maps.Clone(w.marks)
	again := newWorld(t)
	again.client, again.Live, again.Writer = w.client, w.client, w.client
	if report := again.finish(t, j); report.Done != 10 || len(again.marks) != 0 || len(before) != len(w.marks) {
		t.Errorf("after it was done: %+v", report)
	}
}

// TestNothingAtRest: once a job is over, forgotten or never was, nothing is asked.
func TestNothingAtRest(t *testing.T) {
	w := newWorld(t, many(2)...)
	j := *job()
	w.finish(t, j)
	lists := w.lists
	for range 3 {
		w.clock.Step(time.Hour)
		if wait := w.step(t.Context(), j.Key); wait != 0 {
			t.Errorf("it comes again after %s", wait)
		}
		w.Ask(j)
	}
	w.Forget(j.Key)
	if wait := w.step(t.Context(), j.Key); wait != 0 || w.lists != lists {
		t.Errorf("%d lists at rest", w.lists-lists)
	}
	if report := w.Heard(j.Key); report.State != "" || w.Marks(j.Key).Revision != 0 {
		t.Errorf("what was forgotten is known: %+v", report)
	}
}

// TestRefusedRights: without rights nothing is lost: it is told, and tried again ever later.
func TestRefusedRights(t *testing.T) {
	w := newWorld(t, many(1)...)
	j := *job()
	w.fail = errors.New("m4rk3r")
	w.Ask(j)
	var waits []time.Duration
	for range 8 {
		waits = append(waits, w.step(t.Context(), j.Key))
	}
	if !slices.IsSorted(waits) || waits[0] != time.Second || waits[7] != time.Minute {
		t.Errorf("it is tried again after %v", waits)
	}
	if report := w.Ask(j); report.Err == nil || report.State != v1alpha1.RestartPending || w.rung != 1 {
		t.Errorf("told %d times: %+v", w.rung, report)
	}
	w.fail = nil
	if report := w.finish(t, j); report.Err != nil || report.Done != 1 {
		t.Errorf("%+v", report)
	}
}

// TestOnlyTheChosen: a mode chooses, and no other workload is touched.
func TestOnlyTheChosen(t *testing.T) {
	other := deployment("other")
	other.Spec.Template.Spec.Containers[0].EnvFrom[0].SecretRef.Name = "cache"
	abroad := deployment("abroad")
	abroad.Namespace = "elsewhere"
	cases := map[string]struct {
		spec  v1alpha1.Restart
		want  []string
		lists int
	}{
		"Auto": {want: []string{"a", "b"}, lists: 4},
		"Targets": {
			spec: v1alpha1.Restart{Mode: "Targets", Targets: []v1alpha1.RestartTarget{{Kind: "Deployment", Name: "other"}}}, want: []string{"other"}, lists: 1,
		},
		"Selector": {
			spec: v1alpha1.Restart{Mode: "Selector", Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "b"}}}, want: []string{"b"}, lists: 4,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, deployment("a"), deployment("b"), other.DeepCopy(), abroad.DeepCopy())
			j := *job(func(j *Job) { j.Spec = tc.spec })
			w.Ask(j)
			w.step(t.Context(), j.Key)
			if w.lists != tc.lists {
				t.Errorf("%d lists at first, want %d", w.lists, tc.lists)
			}
			w.finish(t, j)
			if got := slices.Sorted(maps.Keys(w.marks)); !slices.Equal(got, tc.want) {
				t.Errorf("restarted are %v, want %v", got, tc.want)
			}
		})
	}
}

// TestNewerJob: another content replaces the job, and an equal one does not begin it anew.
func TestNewerJob(t *testing.T) {
	w := newWorld(t, many(3)...)
	j := *job()
	w.Ask(j)
	w.clock.Step(w.step(t.Context(), j.Key))
	next := *job(func(j *Job) { j.Mark = Mark{Revision: 6, Contents: []string{"newer"}} })
	if report := w.Ask(next); report.Revision != 6 || report.State != v1alpha1.RestartPending {
		t.Errorf("%+v", report)
	}
	w.finish(t, next)
	var d appsv1.DeploymentList
	if err := w.client.List(t.Context(), &d); err != nil {
		t.Fatal(err)
	}
	for i := range d.Items {
		if got := d.Items[i].Spec.Template.Annotations[Key("db")]; got != "6-newer" {
			t.Errorf("%s is marked %q", d.Items[i].Name, got)
		}
	}
}
