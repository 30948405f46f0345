// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/workload"
)

// Results of the restart of one workload, as they are counted.
const (
	ResultStarted  = "Started"
	ResultComplete = "Complete"
	ResultFailed   = "Failed"
)

// Options are what a Roller works with. All are required.
type Options struct {
	// Live lists workloads without a cache.
	Live client.Reader
	// Writer marks Pod templates.
	Writer client.Writer
	// Ring wakes whoever asked when a report has changed.
	Ring func(key types.NamespacedName)
	// Count counts the results of restarts by the kind of the workload.
	Count func(kind, result string)
	// Clock tells the time.
	Clock clock.WithTicker
}

// Roller restarts workloads behind the reconciles that ask for it, so that a slow start of
// Pods holds up nobody else. What it knows can be lost: the marks on the Pod templates tell
// it again. It is safe for concurrent use.
type Roller struct {
	Options

	queue workqueue.TypedDelayingInterface[types.NamespacedName]

	mu    sync.Mutex
	tasks map[types.NamespacedName]*task
	// acted is when workloads were last restarted for a SecretSync, for as long as that matters:
	// a newer content does not begin a new minute.
	acted map[types.NamespacedName]time.Time
}

// task is a job under way. Its job and report are guarded by the Roller's mutex, the rest
// belongs to the one worker that has its key.
type task struct {
	job    Job
	report Report

	began, looked time.Time
	found         []workload.Rolling
	facts         facts
	counted       map[string]bool
	attempts      int
}

// NewRoller returns a Roller.
func NewRoller(o Options) *Roller {
	return &Roller{
		Options: o,
		queue: workqueue.NewTypedDelayingQueueWithConfig(workqueue.TypedDelayingQueueConfig[types.NamespacedName]{
			Name: "restart", Clock: o.Clock,
		}),
		tasks: map[types.NamespacedName]*task{}, acted: map[types.NamespacedName]time.Time{},
	}
}

// Ask has a job done, in place of one that was asked for before, and returns how far it has
// come. To ask for the same again is to ask how far it has come.
func (r *Roller) Ask(job Job) Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.tasks[job.Key]; t != nil && t.job.same(&job, equality.Semantic.DeepEqual) {
		return t.report
	}
	t := &task{
		job: job, report: Report{Revision: job.Mark.Revision, State: v1alpha1.RestartPending},
		began: r.Clock.Now(), facts: newFacts(), counted: map[string]bool{},
	}
	r.tasks[job.Key] = t
	r.queue.Add(job.Key)
	return t.report
}

// Marks returns the mark of the job that was asked for of a SecretSync; zero if none is.
func (r *Roller) Marks(key types.NamespacedName) Mark {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.tasks[key]; t != nil {
		return t.job.Mark
	}
	return Mark{}
}

// Heard returns how far the job of a SecretSync has come; zero if none is asked for.
func (r *Roller) Heard(key types.NamespacedName) Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.tasks[key]; t != nil {
		return t.report
	}
	return Report{}
}

// Forget drops the job of a SecretSync: nothing more is restarted for it.
func (r *Roller) Forget(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.tasks, key)
}

// Run works with as many workers until ctx ends.
func (r *Roller) Run(ctx context.Context, workers int) error {
	var group sync.WaitGroup
	for range workers {
		group.Go(func() { r.work(ctx) })
	}
	<-ctx.Done()
	r.queue.ShutDown()
	group.Wait()
	return nil
}

func (r *Roller) work(ctx context.Context) {
	for {
		key, shutdown := r.queue.Get()
		if shutdown {
			return
		}
		if wait := r.step(ctx, key); wait > 0 {
			r.queue.AddAfter(key, wait)
		}
		r.queue.Done(key)
	}
}

// take returns the task of a key, nil if there is nothing to do for it any more.
func (r *Roller) take(key types.NamespacedName) *task {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.tasks[key]; t != nil && !t.report.Over() {
		return t
	}
	return nil
}

// current reports whether a task is still the one that is asked for.
func (r *Roller) current(t *task) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tasks[t.job.Key] == t
}

// tell notes a report and wakes whoever asked if it says something new.
func (r *Roller) tell(t *task, report Report) {
	r.mu.Lock()
	news := !equality.Semantic.DeepEqual(t.report.gist(), report.gist()) || report.Over()
	if news {
		t.report = report
	}
	if report.Over() {
		t.found = nil
	}
	current := r.tasks[t.job.Key] == t
	r.mu.Unlock()
	if news && current {
		r.Ring(t.job.Key)
	}
}

// gist is what of a report is worth to be told while it goes on: of many workloads not each
// that is done.
func (r Report) gist() Report {
	g := r
	if tenth := r.Total / 10; tenth > 0 {
		g.Done = r.Done / tenth
	}
	if r.Err != nil {
		g.Message, g.Err = r.Err.Error(), nil
	}
	return g
}
