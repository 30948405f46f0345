// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"context"
	"maps"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/workload"
)

// Bounds of the pause after a request that failed.
const (
	firstRetry = time.Second
	lastRetry  = time.Minute
)

// step does what is to be done now for a SecretSync, and returns when to come again; zero
// if there is no need.
func (r *Roller) step(ctx context.Context, key types.NamespacedName) time.Duration {
	t := r.take(key)
	if t == nil {
		return 0
	}
	wait, err := r.advance(ctx, t)
	if err == nil {
		t.attempts = 0
		return wait
	}
	if ctx.Err() != nil {
		return 0
	}
	report := t.report
	report.Err = err
	r.tell(t, report)
	t.attempts++
	return min(firstRetry<<min(t.attempts-1, 10), lastRetry)
}

// advance looks if it is time to, restarts what is due, and tells.
func (r *Roller) advance(ctx context.Context, t *task) (time.Duration, error) {
	if err := r.refresh(ctx, t); err != nil {
		return 0, err
	}
	t.facts.now = r.Clock.Now()
	s := look(&t.job, t.found, t.facts)
	r.count(t, &s)
	report := s.report(&t.job)
	if report.Over() {
		r.tell(t, report)
		return 0, nil
	}
	next, err := r.restartDue(ctx, t, &s)
	report.Err = err
	r.tell(t, report)
	if err != nil {
		return 0, err
	}
	again := nextLook
	if s.expecting {
		again = nextLookout
	}
	wait := t.looked.Add(again(t.facts.now.Sub(t.began))).Sub(t.facts.now)
	if next > 0 {
		wait = min(wait, next)
	}
	return max(wait, time.Millisecond), nil
}

// refresh lists anew what is not done yet, unless that was done a moment ago.
func (r *Roller) refresh(ctx context.Context, t *task) error {
	now := r.Clock.Now()
	if !t.looked.IsZero() && now.Before(t.looked.Add(nextLook(now.Sub(t.began)))) {
		return nil
	}
	if err := r.outdate(ctx, t); err != nil {
		return err
	}
	wanted := t.job.wanted()
	if !t.looked.IsZero() {
		s := look(&t.job, t.found, t.facts)
		wanted = slices.DeleteFunc(wanted, func(kind string) bool { return !s.expecting && s.rests(kind, t.found) })
	}
	found, err := r.list(ctx, t, wanted)
	if err != nil {
		return err
	}
	t.found = slices.DeleteFunc(t.found, func(w workload.Rolling) bool { return slices.Contains(wanted, w.Kind) })
	t.found = withoutHolders(append(t.found, found...))
	t.looked = now
	return nil
}

// rests reports whether nothing of a kind is waited for.
func (s *survey) rests(kind string, found []workload.Rolling) bool {
	for i := range found {
		w := &found[i]
		if w.Kind == kind && !slices.Contains(s.done, w.Title()) {
			return false
		}
	}
	return true
}

// restartDue restarts as many as may be now, and returns after which time more may be; zero
// if nothing waits.
func (r *Roller) restartDue(ctx context.Context, t *task, s *survey) (time.Duration, error) {
	if len(s.due) == 0 {
		return 0, nil
	}
	pace := paceOf(t.job.Spec.MaxPerMinuteOrDefault())
	if wait := r.lastActed(t, s).Add(pace.period).Sub(t.facts.now); wait > 0 {
		return wait, nil
	}
	var refusal error
	for i, started, refused := 0, 0, 0; i < len(s.due) && started < pace.batch; i++ {
		if !r.current(t) {
			return 0, nil
		}
		again := !t.facts.denied[s.due[i].Title()].IsZero()
		err := r.restart(ctx, t, &s.due[i])
		if fault.Is(err, fault.Rejected) {
			refused, refusal = refused+1, err
			if again || refused == maxRefused {
				return 0, err
			}
			continue
		}
		r.act(t.job.Key) // Whoever hears of an error does not know that nothing was written.
		if err != nil {
			return 0, err
		}
		started, refusal = started+1, nil
	}
	if refusal != nil {
		return 0, refusal
	}
	return pace.period, nil
}

// maxRefused bounds how many workloads are tried in vain before there is a pause.
const maxRefused = 10

// act notes that a workload was restarted for a SecretSync, and drops what does not matter any
// more: the slowest pace is one in a minute.
func (r *Roller) act(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.Clock.Now()
	maps.DeleteFunc(r.acted, func(_ types.NamespacedName, at time.Time) bool { return now.Sub(at) > time.Minute })
	r.acted[key] = now
}

// lastActed returns when a workload was last restarted for a task's SecretSync. What an operator
// before this one did is known in whole seconds of another clock, and was before this one began.
func (r *Roller) lastActed(t *task, s *survey) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.acted[t.job.Key]; ok || s.last.IsZero() {
		return at
	}
	if s.last.After(t.began) {
		return t.began.Add(time.Second)
	}
	return s.last.Add(time.Second)
}

// restart marks one workload, and notes it as marked until it is looked at again.
func (r *Roller) restart(ctx context.Context, t *task, w *workload.Rolling) error {
	text := t.job.Mark.Text()
	if t.job.unwell(w, t.facts.now) {
		text += illSuffix
	}
	err := r.mark(ctx, t, w, text)
	switch {
	case apierrors.IsNotFound(err):
		t.forget(w)
		return nil
	case apierrors.IsInvalid(err) && t.overtaken(w):
		return nil
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		t.facts.refused[w.Title()] = "refused by the API server"
		return nil
	case err != nil:
		return t.denied(w, err)
	}
	delete(t.facts.denied, w.Title())
	t.facts.marked[w.Title()] = r.Clock.Now()
	t.marked(w, text)
	r.Count(w.Kind, ResultStarted)
	return nil
}

// denied returns why a workload is not restarted, classed. One that the API server refuses, as for
// a right or an admission policy that is about it alone, comes after all others from then on.
func (t *task) denied(w *workload.Rolling, err error) error {
	classed := fault.FromAPI(err, "restarting "+w.Title())
	if !fault.Is(classed, fault.Rejected) {
		return classed
	}
	t.facts.denied[w.Title()] = t.facts.now
	return fault.FromAPI(err, "restarting "+listed(slices.Sorted(maps.Keys(t.facts.denied))))
}

// mark writes the mark to the Pod template of a workload, with the names of versions, and
// nothing else.
func (r *Roller) mark(ctx context.Context, t *task, w *workload.Rolling, text string) error {
	patch, err := t.patch(w, text)
	if err != nil {
		return err
	}
	version, kind, name := appsv1.SchemeGroupVersion, w.Kind, w.Name
	switch {
	case w.Holder != "":
		kind, name = workload.KindDeployment, w.Holder
	case w.Kind == workload.KindRollout:
		version = workload.RolloutVersion()
	}
	object := &metav1.PartialObjectMetadata{
		TypeMeta:   metav1.TypeMeta{APIVersion: version.String(), Kind: kind},
		ObjectMeta: metav1.ObjectMeta{Namespace: w.Namespace, Name: name},
	}
	return r.Writer.Patch(ctx, object, patch, client.FieldOwner(FieldManager)) //nolint:wrapcheck // the caller says what was restarted
}

// marked makes a workload look as it does once its mark is written and nothing came of it.
func (t *task) marked(w *workload.Rolling, text string) {
	for i := range t.found {
		at := &t.found[i]
		if at.Title() != w.Title() {
			continue
		}
		at.Template = maps.Clone(at.Template)
		if at.Template == nil {
			at.Template = map[string]string{}
		}
		at.Template[Key(t.job.Key.Name)] = text
		if t.job.Versions != nil {
			pod, _ := workload.Repoint(&at.Pod, t.facts.old, t.job.Versions.To)
			at.Pod = *pod
		}
		at.Progress = workload.Progress{Phase: workload.Progressing, Why: "it was restarted just now"}
		at.Meta = &metav1.ObjectMeta{Namespace: w.Namespace, Name: w.Name, Annotations: w.Meta.GetAnnotations()}
	}
}

func (t *task) forget(w *workload.Rolling) {
	t.found = slices.DeleteFunc(t.found, func(other workload.Rolling) bool { return other.Title() == w.Title() })
	delete(t.facts.denied, w.Title())
}

// count counts each workload once when it is known what became of it.
func (r *Roller) count(t *task, s *survey) {
	for result, titles := range map[string][]string{ResultComplete: s.done, ResultFailed: s.failed} {
		for _, title := range titles {
			if !t.counted[title] {
				t.counted[title] = true
				r.Count(kindOf(title), result)
			}
		}
	}
}

func kindOf(title string) string {
	for i := range title {
		if title[i] == '/' {
			return title[:i]
		}
	}
	return title
}
