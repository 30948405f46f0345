// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rollback

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli"
)

// TestPlugin goes back and on with the plugin, against the operator.
func TestPlugin(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 3)
	n.Create(t, reader("api", "db"))
	if _, _, err := n.Plugin(t, "rollback", "db", "--previous", "--restart", "--yes"); err != nil {
		t.Fatal(err)
	}
	held := awaitHeld(t, n, "2", 2)
	var restarted appsv1.Deployment
	if err := n.Client.Get(t.Context(), n.Key("api"), &restarted); err != nil {
		t.Fatal(err)
	}
	if restarted.Spec.Template.Annotations[restartedAt] == "" {
		t.Error("what reads the Secret was not restarted")
	}
	if got := n.Get(t, "db").Status.Rollback.By; got != cli.FieldManager {
		t.Errorf("%q asked, says the status", got)
	}
	if _, _, err := n.Plugin(t, "rollback", "db", "--to", "9", "--wait", "--yes"); err == nil {
		t.Error("a revision that does not exist was gone back to")
	}
	n.Unchanged(t, held)
	change(t, n, 4)
	n.Unchanged(t, held)
	if _, _, err := n.Plugin(t, "follow", "db", "--wait"); err != nil {
		t.Fatal(err)
	}
	awaitFollowing(t, n, 4)
	if got := eventNote(t, n, "HoldEnded"); got != "" {
		t.Errorf("it was warned of the plugin: %s", got)
	}
	if _, _, err := n.Plugin(t, "forget", "db", "1", "--wait", "--yes"); err != nil {
		t.Fatal(err)
	}
	if _, ok := n.Revisions(t, "db")[1]; ok {
		t.Error("revision 1 is still there")
	}
	write(t, n, "db", 5)
	if _, _, err := n.Plugin(t, "refresh", "db", "--wait"); err != nil {
		t.Fatal(err)
	}
	awaitFollowing(t, n, 5)
}

// TestPluginIsTold why the operator refuses.
func TestPluginIsTold(t *testing.T) {
	t.Parallel()
	n := tenantWith(t, 2)
	kept := n.Revisions(t, "db")[1]
	n.Delete(t, &corev1.Secret{}, kept.Name)
	kept.ResourceVersion, kept.UID = "", ""
	kept.Data["password"] = []byte("forged by hand")
	n.Create(t, kept)
	n.AwaitCondition(t, "db", v1alpha1.ConditionHistoryDegraded, metav1.ConditionTrue, "RevisionUntrusted")
	if _, _, err := n.Plugin(t, "rollback", "db", "--to", "1", "--wait", "--yes"); err == nil {
		t.Error("a forged revision was gone back to")
	}
}

// reader is a Deployment that reads a key of a Secret from its environment.
func reader(name, secret string) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name: "app", Image: "example.com/app",
					EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: secret}}}},
				}}},
			},
		},
	}
}
