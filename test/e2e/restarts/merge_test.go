// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restarts

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/restart"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// settings is a Secret of somebody else that SecretSyncs put keys into.
const settings = "settings"

func intoSettings(s *v1alpha1.SecretSync) {
	s.Spec.Target.Name, s.Spec.Target.Mode = settings, v1alpha1.ModeMerge
}

// newMergedShop is a shop whose SecretSync db puts its password into settings.
func newMergedShop(t *testing.T, edits ...harness.SyncEdit) *shop {
	t.Helper()
	return newShopAfter(t, func(s *shop) {
		s.Create(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: settings}, StringData: map[string]string{"level": "info"}})
	}, append([]harness.SyncEdit{intoSettings}, edits...)...)
}

func readsSettings(d *appsv1.Deployment) {
	d.Spec.Template.Spec.Containers[0].Env[0].ValueFrom.SecretKeyRef.Name = settings
}

// TestKeysRestart: of a Secret that several share, each restarts for its own keys alone, with a
// mark of its own, and nobody for the owner's.
func TestKeysRestart(t *testing.T) {
	t.Parallel()
	s := newMergedShop(t)
	s.Write(t, "mail", map[string]any{"token": "token-1"})
	s.Sync(t, "mail", onRequest, auto, intoSettings)
	s.AwaitReady(t, "mail", 1)
	since := time.Now()
	s.Create(t, deployment("api", readsSettings))
	s.awaitRunning(t, "api", "password-1")

	s.EditSecret(t, settings, func(secret *corev1.Secret) {
		secret.Data["level"], secret.Data["password"] = []byte("debug"), []byte("by hand")
	})
	s.AwaitSecret(t, settings, map[string]string{"level": "debug", "password": "password-1", "token": "token-1"})
	s.AwaitEvent(t, "db", "DriftRepaired")
	s.change(t, "password-2")
	s.awaitRestart(t, 2, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-2")
	if s.Get(t, "mail").Status.Restart != nil {
		t.Error("mail restarts for the keys of db")
	}

	s.Write(t, "mail", map[string]any{"token": "token-2"})
	s.Annotate(t, "mail", v1alpha1.AnnotationRefresh, "now")
	s.AwaitStatus(t, "mail", "its restarts done", func(sync *v1alpha1.SecretSync) string {
		if r := sync.Status.Restart; r == nil || r.Revision != 2 || r.State != v1alpha1.RestartDone {
			return "they are not"
		}
		return ""
	})
	var d appsv1.Deployment
	harness.Must(t, s.Client.Get(t.Context(), s.Key("api"), &d))
	for _, name := range []string{"db", "mail"} {
		if mark := d.Spec.Template.Annotations[restart.Key(name)]; !strings.HasPrefix(mark, "2-") {
			t.Errorf("the mark of %s is %q", name, mark)
		}
	}
	if got := s.patches(t, "deployments", since); got != 2 {
		t.Errorf("the Deployment was patched %d times, want once for each", got)
	}
}

// TestKeysAreTakenBack: what Pods do not come up with is taken back, without the owner's keys.
func TestKeysAreTakenBack(t *testing.T) {
	t.Parallel()
	s := newMergedShop(t, takesBack)
	s.Create(t, deployment("api", readsSettings))
	s.awaitRunning(t, "api", "password-1")
	s.EditSecret(t, settings, func(secret *corev1.Secret) { secret.Data["level"] = []byte("debug") })

	s.spoil(t, "2")
	s.AwaitSecret(t, settings, map[string]string{"level": "debug", "password": "password-1"})
	s.awaitRestart(t, 1, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-1")
	if claim := s.Secret(t, settings).Annotations[v1alpha1.AnnotationMergePrefix+"db"]; !strings.Contains(claim, `"heldFor":"auto:2"`) {
		t.Errorf("the hold is not noted: %s", claim)
	}
	s.change(t, "password-3")
	s.awaitRestart(t, 3, v1alpha1.RestartDone)
	s.awaitRunning(t, "api", "password-3")
}
