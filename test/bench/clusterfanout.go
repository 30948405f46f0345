// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/bench/raw"
	"github.com/secretsync/secretsync/test/cluster"
	operatorprocess "github.com/secretsync/secretsync/test/operator"
)

const (
	// fanOutTarget is the most time, in that of the raw program, until all namespaces are served.
	fanOutTarget = 1.3
	// fleetLabel marks the namespaces of a fleet with its letter.
	fleetLabel = "bench.example/fleet"
	// fanOutFlag has the operator work for ClusterSecretSyncs.
	fanOutFlag = "--cluster-secret-syncs"
)

// clusterFanOut measures how soon a new ClusterSecretSync has all its namespaces served with one
// entry, against a program that makes the same writes: each SecretSync, its revision and its
// Secret. The two take turns.
func clusterFanOut(ctx context.Context, s *suite) (err error) {
	n := s.sizes(800)[0]
	script, err := s.script(ctx)
	if err != nil {
		return err
	}
	w, err := s.newWorld(ctx, cluster.AuditMetadata)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	if err := w.fanOutOperator(s); err != nil {
		return err
	}
	limit, err := w.newLimiter(ctx, script)
	if err != nil {
		return err
	}
	race := &fanOutRace{world: w, limit: limit, fleet: fleet{letter: "a", objects: n, namespaces: n, interval: time.Hour, shared: true}}
	if err := errors.Join(w.seed(ctx, race.fleet), w.openNamespaces(ctx, race.fleet)); err != nil {
		return err
	}
	if err := race.run(ctx); err != nil {
		return err
	}
	s.judgeFanOut(race)
	return nil
}

// fanOutRace is of the operator with the raw program, in one world: the two take turns, and
// medians are compared, because a machine is faster at one time than at another. The namespaces
// stay, and what is made in them is deleted each time.
type fanOutRace struct {
	world *world
	limit *limiter
	fleet fleet

	own, raw []float64 // seconds
	last     spread    // the operator's last run
	replayed spread    // the raw program's last run
}

// run finds the number of goroutines that is best, after a first time that does not count.
func (r *fanOutRace) run(ctx context.Context) error {
	warming := r.fleet
	warming.objects = min(warming.objects, warmUp)
	if _, err := r.limit.fanOut(ctx, warming, 16); err != nil {
		return err
	}
	best, least := 0, time.Duration(0)
	for _, goroutines := range []int{16, 32, 64} {
		replayed, err := r.limit.fanOut(ctx, r.fleet, goroutines)
		if err != nil {
			return err
		}
		say("  raw, %d goroutines: %.2f s", goroutines, replayed.served.Seconds())
		if best == 0 || replayed.served < least {
			best, least = goroutines, replayed.served
		}
	}
	for range rounds {
		if err := r.round(ctx, best); err != nil {
			return err
		}
	}
	return nil
}

func (r *fanOutRace) round(ctx context.Context, goroutines int) (err error) {
	if r.last, err = r.world.fanOut(ctx, r.fleet); err != nil {
		return err
	}
	if r.replayed, err = r.limit.fanOut(ctx, r.fleet, goroutines); err != nil {
		return err
	}
	own, limit := r.last.served.Seconds(), r.replayed.served.Seconds()
	r.own, r.raw = append(r.own, own), append(r.raw, limit)
	say("  operator: %.2f s, CPU per namespace %s", own, r.last.costs.per(r.fleet.objects))
	say("  raw, %d goroutines: %.2f s, CPU per namespace %s", goroutines, limit, r.replayed.costs.per(r.fleet.objects))
	return nil
}

// fanOutOperator prepares an operator that works for ClusterSecretSyncs.
func (w *world) fanOutOperator(s *suite) (err error) {
	w.operator, err = operatorprocess.New(operatorprocess.Options{
		Binary: s.binary, Kubeconfig: w.cluster.Kubeconfig(), LogFile: w.cluster.Dir() + "/fanout.log",
		// It is alone, and a machine that is busy would take the lease away in the middle.
		Args: []string{"--namespace", home, "--leader-elect=false", fanOutFlag}, Env: []string{"SECRETSYNC_BENCH_PROFILES=" + s.profiles},
	})
	if err != nil {
		return fmt.Errorf("preparing the operator: %w", err)
	}
	return nil
}

// errUnserved is the error for a ClusterSecretSync that is said to be served and is not.
var errUnserved = errors.New("not served")

// awaitFannedOut waits until a ClusterSecretSync is said to be Ready in so many namespaces. The
// audit log is read when that is over: to read it meanwhile would cost processor time.
func (w *world) awaitFannedOut(ctx context.Context, object *v1alpha1.ClusterSecretSync, namespaces int) error {
	err := wait.PollUntilContextCancel(ctx, 4*follow, false, func(ctx context.Context) (bool, error) {
		err := w.client.Get(ctx, client.ObjectKeyFromObject(object), object)
		counts := object.Status.Namespaces
		return counts != nil && counts.Ready != nil && int(*counts.Ready) == namespaces, err
	})
	if err != nil {
		return fmt.Errorf("waiting for the ClusterSecretSync: %w", err)
	}
	return nil
}

// awaitLogin waits until an operator that was started has logged in to its backend, which is
// nearly the last that it does before it rests. Vault logs the request and the response.
func (w *world) awaitLogin(ctx context.Context) error {
	return w.reads.AwaitText(ctx, follow, `"auth/approle/login"`, 2)
}

// openNamespaces makes the namespaces of a fleet.
func (w *world) openNamespaces(ctx context.Context, f fleet) error {
	return each(ctx, f.namespaces, func(ctx context.Context, i int) error {
		return w.client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name: f.namespace(i), Labels: map[string]string{fleetLabel: f.letter},
		}})
	})
}

// fanOut makes the writes without a controller.
func (l *limiter) fanOut(ctx context.Context, f fleet, goroutines int) (spread, error) {
	before, err := l.world.costs(os.Getpid())
	if err != nil {
		return spread{}, err
	}
	objects := make([]raw.Object, f.objects)
	begin := time.Now()
	err = eachBy(ctx, goroutines, f.objects, func(ctx context.Context, i int) error {
		sync := fannedOut(f.secretSync(i))
		err := l.client.Create(ctx, sync)
		objects[i] = raw.Object{Namespace: sync.Namespace, Name: sync.Name, UID: sync.UID, Path: f.path(i)}
		return err
	})
	creating := time.Since(begin)
	if err != nil {
		return spread{}, fmt.Errorf("creating SecretSyncs: %w", err)
	}
	serve, _ := l.script.Split()
	work, err := raw.Prepare(serve, objects)
	if err != nil {
		return spread{}, err
	}
	serving, err := raw.Program{API: l.client, Vault: l.vault, Mount: mount, Goroutines: goroutines}.Run(ctx, work, false)
	if err != nil {
		return spread{}, err
	}
	after, err := l.world.costs(os.Getpid())
	if err != nil {
		return spread{}, err
	}
	return spread{served: creating + serving, costs: after.since(before)}, l.world.clear(ctx, f)
}

// fannedOut puts on a SecretSync what one of a ClusterSecretSync has.
func fannedOut(sync *v1alpha1.SecretSync) *v1alpha1.SecretSync {
	sync.Labels = map[string]string{v1alpha1.LabelFanOut: sync.Name}
	sync.Annotations = map[string]string{
		v1alpha1.AnnotationFanOutHash: "0123456789abcdef",
		v1alpha1.AnnotationFanOutMade: sync.Namespace + "/" + sync.Name,
	}
	return sync
}

// fanOut creates a ClusterSecretSync for a fleet, with the operator running, and waits until all
// its Secrets are created and it says so.
func (w *world) fanOut(ctx context.Context, f fleet) (spread, error) {
	var result spread
	if err := errors.Join(w.operator.Start(ctx), w.awaitLogin(ctx), w.skipLogs()); err != nil {
		return result, err
	}
	object := &v1alpha1.ClusterSecretSync{ObjectMeta: metav1.ObjectMeta{Name: "fleet-" + f.letter}, Spec: v1alpha1.ClusterSecretSyncSpec{
		Namespaces: &v1alpha1.FanOutNamespaces{NamespaceSelection: v1alpha1.NamespaceSelection{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{fleetLabel: f.letter}},
		}},
		SecretSync: v1alpha1.SecretSyncTemplate{Name: f.name(0), Spec: f.secretSync(0).Spec},
	}}
	used := w.meter(ctx, w.operator.PID())
	defer used.stop()
	begin := time.Now()
	if err := w.client.Create(ctx, object); err != nil {
		return result, fmt.Errorf("creating the ClusterSecretSync: %w", err)
	}
	if err := w.awaitFannedOut(ctx, object, f.objects); err != nil {
		return result, err
	}
	events, err := w.calls.Read()
	if err != nil {
		return result, err
	}
	served := map[client.ObjectKey]time.Time{}
	result.calls = measure.Calls(events, operatorAgent)
	for _, call := range result.calls {
		if isTarget(call) && call.Verb == "create" && call.Code < 300 {
			served[client.ObjectKey{Namespace: call.Namespace, Name: call.Name}] = call.Answered
		}
	}
	if len(served) != f.objects {
		return result, fmt.Errorf("%w: %d of %d Secrets were created", errUnserved, len(served), f.objects)
	}
	result.served = latest(served).Sub(begin)
	if result.costs, err = used.until(latest(served)); err != nil {
		return result, err
	}
	entries, err := w.reads.Read()
	if err != nil {
		return result, err
	}
	result.reads = len(entryReads(entries, operatorLogin))
	return result, errors.Join(w.stopOperator(ctx), w.client.Delete(ctx, object), w.clear(ctx, f))
}

func (s *suite) judgeFanOut(r *fanOutRace) {
	own, limit := measure.Median(r.own), measure.Median(r.raw)
	s.add(measure.Row{
		What:     fmt.Sprintf("a new ClusterSecretSync is served in all its %d namespaces", r.fleet.namespaces),
		Measured: fmt.Sprintf("%.2f s", own), Limit: fmt.Sprintf("%.2f s", limit), Ratio: fmt.Sprintf("%.2f", own/limit),
		Target: fmt.Sprintf("<= %.2f", fanOutTarget), Verdict: measure.Judge(own/limit <= fanOutTarget),
	})
	s.note("the ClusterSecretSync of %d namespaces, until all were said to be Ready: %d reads of the entry; %s",
		r.fleet.namespaces, r.last.reads, measure.TallyOf(r.last.calls))
	s.note("the same, CPU per namespace until the last Secret: %s; raw %s",
		r.last.costs.per(r.fleet.objects), r.replayed.costs.per(r.fleet.objects))
}
