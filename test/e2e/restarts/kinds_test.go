// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restarts

import (
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// statefulSet returns one with a Pod that reads the Secret db.
func statefulSet(name string, edits ...func(*appsv1.StatefulSet)) *appsv1.StatefulSet {
	s := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: appsv1.StatefulSetSpec{
		Replicas: new(int32(1)), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}, Template: template(name, nil),
	}}
	for _, edit := range edits {
		edit(s)
	}
	return s
}

// daemonSet returns one whose Pods read the Secret db, on the nodes of the tenant.
func (s *shop) daemonSet(name string, edits ...func(*appsv1.DaemonSet)) *appsv1.DaemonSet {
	d := &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: appsv1.DaemonSetSpec{
		Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}, Template: template(name, nil),
	}}
	d.Spec.Template.Spec.NodeSelector = map[string]string{"tenant": s.Namespace}
	for _, edit := range edits {
		edit(d)
	}
	return d
}

// node makes a node for DaemonSets of this tenant alone.
func (s *shop) node(t *testing.T) {
	t.Helper()
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: s.Namespace, Labels: map[string]string{"tenant": s.Namespace}}}
	harness.Must(t, s.Client.Create(t.Context(), node))
	s.Change(t, client.ObjectKeyFromObject(node), node, func() { node.Spec.Taints = nil }) // It is ready.
}

// TestKinds: Pods of each kind get what is new, and their own again where they do not come up
// with it.
func TestKinds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		workload func(*shop) client.Object
		// stuck is the Pod that Kubernetes does not replace while it is not ready.
		stuck string
	}{
		"StatefulSet": {workload: func(*shop) client.Object {
			return statefulSet("api", func(s *appsv1.StatefulSet) { s.Spec.PodManagementPolicy = appsv1.ParallelPodManagement })
		}},
		"StatefulSetInOrder": {workload: func(*shop) client.Object { return statefulSet("api") }, stuck: "api-0"},
		"DaemonSet":          {workload: func(s *shop) client.Object { return s.daemonSet("api") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, takesBack)
			s.node(t)
			s.Create(t, tc.workload(s))
			s.awaitRunning(t, "api", "password-1")
			s.change(t, "password-2")
			s.awaitRunning(t, "api", "password-2")
			s.awaitRestart(t, 2, v1alpha1.RestartDone)

			s.spoil(t, "3")
			s.AwaitSecret(t, "db", map[string]string{"password": "password-2"})
			if tc.stuck != "" {
				if why := s.Get(t, "db").Status.Rollback.Why; !strings.Contains(why, "delete it") {
					t.Errorf("it is not told what to do: %s", why)
				}
				s.Delete(t, &corev1.Pod{}, tc.stuck)
			}
			s.awaitRunning(t, "api", "password-2")
			s.awaitRestart(t, 2, v1alpha1.RestartDone)
		})
	}
}

// TestNotAwaited: what waits for somebody's hand is marked, and holds up nobody.
func TestNotAwaited(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.node(t)
	s.Create(t, deployment("paused"), deployment("none", func(d *appsv1.Deployment) { d.Spec.Replicas = new(int32(0)) }),
		statefulSet("by-hand", func(s *appsv1.StatefulSet) { s.Spec.UpdateStrategy.Type = appsv1.OnDeleteStatefulSetStrategyType }),
		statefulSet("partly", func(s *appsv1.StatefulSet) {
			s.Spec.Replicas = new(int32(2))
			s.Spec.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{Partition: new(int32(1))}
		}),
		s.daemonSet("daemon-by-hand", func(d *appsv1.DaemonSet) { d.Spec.UpdateStrategy.Type = appsv1.OnDeleteDaemonSetStrategyType }),
	)
	for _, name := range []string{"paused", "by-hand", "daemon-by-hand"} {
		s.awaitRunning(t, name, "password-1")
	}
	s.awaitPasswords(t, "partly", map[string]string{"partly-0": "password-1", "partly-1": "password-1"})
	var paused appsv1.Deployment
	s.Change(t, s.Key("paused"), &paused, func() { paused.Spec.Paused = true })

	s.change(t, "password-2")
	done := s.awaitRestart(t, 2, v1alpha1.RestartDone)
	for _, name := range []string{"Deployment/paused (", "StatefulSet/by-hand (", "DaemonSet/daemon-by-hand ("} {
		if !strings.Contains(done.Message, name) {
			t.Errorf("it is not told that %s is not awaited: %+v", name, done)
		}
	}
	if done.Done != 5 || done.Total != 5 || strings.Contains(done.Message, "partly") || strings.Contains(done.Message, "none") {
		t.Errorf("%+v", done)
	}
	s.awaitPasswords(t, "partly", map[string]string{"partly-0": "password-1", "partly-1": "password-2"})
	for _, name := range []string{"paused", "by-hand", "daemon-by-hand"} {
		s.awaitRunning(t, name, "password-1")
	}
	s.Change(t, s.Key("paused"), &paused, func() { paused.Spec.Paused = false })
	s.awaitRunning(t, "paused", "password-2")
}

// awaitPasswords waits until the Pods of an app run with these passwords, by their names.
func (s *shop) awaitPasswords(t *testing.T, app string, want map[string]string) {
	t.Helper()
	harness.Await(t, "Pods of "+app, func() string {
		got := map[string]string{}
		for _, pod := range s.kubelet.Running(t, map[string]string{"app": app}) {
			got[pod.Name] = pod.Environment["PASSWORD"]
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Sprint(got)
		}
		return ""
	})
}
