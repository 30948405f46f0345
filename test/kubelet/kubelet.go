// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package kubelet

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Kubelet starts the Pods of one namespace.
type Kubelet struct {
	client    client.Client
	namespace string
	healthy   func(environment map[string]string) bool

	mu      sync.Mutex
	started map[types.UID]Pod
}

// Pod is a Pod that was started.
type Pod struct {
	// Name of the Pod, and Labels of it.
	Name   string
	Labels map[string]string
	// Environment of its first container, as it was when the Pod started.
	Environment map[string]string
}

// pause is that between two looks at the Pods.
const pause = 100 * time.Millisecond

// Run starts the Pods of a namespace until the test ends. A Pod becomes ready if its
// environment is healthy; without a judge each is.
func Run(tb testing.TB, c client.Client, namespace string, healthy func(environment map[string]string) bool) *Kubelet {
	tb.Helper()
	if healthy == nil {
		healthy = func(map[string]string) bool { return true }
	}
	k := &Kubelet{client: c, namespace: namespace, healthy: healthy, started: map[types.UID]Pod{}}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	var group sync.WaitGroup
	group.Go(func() { k.run(ctx) })
	tb.Cleanup(func() {
		cancel()
		group.Wait()
	})
	return k
}

// run looks again and again: a request that fails is made again at the next look.
func (k *Kubelet) run(ctx context.Context) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		var pods corev1.PodList
		if k.client.List(ctx, &pods, client.InNamespace(k.namespace)) == nil {
			for i := range pods.Items {
				k.start(ctx, &pods.Items[i])
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// start takes a Pod's environment, if that was not done, and tells how it is.
func (k *Kubelet) start(ctx context.Context, pod *corev1.Pod) {
	if !pod.DeletionTimestamp.IsZero() || pod.Status.Phase == corev1.PodRunning {
		return
	}
	environment, ok := k.environment(ctx, &pod.Spec.Containers[0])
	if !ok {
		return // It waits for its Secret, as a real one does.
	}
	status := corev1.ConditionFalse
	if k.healthy(environment) {
		status = corev1.ConditionTrue
	}
	now := metav1.Now()
	pod.Status.Phase, pod.Status.StartTime = corev1.PodRunning, &now
	pod.Status.Conditions = nil
	for _, condition := range []corev1.PodConditionType{corev1.PodInitialized, corev1.PodScheduled, corev1.ContainersReady, corev1.PodReady} {
		value := corev1.ConditionTrue
		if condition == corev1.ContainersReady || condition == corev1.PodReady {
			value = status
		}
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: condition, Status: value, LastTransitionTime: now})
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.client.Status().Update(ctx, pod) == nil {
		k.started[pod.UID] = Pod{Name: pod.Name, Labels: pod.Labels, Environment: environment}
	}
}

// environment reads what a container gets; ok is false while something is not there that it needs.
func (k *Kubelet) environment(ctx context.Context, container *corev1.Container) (environment map[string]string, ok bool) {
	environment = map[string]string{}
	for _, from := range container.EnvFrom {
		if from.SecretRef == nil {
			continue
		}
		data, ok := k.secret(ctx, from.SecretRef.Name)
		if !ok {
			return nil, false
		}
		maps.Copy(environment, data)
	}
	for _, env := range container.Env {
		environment[env.Name] = env.Value
		if env.ValueFrom == nil || env.ValueFrom.SecretKeyRef == nil {
			continue
		}
		data, ok := k.secret(ctx, env.ValueFrom.SecretKeyRef.Name)
		if !ok {
			return nil, false
		}
		environment[env.Name] = data[env.ValueFrom.SecretKeyRef.Key]
	}
	return environment, true
}

func (k *Kubelet) secret(ctx context.Context, name string) (data map[string]string, ok bool) {
	var secret corev1.Secret
	if k.client.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: name}, &secret) != nil {
		return nil, false
	}
	data = map[string]string{}
	for key, value := range secret.Data {
		data[key] = string(value)
	}
	return data, true
}

// Started returns how many Pods with these labels were ever started.
func (k *Kubelet) Started(matching map[string]string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	count := 0
	for _, pod := range k.started {
		if matches(pod.Labels, matching) {
			count++
		}
	}
	return count
}

// Running returns the Pods with these labels that are there now, as they were started.
func (k *Kubelet) Running(tb testing.TB, matching map[string]string) []Pod {
	tb.Helper()
	var pods corev1.PodList
	if err := k.client.List(tb.Context(), &pods, client.InNamespace(k.namespace), client.MatchingLabels(matching)); err != nil {
		tb.Fatal(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	var running []Pod
	for i := range pods.Items {
		if pod, ok := k.started[pods.Items[i].UID]; ok && pods.Items[i].DeletionTimestamp.IsZero() {
			running = append(running, pod)
		}
	}
	return running
}

func matches(labels, wanted map[string]string) bool {
	for key, value := range wanted {
		if labels[key] != value {
			return false
		}
	}
	return true
}
