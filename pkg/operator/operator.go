// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/go-logr/zapr"
	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/metrics"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/target"
	"github.com/secretsync/secretsync/pkg/version"
)

// leaseName is the name of the Lease that replicas compete for.
const leaseName = "secretsync"

// gcPercent makes the collector work a little more often than by default: the heap is
// mostly caches, and what a first sync leaves behind should not double it.
const gcPercent = 50

// Run runs the operator until ctx ends, or until it loses its lease.
func Run(ctx context.Context, o Options, logger *zap.Logger) error {
	debug.SetGCPercent(gcPercent)
	if o.MemoryLimit > 0 {
		debug.SetMemoryLimit(int64(o.MemoryLimit) << 20)
	}
	logr := zapr.NewLogger(logger)
	log.SetLogger(logr)
	klog.SetLogger(logr.WithName("client-go"))
	silenceStandardLog()
	config, err := restConfig(o)
	if err != nil {
		return err
	}
	live, err := client.New(config, client.Options{Scheme: NewScheme()})
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	keys, err := history.LoadKeys(ctx, live, o.Namespace)
	if err != nil {
		return fmt.Errorf("loading the installation's keys: %w", err)
	}
	mgr, err := newManager(config, o, keys)
	if err != nil {
		return err
	}
	counts := metrics.New(version.Running())
	if err := ctrlmetrics.Registry.Register(counts); err != nil {
		return fmt.Errorf("registering the metrics: %w", err)
	}
	defer ctrlmetrics.Registry.Unregister(counts)
	if err := assemble(mgr, o, keys, counts, logger); err != nil { //nolint:contextcheck // a scrape brings no context
		return err
	}
	logger.Info("starting", zap.String("version", version.Running()), zap.String("namespace", o.Namespace))
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("running: %w", err)
	}
	logger.Info("stopped")
	return nil
}

func restConfig(o Options) (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.Kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("finding the API server (--kubeconfig, or a Pod's ServiceAccount): %w", err)
	}
	config.UserAgent = "secretsync/" + version.Running()
	config.QPS, config.Burst = float32(o.QPS), o.Burst
	if o.QPS == 0 {
		config.QPS = -1
	}
	return config, nil
}

// newManager returns a manager whose client reads Secrets live and writes only while the
// lease is held.
func newManager(config *rest.Config, o Options, keys revision.Keys) (manager.Manager, error) {
	options := manager.Options{
		Scheme:  NewScheme(),
		Cache:   cacheOptions(keys, o.Namespaces),
		Metrics: metricsOptions(o),
		Client: client.Options{
			Cache:      &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}},
			FieldOwner: target.FieldManager,
		},
		HealthProbeBindAddress:  o.HealthAddress,
		GracefulShutdownTimeout: &o.ShutdownTimeout,
	}
	fenced := rest.CopyConfig(config)
	if o.LeaderElect {
		lock, err := newLock(config, o)
		if err != nil {
			return nil, err
		}
		fence := newFence(lock, clock.RealClock{}, o.LeaseDuration)
		options.LeaderElection = true
		options.LeaderElectionResourceLockInterface = fence
		options.LeaderElectionReleaseOnCancel = true
		options.LeaseDuration, options.RenewDeadline, options.RetryPeriod = &o.LeaseDuration, &o.RenewDeadline, &o.RetryPeriod
		fenced.Wrap(fence.transport)
	}
	mgr, err := ctrl.NewManager(fenced, options)
	if err != nil {
		return nil, fmt.Errorf("making the manager: %w", err)
	}
	return mgr, nil
}

func newLock(config *rest.Config, o Options) (resourcelock.Interface, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("finding the host's name: %w", err)
	}
	config = rest.CopyConfig(config)
	config.Timeout = o.RenewDeadline / 2
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making the lease's client: %w", err)
	}
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, o.Namespace, leaseName,
		clients.CoreV1(), clients.CoordinationV1(), resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID())})
	if err != nil {
		return nil, fmt.Errorf("making the lease: %w", err)
	}
	return lock, nil
}

// newCredentialCache returns a cache of its own, because one cache keeps one selection
// of Secrets.
func newCredentialCache(mgr manager.Manager, namespaces []string) (cache.Cache, error) {
	c, err := cache.New(mgr.GetConfig(), credentialCacheOptions(mgr.GetScheme(), namespaces))
	if err != nil {
		return nil, fmt.Errorf("making the cache of credentials: %w", err)
	}
	if err := mgr.Add(c); err != nil {
		return nil, fmt.Errorf("adding the cache of credentials: %w", err)
	}
	return c, nil
}

func newMetadataClient(mgr manager.Manager) (metadata.Interface, error) {
	c, err := metadata.NewForConfigAndClient(mgr.GetConfig(), mgr.GetHTTPClient())
	if err != nil {
		return nil, fmt.Errorf("making the metadata client: %w", err)
	}
	return c, nil
}
