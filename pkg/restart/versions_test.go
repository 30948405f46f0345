// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// reading returns a Deployment that refers to a Secret.
func reading(name, secret string, edits ...func(*appsv1.Deployment)) *appsv1.Deployment {
	d := deployment(name)
	d.Generation, d.Status.ObservedGeneration = 1, 9
	d.Spec.Template.Spec.Containers[0].EnvFrom[0].SecretRef.Name = secret
	for _, edit := range edits {
		edit(d)
	}
	return d
}

func marked(text string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Spec.Template.Annotations = map[string]string{Key("db"): text} }
}

// toNewest is the job that brings what refers to a version of the target db to the newest.
func toNewest(edits ...func(*Job)) Job {
	return *job(append([]func(*Job){func(j *Job) { j.Versions = &Versions{To: "db-3", From: []string{"db-1", "db-2"}} }}, edits...)...)
}

// named returns the Secret that each Deployment refers to, and its mark.
func (w *world) named(t *testing.T) map[string]string {
	t.Helper()
	var list appsv1.DeploymentList
	if err := w.client.List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for i := range list.Items {
		template := &list.Items[i].Spec.Template
		names[list.Items[i].Name] = template.Spec.Containers[0].EnvFrom[0].SecretRef.Name + " " + template.Annotations[Key("db")]
	}
	return names
}

// TestVersionsMove: who refers to a version of ours refers to the newest afterwards, and nobody
// else is touched.
func TestVersionsMove(t *testing.T) {
	secret := func(owner string) client.Object {
		return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "db", Annotations: map[string]string{v1alpha1.AnnotationOwner: owner}}}
	}
	first := func(j *Job) { j.Versions.From, j.Versions.First = nil, true }
	all := func(j *Job) {
		j.Spec = v1alpha1.Restart{Mode: "Selector", Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "a"}}}
	}
	pulls := func(d *appsv1.Deployment) {
		d.Spec.Template.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "db-2"}}
	}
	reloaded := func(d *appsv1.Deployment) { d.Annotations = map[string]string{"reloader.stakater.com/auto": "true"} }
	cases := map[string]struct {
		reason string
		job    Job
		found  client.Object
		secret client.Object
		want   string
	}{
		"Older":          {job: toNewest(), found: reading("a", "db-2"), want: "db-3 5-new"},
		"MuchOlder":      {job: toNewest(), found: reading("a", "db-1", marked("3-old")), want: "db-3 5-new"},
		"Alike":          {reason: "it was never ours", job: toNewest(), found: reading("a", "db-0123456789"), want: "db-0123456789 "},
		"Newest":         {reason: "somebody had it refer to it", job: toNewest(), found: reading("a", "db-3"), want: "db-3 "},
		"MarkedLongAgo":  {reason: "it was moved back since", job: toNewest(), found: reading("a", "db-1", marked("5-new")), want: "db-3 5-new"},
		"Done":           {job: toNewest(), found: reading("a", "db-3", marked("5-new")), want: "db-3 5-new"},
		"Reloader":       {reason: "it follows no names", job: toNewest(), found: reading("a", "db-2", reloaded), want: "db-3 5-new"},
		"Placeholder":    {job: toNewest(), found: reading("a", "db"), want: "db-3 5-new"},
		"ServedBefore":   {reason: "versioned was switched on", job: toNewest(), found: reading("a", "db"), secret: secret("shop/db"), want: "db-3 5-new"},
		"NoPlaceholder":  {reason: "there is such a Secret", job: toNewest(), found: reading("a", "db"), secret: secret("shop/other"), want: "db "},
		"First":          {job: toNewest(first), found: reading("a", "db"), want: "db-3 5-new"},
		"FirstChosen":    {reason: "nothing ran with another content", job: toNewest(first, all), found: reading("a", "other"), want: "other "},
		"Chosen":         {reason: "named ones are restarted whether they refer or not", job: toNewest(all), found: reading("a", "other"), want: "other 5-new"},
		"ChosenAndOlder": {job: toNewest(all), found: reading("a", "db-1"), want: "db-3 5-new"},
		"NotChosen":      {job: toNewest(all), found: reading("b", "db-1"), want: "db-1 "},
		"ForImagesOnly":  {reason: "an immutable Secret never changes for the next pull", job: toNewest(), found: reading("a", "other", pulls), want: "other 5-new"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			objects := []client.Object{tc.found}
			if tc.secret != nil {
				objects = append(objects, tc.secret)
			}
			w := newWorld(t, objects...)
			w.finish(t, tc.job)
			want := map[string]string{tc.found.GetName(): tc.want}
			if diff := cmp.Diff(want, w.named(t)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// TestVersionsKeepPace: names are moved as marks are: one after the other, each once.
func TestVersionsKeepPace(t *testing.T) {
	w := newWorld(t, reading("a", "db-1"), reading("b", "db-2"), reading("c", "db-2"))
	j := toNewest()
	report := w.finish(t, j)
	if report.Done != 3 || len(w.marks) != 3 || w.counts["Deployment Started"] != 3 {
		t.Errorf("%+v, patched %v", report, w.marks)
	}
	if gap := w.marks["b"][0].Sub(w.marks["a"][0]); gap < paceOf(20).period {
		t.Errorf("two were moved within %s", gap)
	}
}

// TestFirstContentIsAwaited: what is applied a moment after the SecretSync gets its first version,
// too, and after a minute nobody is looked for any more.
func TestFirstContentIsAwaited(t *testing.T) {
	j := toNewest(func(j *Job) { j.Versions.From, j.Versions.First = nil, true })
	w := newWorld(t)
	for range 3 {
		if report := w.Ask(j); report.State != v1alpha1.RestartPending {
			t.Fatalf("%+v", report)
		}
		w.clock.Step(w.step(t.Context(), j.Key))
	}
	if err := w.client.Create(t.Context(), reading("late", "db")); err != nil {
		t.Fatal(err)
	}
	if report := w.finish(t, j); report.Done != 1 || w.named(t)["late"] != "db-3 5-new" {
		t.Errorf("%+v, it refers to %v", report, w.named(t))
	}

	w = newWorld(t)
	if report := w.finish(t, j); report.State != v1alpha1.RestartDone || w.lists > 6*len(kinds()) {
		t.Errorf("%+v after %d lists", report, w.lists)
	}
	if waited := w.clock.Since(j.Since); waited < lookout || waited > 2*lookout {
		t.Errorf("they were awaited for %s", waited)
	}
}

// refuse has patches answered with the error that a failed test of a JSON patch gets.
func refuse(w *world, change func(*appsv1.Deployment)) {
	refused := apierrors.NewGenericServerResponse(422, "patch", schema.GroupResource{}, "", "test failed", 0, false)
	w.Writer = interceptor.NewClient(w.client, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, options ...client.PatchOption) error {
			var d appsv1.Deployment
			if err := c.Get(ctx, client.ObjectKeyFromObject(o), &d); err != nil {
				return err
			}
			if change(&d); d.Generation != 2 {
				return refused
			}
			return c.Patch(ctx, o, p, options...)
		},
	})
}

// TestChangedMeanwhile: what was changed since it was listed is listed again; what is refused as
// it is, is told.
func TestChangedMeanwhile(t *testing.T) {
	j := toNewest()
	w := newWorld(t, reading("a", "db-2"))
	refuse(w, func(d *appsv1.Deployment) {
		if d.Generation == 1 { // Its owner is faster.
			next := reading("a", "db-1", func(d *appsv1.Deployment) { d.Generation = 2 })
			if err := w.client.Update(t.Context(), next); err != nil {
				t.Error(err)
			}
		}
	})
	if report := w.finish(t, j); report.State != v1alpha1.RestartDone || report.Done != 1 {
		t.Errorf("%+v", report)
	}
	if got := w.named(t)["a"]; got != "db-3 5-new" {
		t.Errorf("it is %s", got)
	}

	w = newWorld(t, reading("a", "db-2"))
	refuse(w, func(*appsv1.Deployment) {})
	if report := w.finish(t, j); report.State != v1alpha1.RestartFailed || report.Message != "restarted in vain: Deployment/a (refused by the API server)" {
		t.Errorf("%+v", report)
	}
}

// TestMovedBackMeanwhile: whoever takes a name back while others are moved is not fought.
func TestMovedBackMeanwhile(t *testing.T) {
	w, j := newWorld(t, reading("a", "db-2"), reading("b", "db-2")), toNewest()
	w.Ask(j)
	for len(w.marks) < 1 {
		w.clock.Step(w.step(t.Context(), j.Key))
	}
	back := reading("a", "db-1", marked("5-new"))
	if err := w.client.Update(t.Context(), back); err != nil {
		t.Fatal(err)
	}
	w.finish(t, j)
	if diff := cmp.Diff(map[string]string{"a": "db-1 5-new", "b": "db-3 5-new"}, w.named(t)); diff != "" {
		t.Error(diff)
	}
}
