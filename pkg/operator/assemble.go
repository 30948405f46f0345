// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"slices"

	"go.uber.org/zap"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/infisical"
	"github.com/secretsync/secretsync/pkg/backend/vault"
	backendcontroller "github.com/secretsync/secretsync/pkg/controllers/backend"
	"github.com/secretsync/secretsync/pkg/controllers/clustersecretsync"
	"github.com/secretsync/secretsync/pkg/controllers/secretsync"
	"github.com/secretsync/secretsync/pkg/credentials"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/metrics"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/status"
	"github.com/secretsync/secretsync/pkg/target"
)

// maxHeldBytes bounds the values that were read and wait to be served: enough to keep every
// worker busy, and little beside the caches.
const maxHeldBytes = 8 << 20

// assemble adds to mgr everything that runs. This is the one list.
func assemble(mgr manager.Manager, o Options, keys revision.Keys, counts *metrics.Metrics, logger *zap.Logger) error {
	opener, err := newOpener(mgr, o, counts)
	if err != nil {
		return err
	}
	metadata, err := newMetadataClient(mgr)
	if err != nil {
		return err
	}
	bell := secretsync.NewBell()
	index := history.NewIndex(bell.Ring)
	bell.WaitFor(index)
	statuses := status.NewWriter(mgr.GetClient())
	bells := []*backendcontroller.Bell{backendcontroller.NewBell(v1alpha1.KindSecretBackend)}
	if !o.scoped() {
		bells = append(bells, backendcontroller.NewBell(v1alpha1.KindClusterSecretBackend))
	}
	poller := newPoller(counts, bell, bells)
	restarts := newRoller(mgr, o, counts, bell)
	arrivals := target.NewArrivals(target.WatchMetadata(metadata), bell.Ring, clock.RealClock{})
	counts.Watch(fleetOf(mgr, poller, o, clock.RealClock{}))
	syncs := secretsync.New(secretsync.Options{
		Cached:  mgr.GetCache(),
		Live:    mgr.GetAPIReader(),
		Poller:  poller,
		Opener:  opener,
		Keys:    keys,
		History: history.NewStore(mgr.GetClient(), keys, index),
		Index:   index,
		Targets: target.NewWriter(mgr.GetClient()),
		Status:  statuses,
		Events:  events.NewRecorder(mgr.GetEventRecorder("secretsync")),
		Metrics: counts,
		Audit:   logger.Named(auditLogger),
		Clock:   clock.RealClock{},
		Scoped:  o.scoped(),

		TrustRollbackBy: o.TrustRollbackBy,
		Restarts:        restarts, Arrivals: arrivals,
	})
	if err := syncs.Setup(mgr, o.Workers, bell); err != nil {
		return err
	}
	backends := backendcontroller.Options{Client: mgr.GetClient(), Poller: poller, Opener: opener, Metrics: counts, Clock: clock.RealClock{}}
	if err := setUpBackends(mgr, o.Namespaces, backends, bells); err != nil {
		return err
	}
	creating, err := setUpFanOut(mgr, o, counts)
	if err != nil {
		return err
	}
	statuses.YieldTo(func() bool { return bell.Busy() || syncs.Busy() || creating() })
	return add(mgr,
		everywhere(func(ctx context.Context) error { return index.Run(ctx, metadata, o.Namespaces...) }),
		manager.RunnableFunc(poller.Run), manager.RunnableFunc(arrivals.Run), rolling(restarts),
		manager.RunnableFunc(func(ctx context.Context) error {
			return statuses.Run(ctx, o.StatusWorkers, o.ShutdownTimeout/2)
		}),
	)
}

// newPoller returns the poller, which rings the bell of whoever has something new.
func newPoller(counts *metrics.Metrics, syncs *secretsync.Bell, backends []*backendcontroller.Bell) *poll.Poller {
	return poll.New(poll.Options{MaxHeldBytes: maxHeldBytes, Observer: observer{counts}, Wake: func(id types.NamespacedName) {
		if !slices.ContainsFunc(backends, func(b *backendcontroller.Bell) bool { return b.Ring(id) }) {
			syncs.Ring(id)
		}
	}})
}

// newOpener returns what opens backends.
func newOpener(mgr manager.Manager, o Options, counts *metrics.Metrics) (poll.Opener, error) {
	ranges, err := o.cidrs()
	if err != nil {
		return poll.Opener{}, err
	}
	return poll.Opener{
		Registry:    backend.Registry{vault.Name: vault.New(), infisical.Name: infisical.New()},
		Credentials: credentials.New(credentials.Options{Reader: mgr.GetAPIReader(), Tokens: mgr.GetClient(), AllowedServiceAccounts: o.ServiceAccounts}),
		Network:     backend.Network{AllowHTTP: o.AllowHTTP, AllowedCIDRs: ranges},
		Clock:       clock.RealClock{},
		Namespace:   o.Namespace,
		Observe:     func(key string) backend.Observer { return backendObserver{metrics: counts, key: key} },
	}, nil
}

// setUpBackends adds the controllers of the kinds of backends, each with its bell, and the
// cache of credentials, which o lacks.
func setUpBackends(mgr manager.Manager, namespaces []string, o backendcontroller.Options, bells []*backendcontroller.Bell) error {
	secrets, err := newCredentialCache(mgr, namespaces)
	if err != nil {
		return err
	}
	o.Credentials = secrets
	for _, bell := range bells {
		o.Poller.OnHealth(bell.Health)
		if err := backendcontroller.New(bell.Kind(), o).Setup(mgr, secrets, bell); err != nil {
			return err
		}
	}
	return nil
}

// setUpFanOut adds the controller of ClusterSecretSyncs, if there is to be one, and returns what
// reports that it has SecretSyncs to create.
func setUpFanOut(mgr manager.Manager, o Options, counts *metrics.Metrics) (busy func() bool, err error) {
	if !o.ClusterSecretSyncs {
		return func() bool { return false }, nil
	}
	fanOut := clustersecretsync.New(clustersecretsync.Options{
		Client: mgr.GetClient(), Events: events.NewRecorder(mgr.GetEventRecorder("secretsync")),
		Metrics: counts, Clock: clock.RealClock{}, Namespace: o.Namespace,
	})
	return fanOut.Busy, fanOut.Setup(mgr) //nolint:wrapcheck // complete
}

// add adds runnables and the health checks.
func add(mgr manager.Manager, runnables ...manager.Runnable) error {
	for _, runnable := range runnables {
		if err := mgr.Add(runnable); err != nil {
			return fmt.Errorf("adding a runnable: %w", err)
		}
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("adding the health check: %w", err)
	}
	if err := mgr.AddReadyzCheck("caches", cachesSynced(mgr)); err != nil {
		return fmt.Errorf("adding the readiness check: %w", err)
	}
	return nil
}

// everywhere is a runnable that runs in every replica, leader or not.
type everywhere func(context.Context) error

// Start runs f.
func (f everywhere) Start(ctx context.Context) error { return f(ctx) }

// NeedLeaderElection says that it needs none.
func (f everywhere) NeedLeaderElection() bool { return false }
