// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
)

const (
	namespace = "secretsync-demo"
	name      = "payments-db"
	path      = "payments/db"
	key       = "DB_PASSWORD"
)

// say prints a step, with the time since the start.
func say(format string, args ...any) {
	fmt.Printf("• "+format+"\n", args...) //nolint:forbidigo // a demo talks to the terminal
}

func run(ctx context.Context, kubeconfig string) (err error) {
	s := &stage{}
	defer func() { err = errors.Join(err, s.stop()) }()
	if err := s.build(ctx, kubeconfig); err != nil {
		return err
	}
	err = s.play(ctx)
	if err != nil && s.operator != nil {
		return fmt.Errorf("%w\nthe operator's log:\n%s", err, s.operator.Log())
	}
	return err
}

// play shows the main job.
func (s *stage) play(ctx context.Context) error {
	if err := s.declare(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{s.first, s.change, s.edit, s.outage} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	say("done: one value, four ways to stay true to it")
	return nil
}

func (s *stage) first(ctx context.Context) error {
	say("the Secret appears: %s", key)
	return s.await(ctx, "first-value", 1)
}

func (s *stage) change(ctx context.Context) error {
	say("vault kv put secret/%s password=second-value", path)
	if err := s.put(ctx, "second-value"); err != nil {
		return err
	}
	return s.await(ctx, "second-value", 2)
}

func (s *stage) edit(ctx context.Context) error {
	say("kubectl patch secret %s: somebody edits the Secret by hand", name)
	var secret corev1.Secret
	if err := s.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &secret); err != nil {
		return fmt.Errorf("reading the Secret: %w", err)
	}
	secret.Data[key] = []byte("edited-by-hand")
	if err := s.client.Update(ctx, &secret, client.FieldOwner("kubectl-edit")); err != nil {
		return fmt.Errorf("editing the Secret: %w", err)
	}
	return s.await(ctx, "second-value", 2)
}

func (s *stage) outage(ctx context.Context) error {
	say("Vault stops, and somebody deletes the Secret")
	s.vault.Server().Kill()
	if err := s.client.Delete(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}); err != nil {
		return fmt.Errorf("deleting the Secret: %w", err)
	}
	return s.await(ctx, "second-value", 2)
}

// await waits until the Secret holds the value, and shows it and the SecretSync.
func (s *stage) await(ctx context.Context, value string, revision int64) error {
	start := time.Now()
	err := wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		var secret corev1.Secret
		err := s.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &secret)
		return err == nil && string(secret.Data[key]) == value, client.IgnoreNotFound(err)
	})
	if err != nil {
		return fmt.Errorf("waiting until the Secret holds %q: %w", value, err)
	}
	say("  Secret %s/%s: %s=%s (revision %d, after %s)", namespace, name, key, value, revision, time.Since(start).Round(10*time.Millisecond))
	return nil
}

func (s *stage) put(ctx context.Context, value string) error {
	if _, err := s.vault.Root().KVv2("secret").Put(ctx, path, map[string]any{"password": value}); err != nil {
		return fmt.Errorf("writing to Vault: %w", err)
	}
	return nil
}

// declare puts the first value into Vault and describes where it shall go.
func (s *stage) declare(ctx context.Context) error {
	say("vault kv put secret/%s password=first-value", path)
	if err := s.put(ctx, "first-value"); err != nil {
		return err
	}
	credential, roleID, err := s.credential(ctx)
	if err != nil {
		return err
	}
	say("kubectl apply: a SecretBackend (where Vault is) and a SecretSync (what goes where)")
	for _, object := range []client.Object{credential, s.backend(roleID), secretSync()} {
		object.SetNamespace(namespace)
		if err := s.apply(ctx, object); err != nil {
			return fmt.Errorf("applying %T %q: %w", object, object.GetName(), err)
		}
	}
	return nil
}

// apply creates an object, or replaces the one that an earlier demo left in the cluster.
func (s *stage) apply(ctx context.Context, object client.Object) error {
	err := s.client.Create(ctx, object)
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	left, ok := object.DeepCopyObject().(client.Object)
	if !ok {
		return err
	}
	if err := s.client.Get(ctx, client.ObjectKeyFromObject(object), left); err != nil {
		return err
	}
	object.SetResourceVersion(left.GetResourceVersion())
	return s.client.Update(ctx, object)
}

// credential makes an AppRole that may read the demo's entries, and the Secret with its
// secret ID.
func (s *stage) credential(ctx context.Context) (*corev1.Secret, string, error) {
	if err := s.vault.WritePolicy(ctx, "demo", `path "secret/data/payments/*" { capabilities = ["read"] }`); err != nil {
		return nil, "", fmt.Errorf("preparing Vault: %w", err)
	}
	roleID, err := s.vault.WriteAppRole(ctx, "approle", cluster.AppRole{Name: "demo", Policies: []string{"demo"}})
	if err != nil {
		return nil, "", fmt.Errorf("preparing Vault: %w", err)
	}
	secretID, err := s.vault.NewSecretID(ctx, "approle", "demo")
	if err != nil {
		return nil, "", fmt.Errorf("preparing Vault: %w", err)
	}
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "vault-approle", Labels: map[string]string{v1alpha1.LabelCredential: "true"}},
		StringData: map[string]string{"secretID": secretID},
	}, roleID, nil
}

func (s *stage) backend(roleID string) *v1alpha1.SecretBackend {
	return &v1alpha1.SecretBackend{
		ObjectMeta: metav1.ObjectMeta{Name: "vault"},
		Spec: v1alpha1.BackendSpec{Vault: &v1alpha1.VaultBackend{
			Address: s.vault.Address(),
			TLS:     v1alpha1.TLS{CABundle: string(s.vault.CA()), ServerName: s.vault.ServerName()},
			Auth: v1alpha1.VaultAuth{AppRole: &v1alpha1.VaultAppRoleAuth{
				RoleID: roleID, SecretIDRef: v1alpha1.SecretKeyRef{Name: "vault-approle", Key: "secretID"},
			}},
		}},
	}
}

func secretSync() *v1alpha1.SecretSync {
	return &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.SecretSyncSpec{
			BackendRef: &v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: "vault"},
			Refresh:    v1alpha1.Refresh{Interval: &metav1.Duration{Duration: 5 * time.Second}},
			Data: []v1alpha1.DataItem{{
				SecretKey: key,
				From:      v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{Path: path}, Field: "password"},
			}},
		},
	}
}
