// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/faultproxy"
	"github.com/secretsync/secretsync/test/manifests"
	process "github.com/secretsync/secretsync/test/operator"
)

const (
	// Home is the operator's namespace.
	Home = "secretsync"
	// AppRoleMount is where every Vault of the harness has its AppRole auth method.
	AppRoleMount = "approle"
	// stopTimeout bounds the end of an operator.
	stopTimeout = 30 * time.Second
)

// World is what the tests of a package run on.
type World struct {
	// Cluster is the control plane, Vault the Vault that tenants read unless told otherwise.
	Cluster *cluster.Cluster
	Vault   *cluster.Vault
	// Client has every right and reads live.
	Client client.WithWatch
	// Proxy stands between the operator and the API server if Options asked for it.
	Proxy *faultproxy.Proxy
	// Chart is what is installed in Home: operators run with its command line and identity.
	Chart *manifests.Chart
	// Operator is the one that runs from the start.
	Operator *process.Operator

	scope                   scope
	dir, binary, kubeconfig string
	args, env               []string     // the chart's command line
	tenants                 atomic.Int64 // names given
	taken                   atomic.Int64 // of the listed namespaces

	mu     sync.Mutex
	values map[string]bool // put into Vault, so never to be seen in a log
	logs   []string
}

// start starts everything that the options ask for. After an error nothing is left.
func start(ctx context.Context, o Options) (*World, error) {
	dir, err := os.MkdirTemp("", "secretsync-e2e-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	w := &World{scope: o.scope(), dir: dir, binary: o.Binary, values: map[string]bool{}}
	if err := w.start(ctx, o); err != nil {
		return nil, errors.Join(err, w.stop())
	}
	return w, nil
}

func (w *World) start(ctx context.Context, o Options) error {
	servers := cluster.Options{
		Audit: cluster.AuditMetadata, ControllerManager: true,
		Vault: &cluster.VaultOptions{Audit: true, Persistent: o.KeepVault},
	}
	err := w.found(ctx, servers, o.Values)
	if err != nil {
		return err
	}
	if err := w.connect(ctx, o.Proxied); err != nil {
		return err
	}
	if w.Operator, err = w.newOperator("operator", o.Args...); err != nil {
		return err
	}
	return w.Operator.Start(ctx)
}

// found builds the operator, starts the servers and installs the chart with those values, for the
// World's scope.
func (w *World) found(ctx context.Context, servers cluster.Options, values map[string]any) error {
	log.SetLogger(logr.Discard()) // Or controller-runtime complains that there is none.
	if err := w.build(ctx); err != nil {
		return err
	}
	var err error
	if w.Cluster, err = cluster.Start(ctx, servers); err != nil {
		return err
	}
	w.Vault = w.Cluster.Vault()
	if w.Client, err = client.NewWithWatch(w.Cluster.Config(), client.Options{Scheme: operator.NewScheme()}); err != nil {
		return fmt.Errorf("connecting to the cluster: %w", err)
	}
	if err := w.installChart(ctx, w.scope.over(values)); err != nil {
		return err
	}
	if servers.Vault.Uninitialized {
		return nil
	}
	return w.Vault.EnableAppRole(ctx, AppRoleMount)
}

// build builds the operator unless it was given.
func (w *World) build(ctx context.Context) (err error) {
	if w.binary == "" {
		w.binary, err = process.Build(ctx, w.dir, "-race")
	}
	return err
}

func (w *World) installChart(ctx context.Context, values map[string]any) error {
	var err error
	if w.Chart, err = manifests.RenderChart(ctx, Home, values); err != nil {
		return err
	}
	for _, name := range w.Chart.Namespaces() {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if err := w.Client.Create(ctx, namespace); err != nil {
			return fmt.Errorf("creating namespace %q: %w", name, err)
		}
	}
	if err := w.Chart.Install(ctx, w.Client); err != nil {
		return err
	}
	if w.args, w.env, err = w.Chart.CommandLine(); err != nil {
		return err
	}
	return w.connect(ctx, false)
}

// connect makes the kubeconfig that operators get: with the identity that the chart gives
// them, and nothing else.
func (w *World) connect(ctx context.Context, proxied bool) error {
	config, err := w.Cluster.ServiceAccountConfig(ctx, Home, OperatorAccount)
	if err != nil {
		return err
	}
	if proxied {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(w.Cluster.CA())
		w.Proxy, err = faultproxy.New(faultproxy.Options{
			Target: w.Cluster.Host(), TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		})
		if err != nil {
			return err
		}
		config.Host, config.CAData = w.Proxy.Address(), w.Proxy.CA()
	}
	w.kubeconfig = filepath.Join(w.dir, "operator.kubeconfig")
	return cluster.WriteKubeconfig(w.kubeconfig, config)
}

// newOperator prepares an operator; stop stops it.
func (w *World) newOperator(name string, args ...string) (*process.Operator, error) {
	path := filepath.Join(w.dir, name+".log")
	w.mu.Lock()
	w.logs = append(w.logs, path)
	w.mu.Unlock()
	return process.New(process.Options{
		Binary: w.binary, Kubeconfig: w.kubeconfig, LogFile: path, Command: w.args, Env: w.env,
		Args: append([]string{"--leader-elect=false"}, args...),
	})
}

// NewOperator prepares another operator, with a log of that name, that is killed after the
// test. The last of equal flags counts, so args may undo what is set by default.
func (w *World) NewOperator(tb testing.TB, name string, args ...string) *process.Operator {
	tb.Helper()
	o, err := w.newOperator(name, args...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Log(o.Log())
		}
		o.Kill()
	})
	return o
}

// stop stops everything and searches the logs. They stay if something was found.
func (w *World) stop() error {
	var problems []error
	if w.Operator != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		problems = append(problems, w.Operator.Stop(ctx))
	}
	if w.Proxy != nil {
		problems = append(problems, w.Proxy.Close())
	}
	if w.Cluster != nil {
		problems = append(problems, w.Cluster.Stop())
	}
	if faults := w.faults(); faults != nil {
		return errors.Join(append(problems, faults)...)
	}
	return errors.Join(append(problems, os.RemoveAll(w.dir))...)
}
