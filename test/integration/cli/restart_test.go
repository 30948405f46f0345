// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/cli"
)

// container returns a container with what the edit gives it.
func container(edit func(*corev1.Container)) corev1.Container {
	c := corev1.Container{Name: "app", Image: "app"}
	edit(&c)
	return c
}

func env(secret, key string) func(*corev1.Container) {
	return func(c *corev1.Container) {
		c.Env = append(c.Env, corev1.EnvVar{Name: key, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: secret}, Key: key,
		}}})
	}
}

func envFrom(secret string) func(*corev1.Container) {
	return func(c *corev1.Container) {
		c.EnvFrom = append(c.EnvFrom, corev1.EnvFromSource{SecretRef: &corev1.SecretEnvSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: secret},
		}})
	}
}

func template(containers ...corev1.Container) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "x"}},
		Spec:       corev1.PodSpec{Containers: containers, RestartPolicy: corev1.RestartPolicyAlways},
	}
}

func selector() *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{"app": "x"}}
}

func (w *world) deployment(name string, t corev1.PodTemplateSpec) {
	w.t.Helper()
	w.create(&appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec:       appsv1.DeploymentSpec{Selector: selector(), Template: t},
	})
}

// workloads makes readers of a Secret: web by env, queue by envFrom, files by a volume,
// agent by an init container, nightly as a CronJob, shell as a bare Pod; and two that are not
// concerned: user by a key that does not change, other by another Secret.
func (w *world) workloads(secret string) {
	w.t.Helper()
	meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: w.namespace, Name: name} }
	web := container(env(secret, "PASSWORD"))
	env(secret, "URL")(&web)
	w.deployment("web", template(web))
	w.deployment("user", template(container(env(secret, "USER"))))
	w.deployment("other", template(container(envFrom("another"))))

	files := template(container(func(c *corev1.Container) {
		c.VolumeMounts = []corev1.VolumeMount{{Name: "v", MountPath: "/v"}}
	}))
	files.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: secret}}}}
	w.deployment("files", files)

	w.create(&appsv1.StatefulSet{ObjectMeta: meta("queue"), Spec: appsv1.StatefulSetSpec{
		Selector: selector(), Template: template(container(envFrom(secret))),
	}})
	agent := template(container(func(*corev1.Container) {}))
	agent.Spec.InitContainers = []corev1.Container{container(env(secret, "PASSWORD"))}
	agent.Spec.InitContainers[0].Name = "init"
	w.create(&appsv1.DaemonSet{ObjectMeta: meta("agent"), Spec: appsv1.DaemonSetSpec{Selector: selector(), Template: agent}})

	nightly := template(container(envFrom(secret)))
	nightly.Spec.RestartPolicy = corev1.RestartPolicyNever
	w.create(&batchv1.CronJob{ObjectMeta: meta("nightly"), Spec: batchv1.CronJobSpec{
		Schedule: "0 3 * * *", JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: nightly}},
	}})
	w.create(&corev1.Pod{ObjectMeta: meta("shell"), Spec: template(container(envFrom(secret))).Spec})
}

// restarts returns when a workload was restarted, empty if never, and how often its
// template was changed since it was made.
func (w *world) restarts(name string, object client.Object) (at string, changes int64) {
	w.t.Helper()
	w.read(w.namespace, name, object)
	var annotations map[string]string
	switch o := object.(type) {
	case *appsv1.Deployment:
		annotations = o.Spec.Template.Annotations
	case *appsv1.StatefulSet:
		annotations = o.Spec.Template.Annotations
	case *appsv1.DaemonSet:
		annotations = o.Spec.Template.Annotations
	}
	return annotations["kubectl.kubernetes.io/restartedAt"], object.GetGeneration() - 1
}

// TestRestart: two SecretSyncs go back at once; the workload that reads both is restarted
// once, and only after both are back. What would not start again is left alone.
func TestRestart(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	w.sync(w.namespace, "cache")
	w.workloads("db")
	both := container(env("db", "PASSWORD"))
	env("cache", "PASSWORD")(&both)
	w.deployment("both", template(both))
	w.operate()

	at := start().Add(90 * time.Minute).Format(time.RFC3339)
	out := w.good("rollback", "-l", "app=shop", "--at", at, "-y", "--restart")
	says(t, out, "Done:", "db: holds revision 2", "To end all these holds", "both: restarted", "web: NOT restarted")
	if n := strings.Count(out, "/both: restarted"); n != 1 {
		t.Errorf("both was restarted %d times", n)
	}
	for name, object := range map[string]client.Object{
		"both": &appsv1.Deployment{}, "queue": &appsv1.StatefulSet{}, "agent": &appsv1.DaemonSet{},
	} {
		if at, changes := w.restarts(name, object); at == "" || changes != 1 {
			t.Errorf("%s: want one restart, got %d (%q)", name, changes, at)
		}
		if !managedBy(object, cli.FieldManager) {
			t.Errorf("%s was not restarted as %s", name, cli.FieldManager)
		}
	}
	for _, name := range []string{"user", "other", "files", "web"} {
		if at, changes := w.restarts(name, &appsv1.Deployment{}); at != "" || changes != 0 {
			t.Errorf("%s was restarted without need", name)
		}
	}
}

func managedBy(object client.Object, manager string) bool {
	for _, entry := range object.GetManagedFields() {
		if entry.Manager == manager {
			return true
		}
	}
	return false
}

func TestNothingRestartsWhereTheRollbackIsRefused(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	w.workloads("db")
	w.operate(1)

	says(t, w.bad("rollback", "db", "--to", "1", "-y", "--restart"), "RevisionUntrusted", "nothing was restarted")
	out := w.good("rollback", "db", "--to", "2", "-y")
	says(t, out, "kubectl rollout restart -n "+w.namespace+" daemonset/agent", "web: NOT restarted")
	if strings.Contains(out, "--restart") || strings.Contains(out, "deployment/web") {
		t.Errorf("the hint goes too far:\n%s", out)
	}
	if at, _ := w.restarts("web", &appsv1.Deployment{}); at != "" {
		t.Error("web was restarted")
	}
}

// TestRestartOfWhatIsHeldAlready: the Pods may be older than the hold.
func TestRestartOfWhatIsHeldAlready(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	w.workloads("db")
	w.operate()

	w.good("rollback", "db", "--to", "2", "-y", "--wait")
	w.stdin = "y\n"
	r := w.run("rollback", "db", "--to", "2", "--restart")
	says(t, r.out, "Keys: none changes", "Pods may be older", "user: restarted", "web: restarted", "queue: restarted")
	says(t, r.errOut, "at revision 2 and restart 4 workloads? [y/N]")
	if r.err != nil {
		t.Error(r.err)
	}
	if at, _ := w.restarts("files", &appsv1.Deployment{}); at != "" {
		t.Error("what updates itself was restarted")
	}
}

// TestDryRunRehearsesRestarts: also those rights are tried, and nothing is written.
func TestDryRunRehearsesRestarts(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	w.workloads("db")

	w.good("rollback", "db", "--to", "2", "--dry-run", "--restart")
	user := w.as("rosa",
		rule("secretsync.io", []string{"secretsyncs"}, []string{"get", "patch"}),
		rule("apps", []string{"deployments", "statefulsets", "daemonsets"}, []string{"list"}),
		rule("", []string{"secrets"}, []string{"get"}))
	r := user.run("rollback", "db", "--to", "2", "--dry-run", "--restart")
	says(t, r.out, "These would fail:", "DaemonSet "+w.namespace+"/agent", `resources: ["daemonsets"], verbs: ["patch"]`, "StatefulSet")
	if r.err == nil {
		t.Error("a dry run of restarts that are forbidden succeeds")
	}
	if at, _ := w.restarts("queue", &appsv1.StatefulSet{}); at != "" {
		t.Error("a dry run has restarted something")
	}
}

// TestNothingRestartsForPartOfAGroup: that is said before anything is confirmed.
func TestNothingRestartsForPartOfAGroup(t *testing.T) {
	w := newWorld(t)
	w.sync(w.namespace, "db")
	young := w.sync(w.namespace, "young")
	young.Status.Served = young.Status.Served[:1]
	w.updateStatus(young)
	w.workloads("db")
	w.operate()

	at := start().Add(90 * time.Minute).Format(time.RFC3339)
	w.stdin = "y\n"
	r := w.run("rollback", "-l", "app=shop", "--at", at, "--restart")
	says(t, r.out, "Back to what was live at "+at+" (UTC)", "young: not possible",
		"NOTHING will be restarted, because 1 of 2 are not possible", "Done:", "db: holds revision 2", "To end all these holds", "Nothing was restarted")
	says(t, r.errOut, "Hold these 1 and restart NOTHING? [y/N]")
	if at, _ := w.restarts("queue", &appsv1.StatefulSet{}); at != "" || r.err == nil {
		t.Errorf("restarted at %q: %v", at, r.err)
	}
}
