// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/cluster"
)

// TestTheOperatorMakesNoTokenSecrets does with the operator's own identity what a thief of
// it would: have Kubernetes put another's token into a Secret.
func TestTheOperatorMakesNoTokenSecrets(t *testing.T) {
	servers := cluster.ForTest(t, cluster.Options{})
	admin, err := client.New(servers.Config(), client.Options{Scheme: operator.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{namespace, "apps"} {
		if err := admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := render(t, nil).Install(t.Context(), admin); err != nil {
		t.Fatal(err)
	}
	identity, err := servers.ServiceAccountConfig(t.Context(), namespace, "secretsync")
	if err != nil {
		t.Fatal(err)
	}
	thief, err := client.New(identity, client.Options{Scheme: operator.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	attempt := func(by client.Client, secretType corev1.SecretType) error {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "apps", GenerateName: "x-"}, Type: secretType}
		if secretType == corev1.SecretTypeServiceAccountToken {
			secret.Annotations = map[string]string{corev1.ServiceAccountNameKey: "default"}
		}
		return by.Create(t.Context(), secret, client.DryRunAll)
	}
	// The API server takes a policy in after a moment.
	err = wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		return apierrors.IsInvalid(attempt(thief, corev1.SecretTypeServiceAccountToken)) ||
			apierrors.IsForbidden(attempt(thief, corev1.SecretTypeServiceAccountToken)), nil
	})
	if err != nil {
		t.Fatal("want a token Secret by the operator refused")
	}
	for _, refused := range []corev1.SecretType{corev1.SecretTypeServiceAccountToken, corev1.SecretTypeBootstrapToken} {
		if err := attempt(thief, refused); !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err) {
			t.Errorf("want type %s by the operator refused, got %v", refused, err)
		}
		if err := attempt(admin, refused); err != nil {
			t.Errorf("want type %s by others as ever, got %v", refused, err)
		}
	}
	for _, taken := range []corev1.SecretType{"", corev1.SecretTypeOpaque, "secretsync.io/revision"} {
		if err := attempt(thief, taken); err != nil {
			t.Errorf("want type %q by the operator as ever, got %v", taken, err)
		}
	}
}
