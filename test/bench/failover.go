// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/cluster"
	operatorprocess "github.com/secretsync/secretsync/test/operator"
)

const (
	// leaseDuration and retryPeriod are the operator's own.
	leaseDuration = 15 * time.Second
	retryPeriod   = 2 * time.Second
	// failOverTarget is the longest from the end of a leader to the Secret of the next change.
	failOverTarget = leaseDuration + 2*retryPeriod + 5*time.Second
	// loadPause is between two changes of the load.
	loadPause = 50 * time.Millisecond
	// patience bounds every wait here.
	patience = 3 * time.Minute
)

// failOver measures how long a change waits for its Secret whose leader has just been frozen, while
// other entries change all the time; and what the old leader writes when it is woken up again.
func failOver(ctx context.Context, s *suite) (err error) {
	n := s.sizes(1000)[0]
	w, err := s.newWorld(ctx, cluster.AuditMetadata)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	f := newFleet("a", n, s.interval)
	if err := w.syncNew(ctx, f); err != nil {
		return err
	}
	old := w.operator
	defer old.Kill()
	standby, err := w.newOperator(s, "standby")
	if err != nil {
		return err
	}
	if err := standby.Start(ctx); err != nil {
		return fmt.Errorf("starting the standby: %w", err)
	}
	w.operator = standby

	load := w.startLoad(ctx, f)
	took, err := w.afterFreezing(ctx, old, f.key(0), f.path(0))
	if err := errors.Join(err, load()); err != nil {
		return err
	}
	s.add(measure.Row{
		What:     fmt.Sprintf("the leader is frozen, %d objects under load: the next change is served", n),
		Measured: seconds(took), Target: "<= " + seconds(failOverTarget), Verdict: measure.Judge(took <= failOverTarget),
	})
	return s.wake(ctx, w, old, f)
}

// startLoad changes all entries of a fleet but the first, one after the other and without end. The
// returned function ends that, gives all of them their last value, and returns what went wrong.
func (w *world) startLoad(ctx context.Context, f fleet) (end func() error) {
	over, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for i := 0; ; i++ {
			at := 1 + i%(f.objects-1)
			if err := errors.Join(w.put(ctx, f.path(at), fmt.Sprintf("load-%d", i)), pause(ctx, loadPause)); err != nil {
				done <- err
				return
			}
			select {
			case <-over:
				done <- nil
				return
			default:
			}
		}
	}()
	return func() error {
		close(over)
		return errors.Join(<-done, each(ctx, f.objects, func(ctx context.Context, i int) error { return w.put(ctx, f.path(i), last) }))
	}
}

// last is the seed of what all entries hold in the end.
const last = "last"

// afterFreezing freezes the leader, changes an entry, and returns how long after the former the
// change was served.
func (w *world) afterFreezing(ctx context.Context, leader *operatorprocess.Operator, key client.ObjectKey, path string) (time.Duration, error) {
	if err := w.skipLogs(); err != nil {
		return 0, err
	}
	if err := leader.Pause(); err != nil {
		return 0, fmt.Errorf("freezing the leader: %w", err)
	}
	frozen := time.Now()
	if err := w.put(ctx, path, "next"); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var served time.Time
	err := w.calls.Await(ctx, follow, func(events []cluster.AuditEvent) bool {
		for _, call := range measure.Calls(events, operatorAgent) {
			if isTarget(call) && call.Verb == "update" && call.Code < 300 && call.Namespace == key.Namespace && call.Name == key.Name &&
				call.Answered.After(frozen) {
				served = call.Answered
			}
		}
		return !served.IsZero()
	})
	return served.Sub(frozen), err
}

// wake waits until all is served and told, wakes the old leader, and counts what is written until
// it has ended.
func (s *suite) wake(ctx context.Context, w *world, old *operatorprocess.Operator, f fleet) error {
	if err := w.awaitAll(ctx, f, last); err != nil {
		return err
	}
	if err := w.settle(ctx); err != nil {
		return err
	}
	if err := w.skipLogs(); err != nil {
		return err
	}
	if err := old.Resume(); err != nil {
		return fmt.Errorf("waking the old leader: %w", err)
	}
	select {
	case <-old.Exited():
	case <-time.After(patience):
		return fmt.Errorf("the old leader, woken up: %w", context.DeadlineExceeded)
	}
	if err := pause(ctx, s.interval); err != nil { // What the new leader would have to repair shows by then.
		return err
	}
	events, err := w.calls.Read()
	if err != nil {
		return err
	}
	writes := 0
	for _, call := range measure.Calls(events, operatorAgent) {
		if !call.AtRest() && (call.Verb == "create" || call.Verb == "update" || call.Verb == "patch" || call.Verb == "delete") {
			writes++
		}
	}
	s.add(measure.Row{
		What: "the old leader is woken: writes until it has ended", Measured: fmt.Sprint(writes),
		Target: "0", Verdict: measure.Judge(writes == 0),
	})
	return w.awaitAll(ctx, f, last)
}

// awaitAll waits until every target holds the entry of that seed.
func (w *world) awaitAll(ctx context.Context, f fleet, seed string) error {
	want := entry(seed)["password"]
	err := wait.PollUntilContextTimeout(ctx, time.Second, patience, true, func(ctx context.Context) (bool, error) {
		held := 0
		for i := range f.namespaces {
			var list corev1.SecretList
			if err := w.client.List(ctx, &list, client.InNamespace(f.namespace(i)), client.HasLabels{v1alpha1.LabelTarget}); err != nil {
				return false, err
			}
			for at := range list.Items {
				if string(list.Items[at].Data["password"]) == want {
					held++
				}
			}
		}
		return held == f.objects, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for all Secrets to hold what is last: %w", err)
	}
	return nil
}
