// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/manifests"
	operatorprocess "github.com/secretsync/secretsync/test/operator"
)

// installTarget is the longest from `helm install` to the first SecretSync that is Ready.
const installTarget = 10 * time.Second

// install measures how long it takes from `helm install` to the first SecretSync that is Ready, the
// operator running with the command line and the identity that the chart gives it. What a node adds,
// to pull an image and to start a container, is not in it.
func install(ctx context.Context, s *suite) (err error) {
	c, err := cluster.Start(ctx, cluster.Options{Vault: &cluster.VaultOptions{Audit: true}})
	if err != nil {
		return fmt.Errorf("starting a cluster: %w", err)
	}
	w := &world{cluster: c, vault: c.Vault()}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	if w.client, err = client.New(w.config(), client.Options{Scheme: operator.NewScheme()}); err != nil {
		return fmt.Errorf("connecting to the cluster: %w", err)
	}
	if err := w.vault.EnableKV(ctx, mount, 2); err != nil {
		return fmt.Errorf("preparing Vault: %w", err)
	}
	f := newFleet("a", 1, time.Minute)
	if err := w.seed(ctx, f); err != nil {
		return err
	}
	chart, err := manifests.RenderChart(ctx, home, nil)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := w.helmInstall(ctx); err != nil {
		return err
	}
	installed := time.Since(begin)
	if err := w.startInstalled(ctx, s, chart); err != nil {
		return err
	}
	running := time.Since(begin)
	if err := w.declareBackend(ctx); err != nil {
		return err
	}
	if _, err := w.declare(ctx, f); err != nil {
		return err
	}
	if err := w.awaitReady(ctx, f.key(0)); err != nil {
		return err
	}
	took := time.Since(begin)
	s.add(measure.Row{
		What: "from `helm install` to the first ready SecretSync", Measured: seconds(took),
		Target: "<= " + seconds(installTarget), Verdict: measure.Judge(took <= installTarget),
	})
	s.note("of the installation: Helm %s, the operator until its caches are filled %s, backend and SecretSync until Ready %s",
		seconds(installed), seconds(running-installed), seconds(took-running))
	return nil
}

// helmInstall has Helm install the chart.
func (w *world) helmInstall(ctx context.Context) error {
	helm, err := binaries.Path(binaries.Helm)
	if err != nil {
		return err
	}
	root, err := manifests.Root(ctx)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, helm, "install", "secretsync", filepath.Join(root, "helm", "secretsync"),
		"--namespace", home, "--create-namespace", "--kubeconfig", w.cluster.Kubeconfig())
	command.Env = []string{"HOME=" + os.TempDir()} // so that nobody's plugins and settings count
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("installing the chart: %w\n%s", err, out)
	}
	return nil
}

// startInstalled runs the operator as the chart does.
func (w *world) startInstalled(ctx context.Context, s *suite, chart *manifests.Chart) error {
	identity, err := w.cluster.ServiceAccountConfig(ctx, home, "secretsync")
	if err != nil {
		return err
	}
	kubeconfig := filepath.Join(w.cluster.Dir(), "operator.kubeconfig")
	if err := cluster.WriteKubeconfig(kubeconfig, identity); err != nil {
		return err
	}
	args, env, err := chart.CommandLine()
	if err != nil {
		return err
	}
	w.operator, err = operatorprocess.New(operatorprocess.Options{
		Binary: s.binary, Kubeconfig: kubeconfig, LogFile: filepath.Join(w.cluster.Dir(), "operator.log"),
		Command: args, Env: append(env, "SECRETSYNC_BENCH_PROFILES="+s.profiles),
	})
	if err != nil {
		return fmt.Errorf("preparing the operator: %w", err)
	}
	return w.operator.Start(ctx)
}

// awaitReady waits until a SecretSync is Ready.
func (w *world) awaitReady(ctx context.Context, key client.ObjectKey) error {
	err := wait.PollUntilContextTimeout(ctx, followClosely, time.Minute, true, func(ctx context.Context) (bool, error) {
		var sync v1alpha1.SecretSync
		err := w.client.Get(ctx, key, &sync)
		return err == nil && meta.IsStatusConditionTrue(sync.Status.Conditions, v1alpha1.ConditionReady), err
	})
	if err != nil {
		return fmt.Errorf("waiting for %s to be Ready: %w", key, err)
	}
	return nil
}
