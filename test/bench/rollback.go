// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/cluster"
)

const (
	// rolledBack is how many SecretSyncs go back one at a time.
	rolledBack = 100
	// rollbackTarget is the longest that 99 of 100 rollbacks take.
	rollbackTarget = 500 * time.Millisecond
	// groupTarget is how much longer than the raw program a group may take.
	groupTarget = 1.5
	// kept is how many revisions a SecretSync keeps by default.
	kept = 5
)

// rollBack measures how long a rollback takes from the annotation to the Secret: one at a
// time, and all at once, as a rollback by label does; and what history takes in bytes.
func rollBack(ctx context.Context, s *suite) (err error) {
	n := s.sizes(1000)[0]
	w, err := s.newWorld(ctx, cluster.AuditMetadata)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	f := newFleet("a", n, time.Hour)
	if err := w.syncNew(ctx, f); err != nil {
		return err
	}
	if err := w.renew(ctx, f, "second"); err != nil {
		return err
	}
	var delays []time.Duration
	for i := range rolledBack {
		took, err := w.goBack(ctx, f.key(i%f.objects))
		if err != nil {
			return err
		}
		delays = append(delays, took)
	}
	s.judgeDelays(fmt.Sprintf("a rollback reaches its Secret, %d objects", n), delays, rollbackTarget, 99)
	if err := s.groups(ctx, w, f); err != nil {
		return err
	}
	return s.storedBytes(ctx, w, f)
}

// annotate patches one annotation of a SecretSync; an empty value removes it.
func (w *world) annotate(ctx context.Context, key client.ObjectKey, annotation, value string) error {
	var text any = value
	if value == "" {
		text = nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]any{annotation: text}}})
	if err != nil {
		return fmt.Errorf("encoding a patch: %w", err)
	}
	var sync v1alpha1.SecretSync
	sync.Namespace, sync.Name = key.Namespace, key.Name
	if err := w.client.Patch(ctx, &sync, client.RawPatch(types.MergePatchType, patch), client.FieldOwner("secretsync-cli")); err != nil {
		return fmt.Errorf("annotating a SecretSync: %w", err)
	}
	return nil
}

// annotateAll patches an annotation of every SecretSync of a fleet, many at once.
func (w *world) annotateAll(ctx context.Context, f fleet, annotation, value string) error {
	return each(ctx, f.objects, func(ctx context.Context, i int) error { return w.annotate(ctx, f.key(i), annotation, value) })
}

// renew gives every entry of a fleet another value and waits until it is served.
func (w *world) renew(ctx context.Context, f fleet, seed string) error {
	err := each(ctx, f.objects, func(ctx context.Context, i int) error { return w.put(ctx, f.path(i), seed) })
	if err != nil {
		return err
	}
	if err := w.skipLogs(); err != nil {
		return err
	}
	if err := w.annotateAll(ctx, f, v1alpha1.AnnotationRefresh, seed); err != nil {
		return err
	}
	if _, err = w.awaitUpdates(ctx, f.objects); err != nil {
		return err
	}
	return w.settle(ctx)
}

// settle waits until the operator has told all that it has to tell.
func (w *world) settle(ctx context.Context) error {
	for busy := true; busy; {
		if err := pause(ctx, 2*time.Second); err != nil {
			return err
		}
		events, err := w.calls.Read()
		if err != nil {
			return err
		}
		busy = slices.ContainsFunc(measure.Calls(events, operatorAgent), func(c measure.Call) bool { return !c.AtRest() })
	}
	return nil
}

// awaitUpdates waits until the operator updated as many targets, and returns when the last
// was answered.
func (w *world) awaitUpdates(ctx context.Context, n int) (time.Time, error) {
	updated := map[client.ObjectKey]time.Time{}
	err := w.calls.Await(ctx, followClosely, func(events []cluster.AuditEvent) bool {
		for _, call := range measure.Calls(events, operatorAgent) {
			if isTarget(call) && call.Verb == "update" && call.Code < 300 {
				updated[client.ObjectKey{Namespace: call.Namespace, Name: call.Name}] = call.Answered
			}
		}
		return len(updated) >= n
	})
	return latest(updated), err
}

// goBack asks for the first revision of one SecretSync and returns how long it took from the
// API server's answer to that to its answer to the update of the target.
func (w *world) goBack(ctx context.Context, key client.ObjectKey) (time.Duration, error) {
	if err := w.skipLogs(); err != nil {
		return 0, err
	}
	if err := w.annotate(ctx, key, v1alpha1.AnnotationRollbackTo, "1"); err != nil {
		return 0, err
	}
	asked := time.Now()
	served, err := w.awaitUpdates(ctx, 1)
	return max(0, served.Sub(asked)), err
}

// groups compares a rollback of a whole fleet with the raw program: from the first request
// to annotate to the last Secret.
func (s *suite) groups(ctx context.Context, w *world, f fleet) error {
	if err := w.annotateAll(ctx, f, v1alpha1.AnnotationRollbackTo, ""); err != nil {
		return err
	}
	if err := w.renew(ctx, f, "third"); err != nil {
		return err
	}
	if err := w.skipLogs(); err != nil {
		return err
	}
	begin := time.Now()
	if err := w.annotateAll(ctx, f, v1alpha1.AnnotationRollbackTo, "1"); err != nil {
		return err
	}
	last, err := w.awaitUpdates(ctx, f.objects)
	if err != nil {
		return err
	}
	took := last.Sub(begin)
	if err := w.stopOperator(ctx); err != nil {
		return err
	}
	limit, err := w.rawBack(ctx, f)
	if err != nil {
		return err
	}
	ratio := took.Seconds() / limit.Seconds()
	s.add(measure.Row{
		What:     fmt.Sprintf("%d SecretSyncs go back at once", f.objects),
		Measured: seconds(took), Limit: seconds(limit), Ratio: fmt.Sprintf("%.2f", ratio),
		Target: fmt.Sprintf("<= %.1f", groupTarget), Verdict: measure.Judge(ratio <= groupTarget),
	})
	return nil
}

// rawBack makes the same writes without a controller: the annotation and the target of each
// SecretSync, as fast as it goes, with the best number of goroutines.
func (w *world) rawBack(ctx context.Context, f fleet) (time.Duration, error) {
	var best time.Duration
	for round, goroutines := range []int{8, 16, 32, 64} {
		targets := make([]corev1.Secret, f.objects)
		err := each(ctx, f.objects, func(ctx context.Context, i int) error { return w.client.Get(ctx, f.key(i), &targets[i]) })
		if err != nil {
			return 0, fmt.Errorf("reading targets: %w", err)
		}
		begin := time.Now()
		err = eachBy(ctx, goroutines, f.objects, func(ctx context.Context, i int) error {
			if err := w.annotate(ctx, f.key(i), v1alpha1.AnnotationRollbackTo, strconv.Itoa(round+2)); err != nil {
				return err
			}
			targets[i].Annotations[v1alpha1.AnnotationHeldFor] = strconv.Itoa(round + 2)
			targets[i].Data["password"] = fmt.Appendf(nil, "%0*d", len(targets[i].Data["password"]), round)
			return w.client.Update(ctx, &targets[i])
		})
		if err != nil {
			return 0, fmt.Errorf("writing targets: %w", err)
		}
		if took := time.Since(begin); best == 0 || took < best {
			best = took
		}
	}
	return best, nil
}

// storedBytes tells how large the objects are that one SecretSync with five revisions has,
// as the API server stores them.
func (s *suite) storedBytes(ctx context.Context, w *world, f fleet) error {
	key := f.key(f.objects - 1)
	if err := w.annotate(ctx, key, v1alpha1.AnnotationRollbackTo, ""); err != nil {
		return err
	}
	if err := w.operator.Start(ctx); err != nil {
		return fmt.Errorf("starting the operator again: %w", err)
	}
	for i := range kept {
		if err := w.put(ctx, f.path(f.objects-1), fmt.Sprintf("revision-%d", i)); err != nil {
			return err
		}
		if err := w.skipLogs(); err != nil {
			return err
		}
		if err := w.annotate(ctx, key, v1alpha1.AnnotationRefresh, strconv.Itoa(i)); err != nil {
			return err
		}
		if _, err := w.awaitUpdates(ctx, 1); err != nil {
			return err
		}
	}
	var sync v1alpha1.SecretSync
	if err := w.client.Get(ctx, key, &sync); err != nil {
		return fmt.Errorf("reading a SecretSync: %w", err)
	}
	text, err := json.Marshal(&sync) // Custom resources are stored as JSON, Secrets as protobuf.
	if err != nil {
		return fmt.Errorf("encoding a SecretSync: %w", err)
	}
	var revisions, target int
	var secrets corev1.SecretList
	if err := w.client.List(ctx, &secrets, client.InNamespace(key.Namespace)); err != nil {
		return fmt.Errorf("listing Secrets: %w", err)
	}
	for i := range secrets.Items {
		secret := &secrets.Items[i]
		owner, _, isRevision := revision.ParseSecretName(secret.Name)
		switch {
		case isRevision && owner == key.Name:
			revisions += secret.Size()
		case secret.Name == key.Name:
			target = secret.Size()
		}
	}
	s.note("stored for one SecretSync with %d revisions of %d bytes: %d bytes (itself %d, target %d, revisions %d)",
		kept, entryBytes, len(text)+target+revisions, len(text), target, revisions)
	return nil
}
