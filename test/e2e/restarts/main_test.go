// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restarts

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/restart"
	"github.com/secretsync/secretsync/pkg/workload"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/kubelet"
)

var suite = harness.NewSuite(harness.Options{Values: map[string]any{ //nolint:gochecknoglobals // One world serves all tests.
	"restarts": map[string]any{"enabled": true}, "versionedTargets": true,
}})

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// bad is what a password begins with that no Pod comes up with.
const bad = "bad-password-"

func healthy(environment map[string]string) bool {
	return !strings.HasPrefix(environment["PASSWORD"], bad)
}

// shop is a tenant with a kubelet, and a SecretSync db that is read on request.
type shop struct {
	*harness.Tenant

	kubelet *kubelet.Kubelet
}

func newShop(t *testing.T, edits ...harness.SyncEdit) *shop {
	t.Helper()
	return newShopAfter(t, func(*shop) {}, edits...)
}

// newShopAfter prepares the tenant before there is a SecretSync.
func newShopAfter(t *testing.T, prepare func(*shop), edits ...harness.SyncEdit) *shop {
	t.Helper()
	n := suite.Tenant(t)
	s := &shop{Tenant: n, kubelet: kubelet.Run(t, n.Client, n.Namespace, healthy)}
	s.Write(t, "db", map[string]any{"password": "password-1"})
	prepare(s)
	s.Sync(t, "db", append([]harness.SyncEdit{onRequest, auto}, edits...)...)
	s.AwaitReady(t, "db", 1)
	return s
}

func onRequest(s *v1alpha1.SecretSync) { s.Spec.Refresh.Interval = &metav1.Duration{} }

// auto restarts as fast as tests want it.
func auto(s *v1alpha1.SecretSync) {
	s.Spec.Restart = &v1alpha1.Restart{MaxPerMinute: new(int32(6000))}
}

// takesBack takes back what does not come up.
func takesBack(s *v1alpha1.SecretSync) { s.Spec.Restart.OnFailure = v1alpha1.OnFailureRollback }

// soon and patiently are deadlines: that of what never comes up, and that of what does, however
// busy the machine is.
func soon(s *v1alpha1.SecretSync) {
	s.Spec.Restart.Deadline = &metav1.Duration{Duration: 10 * time.Second}
}
func patiently(s *v1alpha1.SecretSync) { s.Spec.Restart.Deadline = nil }

// spoil puts a password into Vault that no Pod comes up with, and waits until it is taken back.
func (s *shop) spoil(t *testing.T, password string) {
	t.Helper()
	s.awaitWell(t)
	s.Edit(t, "db", soon)
	s.change(t, bad+password)
	s.AwaitCondition(t, "db", v1alpha1.ConditionRolledBack, "True", "RestartFailed")
	s.Edit(t, "db", patiently)
}

// change puts another password into Vault, and has it read.
func (s *shop) change(t *testing.T, password string) {
	t.Helper()
	s.Write(t, "db", map[string]any{"password": password})
	s.Annotate(t, "db", v1alpha1.AnnotationRefresh, time.Now().Format(time.RFC3339Nano))
}

// create creates Deployments that differ in their names only, and waits until all run.
func (s *shop) create(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		s.Create(t, deployment(name))
	}
	for _, name := range names {
		s.awaitRunning(t, name, "password-1")
	}
	s.awaitWell(t)
}

// awaitWell waits until all Deployments are said to be complete, which is a moment after their
// Pods run: what is not well is not taken back for.
func (s *shop) awaitWell(t *testing.T) {
	t.Helper()
	harness.Await(t, "the Deployments to be well", func() string {
		var all appsv1.DeploymentList
		harness.Must(t, s.Client.List(t.Context(), &all, client.InNamespace(s.Namespace)))
		for i := range all.Items {
			if progress := workload.RollingDeployment(&all.Items[i]).Progress; progress.Phase != workload.Complete {
				return all.Items[i].Name + " is not: " + progress.Why
			}
		}
		return ""
	})
}

func template(name string, annotations map[string]string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": name}, Annotations: annotations},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "app", Image: "example.test/app",
			Env: []corev1.EnvVar{{Name: "PASSWORD", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
				LocalObjectReference: corev1.LocalObjectReference{Name: "db"}, Key: "password",
			}}}},
		}}},
	}
}

// deployment returns one with a Pod that reads the Secret db.
func deployment(name string, edits ...func(*appsv1.Deployment)) *appsv1.Deployment {
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(1)), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}}, Template: template(name, nil),
		},
	}
	for _, edit := range edits {
		edit(d)
	}
	return d
}

// awaitRunning waits until exactly the Pods of an app run with a password.
func (s *shop) awaitRunning(t *testing.T, app, password string) {
	t.Helper()
	harness.Await(t, fmt.Sprintf("the Pod of %s to run with %q", app, password), func() string {
		running := s.kubelet.Running(t, map[string]string{"app": app})
		if len(running) != 1 || running[0].Environment["PASSWORD"] != password {
			return fmt.Sprintf("there are %v", running)
		}
		return ""
	})
}

// awaitRestart waits until the restarts for a revision have come to a state.
func (s *shop) awaitRestart(t *testing.T, revision int64, state string) *v1alpha1.RestartStatus {
	t.Helper()
	return s.AwaitStatus(t, "db", fmt.Sprintf("restarts for %d: %s", revision, state), func(sync *v1alpha1.SecretSync) string {
		if r := sync.Status.Restart; r == nil || r.Revision != revision || r.State != state {
			return "it has not"
		}
		return ""
	}).Status.Restart
}

// mark returns what the Pod template of a Deployment is marked with.
func (s *shop) mark(t *testing.T, name string) string {
	t.Helper()
	var d appsv1.Deployment
	harness.Must(t, s.Client.Get(t.Context(), s.Key(name), &d))
	return d.Spec.Template.Annotations[restart.Key("db")]
}

// generation returns how often the specification of a Deployment was written.
func (s *shop) generation(t *testing.T, name string) int64 {
	t.Helper()
	var d appsv1.Deployment
	harness.Must(t, s.Client.Get(t.Context(), s.Key(name), &d))
	return d.Generation
}

// patches returns how often operators patched an object of a kind since a time.
func (s *shop) patches(t *testing.T, resource string, since time.Time) int {
	t.Helper()
	count := 0
	for _, request := range s.Requests(t, since) {
		if request.Verb == "patch" && request.Resource == resource {
			count++
		}
	}
	return count
}
