// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Opener makes Sources of backend objects.
type Opener struct {
	// Registry has the providers.
	Registry backend.Registry
	// Credentials are read live at each login.
	Credentials backend.CredentialSource
	// Network says what may be dialled.
	Network backend.Network
	// Clock tells the time, for renewals.
	Clock clock.WithTicker
	// Observe returns who is told of the logins at a backend, by its key; nil tells nobody.
	Observe func(backendKey string) backend.Observer
	// Namespace is the operator's: where references of a ClusterSecretBackend resolve.
	Namespace string
}

// Object is a backend object: a SecretBackend or a ClusterSecretBackend.
type Object struct {
	// Kind and Name; Namespace is empty for a ClusterSecretBackend.
	Kind, Namespace, Name string
	// Spec of either kind.
	Spec *v1alpha1.BackendSpec
}

// Key returns the key of the backend object.
func (o Object) Key() string { return backend.ObjectKey(o.Kind, o.Namespace, o.Name) }

// Source returns the source of a backend object for a consumer's namespace. Consumers
// share an identity unless the backend logs in for each of them.
func (o Opener) Source(object Object, consumer string) Source {
	home := object.Namespace
	if home == "" {
		home = o.Namespace
	}
	cfg := backend.Config{
		Spec: *object.Spec, CredentialNamespace: home, IdentityNamespace: home,
		Credentials: o.Credentials, Network: o.Network, Clock: o.Clock,
		Guarded: object.Namespace == "",
	}
	if o.Observe != nil {
		cfg.Observer = o.Observe(object.Key())
	}
	if object.Spec.PerConsumer() {
		cfg.IdentityNamespace = consumer
	}
	limits := &object.Spec.Limits
	return Source{
		Backend:  object.Key(),
		Identity: identity(object.Spec, cfg.IdentityNamespace),
		Limits: Limits{
			ReadsPerSecond: limits.ReadsPerSecondOrDefault(), Burst: limits.BurstOrDefault(),
			Timeout: limits.TimeoutOrDefault(), MinInterval: limits.MinRefreshIntervalOrDefault(),
		},
		Can:  o.can(object.Spec),
		Open: func() (backend.Backend, error) { return o.open(cfg) },
	}
}

// can returns what every backend of a specification's provider can do.
func (o Opener) can(spec *v1alpha1.BackendSpec) backend.Capabilities {
	if provider, ok := o.Registry[spec.ProviderName()]; ok {
		return provider.Capabilities()
	}
	return nil
}

func (o Opener) open(cfg backend.Config) (backend.Backend, error) {
	provider, ok := o.Registry[cfg.Spec.ProviderName()]
	if !ok {
		return nil, fault.New(fault.InvalidSpec, "UnknownProvider", "spec: give exactly one provider: vault or infisical")
	}
	return provider.Open(cfg)
}

// identity names a login: whatever changes the login changes it. A specification holds
// references to secrets but no secret.
func identity(spec *v1alpha1.BackendSpec, namespace string) string {
	text, err := json.Marshal(spec)
	if err != nil { // A struct of texts and numbers always encodes.
		panic("encoding a backend's specification: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return namespace + "@" + hex.EncodeToString(sum[:8])
}
