// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"time"
)

// What an omitted field means. Defaults are applied when reading rather than stored,
// so that GitOps tools see back exactly what they applied.
const (
	DefaultInterval           = time.Minute
	DefaultTargetType         = "Opaque"
	DefaultHistoryLimit       = 5
	DefaultMaxKeyLossPercent  = 50
	DefaultReadsPerSecond     = 50
	DefaultBurst              = 100
	DefaultTimeout            = 10 * time.Second
	DefaultMinRefreshInterval = 5 * time.Second
	DefaultVaultMount         = "secret"
	DefaultServiceAccount     = "secretsync-auth"
	DefaultMaxPercent         = 100
	DefaultMaxRemovalPercent  = 25
)

// Values of enumerations that code compares with.
const (
	DecodeBase64    = "Base64"
	KVVersionAuto   = "Auto"
	KVVersion1      = "V1"
	KVVersion2      = "V2"
	Keep            = "Keep"
	Delete          = "Delete"
	RecreateAllowed = "Allowed"
	ModeMerge       = "Merge"
	DriftRepair     = "Repair"
	DriftReport     = "Report"
)

// TargetName returns the name of the Secret that s serves, which those of versions begin with.
func (s *SecretSync) TargetName() string { return or(s.Spec.Target.Name, s.Name) }

// TypeOrDefault returns the type of the Secret.
func (t *Target) TypeOrDefault() string { return or(t.Type, DefaultTargetType) }

// Merges reports whether the keys are put into a Secret that is somebody else's.
func (t *Target) Merges() bool { return t.Mode == ModeMerge }

// IsVersioned reports whether each state is served as an immutable Secret of its own.
func (t *Target) IsVersioned() bool { return t.Versioned != nil && *t.Versioned }

// ServedName returns the name of the Secret that s serves now, or would serve.
func (s *SecretSync) ServedName() string {
	if s.Spec.Target.IsVersioned() {
		return or(s.Status.Target, s.TargetName())
	}
	return s.TargetName()
}

// IntervalOrDefault returns the time between reads; zero reads only on request.
func (r *Refresh) IntervalOrDefault() time.Duration {
	if r.Interval == nil {
		return DefaultInterval
	}
	return r.Interval.Duration
}

// LimitOrDefault returns how many revisions are kept.
func (h *HistoryPolicy) LimitOrDefault() int { return int(deref(h.Limit, DefaultHistoryLimit)) }

// MaxAgeOrDefault returns the age after which revisions go; zero keeps them.
func (h *HistoryPolicy) MaxAgeOrDefault() time.Duration {
	if h.MaxAge == nil {
		return 0
	}
	return h.MaxAge.Duration
}

// PercentOrDefault returns the part of the keys that may vanish at once.
func (s *Safety) PercentOrDefault() int {
	return int(deref(s.MaxKeyLossPercent, DefaultMaxKeyLossPercent))
}

// NameOrDefault returns the name of the SecretSyncs, with its placeholders.
func (t *SecretSyncTemplate) NameOrDefault(own string) string { return or(t.Name, own) }

// MaxPercentOrDefault returns the part of the namespaces that are changed at a time.
func (r *Rollout) MaxPercentOrDefault() int { return int(deref(r.MaxPercent, DefaultMaxPercent)) }

// MaxFailuresOrDefault returns how many namespaces may fail before no further one is changed.
func (r *Rollout) MaxFailuresOrDefault() int { return int(deref(r.MaxFailures, 0)) }

// PercentOrDefault returns the part of the namespaces that may lose their SecretSync at once.
func (s *FanOutSafety) PercentOrDefault() int {
	return int(deref(s.MaxRemovalPercent, DefaultMaxRemovalPercent))
}

// Paused reports whether nothing is to be created, changed or deleted.
func (r *Rollout) Paused() bool { return r.Pause != nil && *r.Pause }

// ReadsPerSecondOrDefault returns the sustained rate of reads.
func (l *Limits) ReadsPerSecondOrDefault() int {
	return int(deref(l.ReadsPerSecond, DefaultReadsPerSecond))
}

// BurstOrDefault returns how many reads may start at once.
func (l *Limits) BurstOrDefault() int { return int(deref(l.Burst, DefaultBurst)) }

// TimeoutOrDefault returns the bound of one request.
func (l *Limits) TimeoutOrDefault() time.Duration {
	if l.Timeout == nil {
		return DefaultTimeout
	}
	return l.Timeout.Duration
}

// MinRefreshIntervalOrDefault returns the shortest interval a SecretSync gets.
func (l *Limits) MinRefreshIntervalOrDefault() time.Duration {
	if l.MinRefreshInterval == nil {
		return DefaultMinRefreshInterval
	}
	return l.MinRefreshInterval.Duration
}

// MountOrDefault returns where the KV secrets engine is mounted.
func (v *VaultBackend) MountOrDefault() string { return or(v.Mount, DefaultVaultMount) }

// KVVersionOrDefault returns Auto, V1 or V2.
func (v *VaultBackend) KVVersionOrDefault() string { return or(v.KVVersion, KVVersionAuto) }

// ServiceAccountOrDefault returns the name of the ServiceAccount whose token logs in.
func (i *ServiceAccountIdentity) ServiceAccountOrDefault() string {
	if i.ServiceAccountRef == nil {
		return DefaultServiceAccount
	}
	return i.ServiceAccountRef.Name
}

// PerConsumer reports whether each consumer's namespace logs in for itself.
func (i *ServiceAccountIdentity) PerConsumer() bool { return i.Identity == IdentityConsumer }

// PerConsumer reports whether each consumer's namespace logs in for itself.
func (s *BackendSpec) PerConsumer() bool {
	switch {
	case s.Vault != nil:
		return s.Vault.Auth.perConsumer()
	case s.Infisical != nil:
		return s.Infisical.Auth.perConsumer()
	default:
		return false
	}
}

func (auth *VaultAuth) perConsumer() bool {
	switch {
	case auth.Kubernetes != nil:
		return auth.Kubernetes.PerConsumer()
	case auth.JWT != nil && auth.JWT.ServiceAccount != nil:
		return auth.JWT.ServiceAccount.PerConsumer()
	default:
		return false
	}
}

// ProviderName returns the name of the one provider that is set, empty if none is.
func (s *BackendSpec) ProviderName() string {
	switch {
	case s.Vault != nil:
		return "vault"
	case s.Infisical != nil:
		return "infisical"
	default:
		return ""
	}
}

func (auth *InfisicalAuth) perConsumer() bool {
	switch {
	case auth.Kubernetes != nil:
		return auth.Kubernetes.PerConsumer()
	case auth.OIDC != nil && auth.OIDC.ServiceAccount != nil:
		return auth.OIDC.ServiceAccount.PerConsumer()
	case auth.JWT != nil && auth.JWT.ServiceAccount != nil:
		return auth.JWT.ServiceAccount.PerConsumer()
	default:
		return false
	}
}

// IncludeImportsOrDefault reports whether an entry holds what its folder imports.
func (b *InfisicalBackend) IncludeImportsOrDefault() bool {
	return b.IncludeImports == nil || *b.IncludeImports
}

// RecursiveOrDefault reports whether an entry holds what is in the folders below.
func (b *InfisicalBackend) RecursiveOrDefault() bool { return b.Recursive != nil && *b.Recursive }

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

func deref(value *int32, fallback int32) int32 {
	if value == nil {
		return fallback
	}
	return *value
}
