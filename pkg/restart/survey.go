// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/workload"
)

// FieldManager is the name under which Pod templates are marked.
const FieldManager = "secretsync-restart"

// survey is what is to be made of the workloads as they are now. It is pure.
type survey struct {
	// due are to be restarted, in a stable order.
	due []workload.Rolling
	// running are restarted and not there yet, done are.
	running, done []string
	// failed did not come up and were well before; hurt did not and were not, or could not
	// be touched at all. left are others' to restart, idle wait for somebody's hand.
	failed, hurt, left, idle []string
	// missing are named and not there.
	missing []string
	// why says of one of the failed what went wrong.
	why string
	// expecting says that those who wait for a first content may still come.
	expecting bool
	// last is when the last of them was restarted, as far as the objects tell.
	last time.Time
}

// facts are what the objects do not tell.
type facts struct {
	now time.Time
	// marked is when which workloads were restarted by this task, by the operator's clock.
	marked map[string]time.Time
	// refused are those that the API server did not let be restarted, with its answer.
	refused map[string]string
	// denied are when it last refused those that it may let be restarted later.
	denied map[string]time.Time
	// old are the names that a newer version of the Secret replaces; nil until that is known,
	// and where there are no versions.
	old map[string]bool
	// tried are the generations of workloads whose restart was refused because they may have been
	// changed since they were listed.
	tried map[string]int64
}

func newFacts() facts {
	return facts{marked: map[string]time.Time{}, refused: map[string]string{}, denied: map[string]time.Time{}, tried: map[string]int64{}}
}

// whyTakenOff is said of a workload that lost its mark. It is not restarted again for the same
// content: whoever took the mark off would do so again, without end.
const whyTakenOff = "another controller took the mark off its Pod template"

// look sorts workloads by what is to be done about them.
func look(job *Job, found []workload.Rolling, f facts) survey {
	var s survey
	for i := range found {
		w := &found[i]
		if w.Deleting() {
			continue
		}
		s.last = later(s.last, markedAt(w, job.Key.Name))
		switch {
		case job.left(w):
			s.left = append(s.left, w.Title())
		case job.restarted(w, f):
			s.judge(job, w, f)
		case job.spared(w, f):
		case f.refused[w.Title()] != "":
			s.hurt = append(s.hurt, w.Title()+" ("+f.refused[w.Title()]+")")
		case !f.marked[w.Title()].IsZero():
			s.hurt = append(s.hurt, w.Title()+" ("+whyTakenOff+")")
		default:
			s.due = append(s.due, *w)
		}
	}
	s.missing = job.missing(found)
	s.expecting = s.total() == 0 && job.expects(f.now)
	slices.SortFunc(s.due, func(a, b workload.Rolling) int {
		return cmp.Or(f.denied[a.Title()].Compare(f.denied[b.Title()]), job.order(a, b))
	})
	for _, list := range [][]string{s.failed, s.hurt, s.left, s.idle} {
		slices.Sort(list)
	}
	return s
}

// order puts those first that were restarted longest ago: where contents come faster than all
// can be restarted, each has its turn.
func (j *Job) order(a, b workload.Rolling) int {
	return cmp.Or(markedAt(&a, j.Key.Name).Compare(markedAt(&b, j.Key.Name)), strings.Compare(a.Title(), b.Title()))
}

// missing returns the workloads that a job names and that are not among those found.
func (j *Job) missing(found []workload.Rolling) []string {
	var names []string
	for _, t := range j.Spec.Targets {
		is := func(w workload.Rolling) bool { return w.Kind == t.Kind && w.Name == t.Name }
		if !slices.ContainsFunc(found, is) {
			names = append(names, t.Kind+"/"+t.Name)
		}
	}
	return names
}

// judge says what became of a workload that was restarted.
func (s *survey) judge(job *Job, w *workload.Rolling, f facts) {
	progress := w.Progress
	if progress.Phase == workload.Failed && !w.FailedAt.IsZero() && w.FailedAt.Before(markedAt(w, job.Key.Name)) {
		progress.Phase = workload.Progressing // That was another template.
	}
	late := f.now.Sub(job.began(w, f)) > job.Spec.DeadlineOrDefault()
	switch {
	case late && progress.Phase == workload.Progressing:
		progress.Phase = workload.Failed
		progress.Why += fmt.Sprintf(" after %s", job.Spec.DeadlineOrDefault())
	case late && progress.Phase == workload.Pausing:
		progress.Phase = workload.Unwatched
	}
	s.sort(job, w, progress)
}

func (s *survey) sort(job *Job, w *workload.Rolling, progress workload.Progress) {
	switch progress.Phase {
	case workload.Complete:
		s.done = append(s.done, w.Title())
	case workload.Unwatched:
		s.done = append(s.done, w.Title())
		s.idle = append(s.idle, w.Title()+" ("+progress.Why+")")
	case workload.Progressing, workload.Pausing:
		s.running = append(s.running, w.Title())
	case workload.Failed:
		if wasIll(w.Template[Key(job.Key.Name)]) {
			s.hurt = append(s.hurt, w.Title()+" (it was not well before)")
			return
		}
		if s.why == "" || w.Title() < s.why {
			s.why = w.Title() + ": " + progress.Why
		}
		s.failed = append(s.failed, w.Title())
	}
}

// began returns since when a workload is awaited. What the API server's clock tells of an
// operator before this one is not believed to be before anybody knew of the content.
func (j *Job) began(w *workload.Rolling, f facts) time.Time {
	if at := f.marked[w.Title()]; !at.IsZero() {
		return at
	}
	return later(j.Since, markedAt(w, j.Key.Name))
}

// unwell reports whether a workload that is to be restarted is broken for another reason than
// this content. One that was restarted a moment ago, for an older content or another Secret, is
// not: it is how that restart found it. Nor is one that was restarted for what is taken back.
func (j *Job) unwell(w *workload.Rolling, now time.Time) bool {
	if w.Steady || w.Progress.Phase != workload.Failed && w.Progress.Phase != workload.Progressing {
		return false
	}
	if own := w.Template[Key(j.Key.Name)]; j.Back && own != "" {
		return wasIll(own)
	}
	at, ill := restartedAt(w)
	return ill || at.IsZero() || now.Sub(at) > j.Spec.DeadlineOrDefault()
}

// stops reports whether no more is to be restarted: what fails is taken back.
func (s *survey) stops(spec *v1alpha1.Restart) bool {
	return len(s.failed) > 0 && spec.OnFailure == v1alpha1.OnFailureRollback
}

// report tells of a survey.
func (s *survey) report(job *Job) Report {
	r := Report{
		Revision: job.Mark.Revision, State: v1alpha1.RestartRunning, Failed: s.failed,
		Done: len(s.done), Total: s.total(),
	}
	switch waits := len(s.due) + len(s.running); {
	case s.expecting:
		r.State = v1alpha1.RestartPending
	case s.stops(&job.Spec), waits == 0 && len(s.failed)+len(s.hurt) > 0:
		r.State = v1alpha1.RestartFailed
	case waits == 0:
		r.State = v1alpha1.RestartDone
	}
	r.Message = s.message(job)
	return r
}

// total returns how many workloads there are to restart.
func (s *survey) total() int {
	return len(s.due) + len(s.running) + len(s.done) + len(s.failed) + len(s.hurt)
}

// message tells what people should know, without what changes from look to look.
func (s *survey) message(job *Job) string {
	var parts []string
	add := func(text string, names []string) {
		if len(names) > 0 {
			parts = append(parts, text+listed(names))
		}
	}
	if s.why != "" {
		parts = append(parts, s.why)
	}
	if s.stops(&job.Spec) {
		add("not restarted any more: ", titles(s.due))
	}
	add("restarted in vain: ", s.hurt)
	add("left to Reloader: ", s.left)
	add("not awaited: ", s.idle)
	add("not found: ", s.missing)
	return strings.Join(parts, "; ")
}

func titles(list []workload.Rolling) []string {
	var names []string
	for i := range list {
		names = append(names, list[i].Title())
	}
	return names
}

// maxListed bounds the names in a message.
const maxListed = 5

func listed(names []string) string {
	if len(names) <= maxListed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), len(names)-maxListed)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
