// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/marker"
)

// into has keys put into the Secret of that name, which somebody else owns.
func into(name string) harness.SyncEdit {
	return func(s *v1alpha1.SecretSync) { s.Spec.Target.Name, s.Spec.Target.Mode = name, v1alpha1.ModeMerge }
}

// versioned has each state served as a Secret of its own.
func versioned(s *v1alpha1.SecretSync) { s.Spec.Target.Versioned = new(true) }

// exposeInSharedSecrets has marked values go into Secrets that hold marked values of others, by
// every outcome there is.
func exposeInSharedSecrets(t *testing.T, n *harness.Tenant, marks *marker.Set) {
	t.Helper()
	own := func(name string) *corev1.Secret {
		return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "of-" + name}, Data: map[string][]byte{"level": []byte(marks.Text("owner of " + name))}}
	}
	taken, offered := own("merge-taken"), own("merge-adopts")
	for _, secret := range []*corev1.Secret{taken, offered} {
		secret.Data[field] = []byte(marks.Text("key of " + secret.Name))
	}
	offered.Annotations = map[string]string{v1alpha1.AnnotationAdoptBy: "merge-adopts"}
	n.Create(t, taken, offered, own("merge-drifts"))
	for name, reason := range map[string]string{
		"merge-taken": "KeyNotOwned", "merge-adopts": serving, "merge-drifts": serving, "merge-missing": "TargetMissing",
	} {
		n.Write(t, name, fields{field: marks.Text("entry " + name)})
		n.Sync(t, name, into("of-"+name))
		awaitReason(t, n, name, reason)
	}
	n.AwaitEvent(t, "merge-adopts", "Served")
	n.EditSecret(t, "of-merge-drifts", func(s *corev1.Secret) { s.Data[field] = []byte(marks.Text("edited merge")) })
	n.AwaitEvent(t, "merge-drifts", "DriftRepaired")

	n.Write(t, "versions", fields{field: marks.Text("entry versions")})
	n.Sync(t, "versions", versioned)
	first := awaitReason(t, n, "versions", serving).Status.Target
	n.Write(t, "versions", fields{field: marks.Text("second version")})
	n.AwaitReady(t, "versions", 2)
	n.Delete(t, &corev1.Secret{}, first)
	n.Create(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: first}, Data: map[string][]byte{field: []byte(marks.Text("planted version"))}})
	n.Annotate(t, "versions", v1alpha1.AnnotationRollbackTo, "1")
	awaitReason(t, n, "versions", "NotOwned")
}
