// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/metrics"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/status"
)

// Who may read the metrics, as --metrics-auth says.
const (
	// metricsForKubernetes asks the API server who comes, and whether they may get /metrics.
	metricsForKubernetes = "Kubernetes"
	// metricsForCertificate asks for a client certificate of --metrics-client-ca.
	metricsForCertificate = "ClientCertificate"
	// metricsForAll asks nobody; on a loopback address only.
	metricsForAll = "None"
)

// errNoCertificate is returned for a file without a certificate.
var errNoCertificate = errors.New("no PEM certificate in it")

// metricsOptions says how the metrics are served.
func metricsOptions(o Options) metricsserver.Options {
	options := metricsserver.Options{BindAddress: o.MetricsAddress, SecureServing: true, CertDir: o.MetricsCertDir}
	switch o.MetricsAuth {
	case metricsForKubernetes:
		options.FilterProvider = filters.WithAuthenticationAndAuthorization
	case metricsForCertificate:
		options.TLSOpts = append(options.TLSOpts, func(c *tls.Config) { c.GetConfigForClient = verifying(c, o.MetricsClientCA) })
	}
	return options
}

// verifying returns the configuration of each new connection: with the authority read anew,
// so that it can be rotated.
func verifying(base *tls.Config, file string) func(*tls.ClientHelloInfo) (*tls.Config, error) {
	return func(*tls.ClientHelloInfo) (*tls.Config, error) {
		pem, err := os.ReadFile(file) //nolint:gosec // the path is a flag
		if err != nil {
			return nil, fmt.Errorf("reading the authority of those who may read metrics: %w", err)
		}
		c := base.Clone()
		c.GetConfigForClient = nil
		c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		if !c.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reading %s: %w", file, errNoCertificate)
		}
		return c, nil
	}
}

// observer tells the metrics what the poller does.
type observer struct{ metrics *metrics.Metrics }

var _ poll.Observer = observer{}

// Request counts requests, and reads by backend.
func (o observer) Request(backendKey string, operation poll.Operation, class fault.Class, took time.Duration) {
	o.metrics.Request(string(operation), class, took)
	if operation == poll.OperationRead {
		o.metrics.Read(backendKey)
	}
}

// Spared counts reads that were not needed.
func (o observer) Spared(backendKey string, reads int) { o.metrics.Spared(backendKey, reads) }

// Throttled counts waits.
func (o observer) Throttled(backendKey string, _ time.Duration) { o.metrics.Throttled(backendKey) }

// Breaker does nothing: at a scrape the poller is asked.
func (observer) Breaker(string, poll.BreakerState) {}

// backendObserver tells the metrics what one backend does by itself.
type backendObserver struct {
	metrics *metrics.Metrics
	key     string
}

var _ backend.Observer = backendObserver{}

// Login counts logins.
func (o backendObserver) Login(class fault.Class, took time.Duration) {
	o.metrics.LoggedIn(o.key, class, took)
}

// CredentialEnds notes when a credential expires.
func (o backendObserver) CredentialEnds(credential backend.Credential, at time.Time) {
	o.metrics.CredentialEnds(o.key, string(credential), at)
}

// fleetOf returns what is asked at each scrape.
func fleetOf(mgr manager.Manager, poller *poll.Poller, o Options, c clock.PassiveClock) metrics.Fleet {
	started := c.Now()
	fleet := metrics.Fleet{
		PerObject: o.MetricsPerObject,
		Leader: func() bool {
			select {
			case <-mgr.Elected():
				return true
			default:
				return false
			}
		},
		Syncs: func() iter.Seq[metrics.Sync] {
			var syncs v1alpha1.SecretSyncList
			if mgr.GetCache().List(context.Background(), &syncs, client.UnsafeDisableDeepCopy) != nil { //nolint:forbidigo // A cache does not wait.
				syncs.Items = nil
			}
			return func(yield func(metrics.Sync) bool) {
				for i := range syncs.Items {
					if !yield(syncOf(&syncs.Items[i], poller, started)) {
						return
					}
				}
			}
		},
		Backends: func() (backends []metrics.Backend) {
			for _, key := range poller.Backends() {
				health := poller.Health(key)
				backends = append(backends, metrics.Backend{
					Key: key, Known: health.Known, Reachable: health.Reachable, BreakerOpen: health.Breaker != poll.BreakerClosed,
				})
			}
			return backends
		},
	}
	if o.ClusterSecretSyncs {
		fleet.FanOuts = func() []metrics.FanOut { return fanOuts(mgr.GetCache()) }
	}
	return fleet
}

// fanOuts returns what is told of the ClusterSecretSyncs.
func fanOuts(cache client.Reader) (all []metrics.FanOut) {
	var list v1alpha1.ClusterSecretSyncList
	if cache.List(context.Background(), &list, client.UnsafeDisableDeepCopy) != nil { //nolint:forbidigo // A cache does not wait.
		return nil
	}
	for i := range list.Items {
		object := &list.Items[i]
		fan := metrics.FanOut{Name: object.Name, Stopped: status.RolloutStopped(object.Status.Conditions)}
		if counts := object.Status.Namespaces; counts != nil {
			fan.Selected, fan.Ready, fan.Failed = ptr.Deref(counts.Selected, 0), ptr.Deref(counts.Ready, 0), ptr.Deref(counts.Failed, 0)
		}
		if blocked := object.Status.Blocked; blocked != nil {
			fan.Blocked = ptr.Deref(blocked.Count, 0)
		}
		all = append(all, fan)
	}
	return all
}

// syncOf returns what is told of a SecretSync.
func syncOf(object *v1alpha1.SecretSync, poller *poll.Poller, started time.Time) metrics.Sync {
	sync := metrics.Sync{Object: object, LastGood: started}
	standing, ok := poller.Standing(types.NamespacedName{Namespace: object.Namespace, Name: object.Name})
	if !ok {
		return sync
	}
	if !standing.LastGood.IsZero() {
		sync.LastGood = standing.LastGood
	}
	if !standing.Pinned {
		sync.Backend, sync.Interval = standing.Backend, standing.Interval
	}
	return sync
}
