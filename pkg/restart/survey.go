// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fieldowner"
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
	// ill are the workloads that were not well when they were restarted, refused those that
	// the API server did not let be restarted, with its answer.
	ill     map[string]bool
	refused map[string]string
	// old are the names that a newer version of the Secret replaces; nil until that is known,
	// and where there are no versions.
	old map[string]bool
	// moved are the workloads that were restarted by this job, tried the generations of those for
	// which that was refused.
	moved map[string]bool
	tried map[string]int64
}

func newFacts() facts {
	return facts{ill: map[string]bool{}, refused: map[string]string{}, moved: map[string]bool{}, tried: map[string]int64{}}
}

// look sorts workloads by what is to be done about them.
func look(job *Job, found []workload.Rolling, f facts) survey {
	var s survey
	for i := range found {
		w := &found[i]
		switch {
		case w.Deleting():
		case job.left(w):
			s.left = append(s.left, w.Title())
		case job.restarted(w, f):
			s.last = later(s.last, markedAt(w, job.Key.Name))
			s.judge(job, w, f)
		case job.spared(w, f):
		case f.refused[w.Title()] != "":
			s.last = later(s.last, markedAt(w, job.Key.Name))
			s.hurt = append(s.hurt, w.Title()+" ("+f.refused[w.Title()]+")")
		default:
			s.last = later(s.last, markedAt(w, job.Key.Name))
			s.due = append(s.due, *w)
		}
	}
	s.missing = job.missing(found)
	s.expecting = s.total() == 0 && job.expects(f.now)
	slices.SortFunc(s.due, func(a, b workload.Rolling) int { return strings.Compare(a.Title(), b.Title()) })
	for _, list := range [][]string{s.failed, s.hurt, s.left, s.idle} {
		slices.Sort(list)
	}
	return s
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
	began := markedAt(w, job.Key.Name)
	if began.IsZero() {
		began = job.Since
	}
	progress := w.Progress
	if progress.Phase == workload.Progressing && f.now.Sub(began) > job.Spec.DeadlineOrDefault() {
		progress = workload.Progress{
			Phase: workload.Failed,
			Why:   fmt.Sprintf("%s after %s", progress.Why, job.Spec.DeadlineOrDefault()),
		}
	}
	switch progress.Phase {
	case workload.Complete:
		s.done = append(s.done, w.Title())
	case workload.Unwatched:
		s.done = append(s.done, w.Title())
		s.idle = append(s.idle, w.Title()+" ("+progress.Why+")")
	case workload.Progressing:
		s.running = append(s.running, w.Title())
	case workload.Failed:
		if f.ill[w.Title()] {
			s.hurt = append(s.hurt, w.Title()+" (it was not well before)")
			return
		}
		if s.why == "" || w.Title() < s.why {
			s.why = w.Title() + ": " + progress.Why
		}
		s.failed = append(s.failed, w.Title())
	}
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

// markedAt returns when a workload was marked, as managedFields tell in whole seconds; zero
// if they do not.
func markedAt(w *workload.Rolling, name string) time.Time {
	path := fieldpath.MakePathOrDie("spec", "template", "metadata", "annotations", Key(name))
	for _, entry := range w.Meta.GetManagedFields() {
		if entry.Manager == FieldManager && entry.Time != nil && fieldowner.Owns(entry, path) {
			return entry.Time.Time
		}
	}
	return time.Time{}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
