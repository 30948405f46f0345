// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/manifests"
	operatorprocess "github.com/secretsync/secretsync/test/operator"
)

// stage is what the demo plays on.
type stage struct {
	dir        string
	kubeconfig string
	client     client.Client
	vault      *cluster.Vault
	operator   *operatorprocess.Operator
	stops      []func() error
}

// stopTimeout bounds the end of the operator.
const stopTimeout = 30 * time.Second

func (s *stage) stop() error {
	var problems []error
	for _, stop := range slices.Backward(s.stops) {
		problems = append(problems, stop())
	}
	return errors.Join(problems...)
}

// build starts everything. What was started is stopped by stop, whatever happens.
func (s *stage) build(ctx context.Context, kubeconfig string) error {
	dir, err := os.MkdirTemp("", "secretsync-demo-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	s.dir = dir
	s.stops = append(s.stops, func() error { return os.RemoveAll(dir) })
	say("starting a control plane and a Vault")
	if err := s.startServers(ctx, kubeconfig); err != nil {
		return err
	}
	say("building the operator and installing its custom resource definitions")
	binary, err := operatorprocess.Build(ctx, dir)
	if err != nil {
		return fmt.Errorf("preparing the operator: %w", err)
	}
	if err := s.install(ctx); err != nil {
		return err
	}
	say("starting the operator")
	return s.startOperator(ctx, binary)
}

func (s *stage) startServers(ctx context.Context, kubeconfig string) error {
	if kubeconfig == "" {
		c, err := cluster.Start(ctx, cluster.Options{Vault: &cluster.VaultOptions{}})
		if err != nil {
			return fmt.Errorf("starting a cluster: %w", err)
		}
		s.stops = append(s.stops, c.Stop)
		s.kubeconfig, s.vault = c.Kubeconfig(), c.Vault()
		return s.connect(c.Config())
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("reading %s: %w", kubeconfig, err)
	}
	vault, err := cluster.StartVault(ctx, cluster.VaultOptions{})
	if err != nil {
		return fmt.Errorf("starting Vault: %w", err)
	}
	s.stops = append(s.stops, vault.Stop)
	s.kubeconfig, s.vault = kubeconfig, vault
	return s.connect(config)
}

func (s *stage) connect(config *rest.Config) error {
	var err error
	if s.client, err = client.New(config, client.Options{Scheme: operator.NewScheme()}); err != nil {
		return fmt.Errorf("connecting to the cluster: %w", err)
	}
	return nil
}

// install applies the CRDs, creates the namespace and prepares Vault.
func (s *stage) install(ctx context.Context) error {
	if err := manifests.ApplyCRDs(ctx, s.client); err != nil {
		return fmt.Errorf("installing the CRDs: %w", err)
	}
	home := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if err := s.client.Create(ctx, home); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("creating namespace %q: %w", namespace, err)
	}
	if err := s.vault.EnableKV(ctx, "secret", 2); err != nil {
		return fmt.Errorf("preparing Vault: %w", err)
	}
	if err := s.vault.EnableAppRole(ctx, "approle"); err != nil {
		return fmt.Errorf("preparing Vault: %w", err)
	}
	return nil
}

func (s *stage) startOperator(ctx context.Context, binary string) error {
	o, err := operatorprocess.New(operatorprocess.Options{
		Binary: binary, Kubeconfig: s.kubeconfig, LogFile: filepath.Join(s.dir, "operator.log"),
		Args: []string{"--namespace", namespace, "--leader-elect=false"},
	})
	if err != nil {
		return fmt.Errorf("preparing the operator: %w", err)
	}
	s.stops = append(s.stops, func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		return o.Stop(ctx)
	})
	if err := o.Start(ctx); err != nil {
		return fmt.Errorf("starting the operator: %w", err)
	}
	s.operator = o
	return nil
}
