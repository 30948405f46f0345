// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/cluster"
)

// fastest is the highest spec.restart.maxPerMinute: the pace is not what is measured.
const fastest = 6000

// restarts measures what a change of content costs that many workloads use: each has to be
// restarted exactly once. The workloads have no Pods; that those come up is proven elsewhere.
func restarts(ctx context.Context, s *suite) (err error) {
	n := s.sizes(200)[0]
	w, err := s.newWorldOn(ctx, cluster.Options{Audit: cluster.AuditMetadata, ControllerManager: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	if w.operator, err = w.newOperator(s, "operator", "--restarts"); err != nil {
		return err
	}
	f := newFleet("a", 1, s.interval)
	if err := w.syncNew(ctx, f); err != nil {
		return err
	}
	if err := w.consume(ctx, f, n); err != nil {
		return err
	}
	if err := w.skipLogs(); err != nil {
		return err
	}
	begin := time.Now()
	if err := w.put(ctx, f.path(0), "second"); err != nil {
		return err
	}
	if err := w.awaitRestarted(ctx, f); err != nil {
		return err
	}
	took := time.Since(begin)
	if err := pause(ctx, 2*s.interval); err != nil { // What came twice would come now.
		return err
	}
	patches, lists := 0, 0
	err = w.calls.Await(ctx, follow, func(events []cluster.AuditEvent) bool {
		patches, lists = restartCalls(events)
		return true
	})
	if err != nil {
		return err
	}
	s.add(measure.Row{
		What: fmt.Sprintf("a content change with %d consumers: restarts", n), Measured: fmt.Sprint(patches), Limit: fmt.Sprint(n),
		Ratio: fmt.Sprintf("%.2f", float64(patches)/float64(n)), Target: fmt.Sprintf("= %d", n), Verdict: measure.Judge(patches == n),
	})
	s.note("of the %d restarts: from the change in the backend until all were done %s at %d a minute at most, %d lists of workloads",
		n, seconds(took), fastest, lists)
	return nil
}

// restartCalls counts the operator's patches and lists of workloads.
func restartCalls(events []cluster.AuditEvent) (patches, lists int) {
	for _, call := range measure.Calls(events, operatorAgent) {
		switch {
		case call.Resource != "deployments" && call.Resource != "statefulsets" && call.Resource != "daemonsets":
		case call.Verb == "patch":
			patches++
		case call.Verb == "list":
			lists++
		}
	}
	return patches, lists
}

// consume creates workloads that use the Secret of a fleet's first object, and has them
// restarted from now on.
func (w *world) consume(ctx context.Context, f fleet, n int) error {
	err := each(ctx, n, func(ctx context.Context, i int) error {
		labels := map[string]string{"app": f.name(i)}
		return w.client.Create(ctx, &appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Namespace: f.namespace(0), Name: f.name(i)},
			Spec: appsv1.DeploymentSpec{
				Replicas: new(int32(0)), Selector: &metav1.LabelSelector{MatchLabels: labels},
				Template: corev1.PodTemplateSpec{
					ObjectMeta: metav1.ObjectMeta{Labels: labels},
					Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "example.test/app", EnvFrom: []corev1.EnvFromSource{
						{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: f.name(0)}}},
					}}}},
				},
			},
		})
	})
	if err != nil {
		return fmt.Errorf("creating workloads: %w", err)
	}
	patch := fmt.Sprintf(`{"spec":{"restart":{"maxPerMinute":%d}}}`, fastest)
	sync := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: f.namespace(0), Name: f.name(0)}}
	if err := w.client.Patch(ctx, sync, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		return fmt.Errorf("asking for restarts: %w", err)
	}
	return nil
}

// awaitRestarted waits until the restarts for a change are over.
func (w *world) awaitRestarted(ctx context.Context, f fleet) error {
	for {
		var sync v1alpha1.SecretSync
		if err := w.client.Get(ctx, f.key(0), &sync); err != nil {
			return fmt.Errorf("looking at a SecretSync: %w", err)
		}
		if r := sync.Status.Restart; r != nil && r.State == v1alpha1.RestartDone {
			return nil
		}
		if err := pause(ctx, follow); err != nil {
			return err
		}
	}
}
