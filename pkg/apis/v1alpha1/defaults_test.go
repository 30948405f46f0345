// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

func duration(d time.Duration) *metav1.Duration { return &metav1.Duration{Duration: d} }

func TestSecretSyncDefaults(t *testing.T) {
	cases := map[string]struct {
		reason string
		sync   v1alpha1.SecretSync
		want   map[string]any
	}{
		"Omitted": {
			reason: "an omitted field has the documented default",
			sync:   v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Name: "own"}},
			want: map[string]any{
				"target": "own", "type": "Opaque", "interval": time.Minute,
				"limit": 5, "maxAge": time.Duration(0), "keyLoss": 50,
			},
		},
		"Given": {
			reason: "a given field wins",
			sync: v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Name: "own"}, Spec: v1alpha1.SecretSyncSpec{
				Target:  v1alpha1.Target{Name: "other", Type: "kubernetes.io/tls"},
				Refresh: v1alpha1.Refresh{Interval: duration(time.Hour)},
				History: v1alpha1.HistoryPolicy{Limit: ptr.To[int32](20), MaxAge: duration(time.Minute)},
				Safety:  v1alpha1.Safety{MaxKeyLossPercent: ptr.To[int32](100)},
			}},
			want: map[string]any{
				"target": "other", "type": "kubernetes.io/tls", "interval": time.Hour,
				"limit": 20, "maxAge": time.Minute, "keyLoss": 100,
			},
		},
		"Zero": {
			reason: "zero is a value where it means something: read on request, no key may go",
			sync: v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Name: "own"}, Spec: v1alpha1.SecretSyncSpec{
				Refresh: v1alpha1.Refresh{Interval: duration(0)},
				Safety:  v1alpha1.Safety{MaxKeyLossPercent: ptr.To[int32](0)},
			}},
			want: map[string]any{
				"target": "own", "type": "Opaque", "interval": time.Duration(0),
				"limit": 5, "maxAge": time.Duration(0), "keyLoss": 0,
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			spec := &tc.sync.Spec
			got := map[string]any{
				"target": tc.sync.TargetName(), "type": spec.Target.TypeOrDefault(),
				"interval": spec.Refresh.IntervalOrDefault(), "limit": spec.History.LimitOrDefault(),
				"maxAge": spec.History.MaxAgeOrDefault(), "keyLoss": spec.Safety.PercentOrDefault(),
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestBackendDefaults(t *testing.T) {
	cases := map[string]struct {
		reason string
		spec   v1alpha1.BackendSpec
		want   map[string]any
	}{
		"Omitted": {
			reason: "an omitted field has the documented default",
			spec:   v1alpha1.BackendSpec{Vault: &v1alpha1.VaultBackend{}},
			want: map[string]any{
				"rate": 50, "burst": 100, "timeout": 10 * time.Second, "interval": 5 * time.Second,
				"mount": "secret", "kv": "Auto",
			},
		},
		"Given": {
			reason: "a given field wins",
			spec: v1alpha1.BackendSpec{
				Vault: &v1alpha1.VaultBackend{Mount: "kv", KVVersion: "V1"},
				Limits: v1alpha1.Limits{
					ReadsPerSecond: ptr.To[int32](1), Burst: ptr.To[int32](2),
					Timeout: duration(time.Second), MinRefreshInterval: duration(time.Minute),
				},
			},
			want: map[string]any{
				"rate": 1, "burst": 2, "timeout": time.Second, "interval": time.Minute,
				"mount": "kv", "kv": "V1",
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			limits := &tc.spec.Limits
			got := map[string]any{
				"rate": limits.ReadsPerSecondOrDefault(), "burst": limits.BurstOrDefault(),
				"timeout": limits.TimeoutOrDefault(), "interval": limits.MinRefreshIntervalOrDefault(),
				"mount": tc.spec.Vault.MountOrDefault(), "kv": tc.spec.Vault.KVVersionOrDefault(),
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestProviderAndIdentity(t *testing.T) {
	consumer := v1alpha1.ServiceAccountIdentity{
		Identity:          v1alpha1.IdentityConsumer,
		ServiceAccountRef: &v1alpha1.LocalRef{Name: "reader"},
	}
	vault := func(auth v1alpha1.VaultAuth) v1alpha1.BackendSpec {
		return v1alpha1.BackendSpec{Vault: &v1alpha1.VaultBackend{Auth: auth}}
	}
	cases := map[string]struct {
		spec        v1alpha1.BackendSpec
		provider    string
		perConsumer bool
	}{
		"None":             {spec: v1alpha1.BackendSpec{}},
		"Kubernetes":       {spec: vault(v1alpha1.VaultAuth{Kubernetes: &v1alpha1.VaultKubernetesAuth{}}), provider: "vault"},
		"KubernetesEach":   {spec: vault(v1alpha1.VaultAuth{Kubernetes: &v1alpha1.VaultKubernetesAuth{ServiceAccountIdentity: consumer}}), provider: "vault", perConsumer: true},
		"JWT":              {spec: vault(v1alpha1.VaultAuth{JWT: &v1alpha1.VaultJWTAuth{ServiceAccount: &v1alpha1.ServiceAccountIdentity{}}}), provider: "vault"},
		"JWTEach":          {spec: vault(v1alpha1.VaultAuth{JWT: &v1alpha1.VaultJWTAuth{ServiceAccount: &consumer}}), provider: "vault", perConsumer: true},
		"JWTOfSecret":      {spec: vault(v1alpha1.VaultAuth{JWT: &v1alpha1.VaultJWTAuth{TokenRef: &v1alpha1.SecretKeyRef{}}}), provider: "vault"},
		"Token":            {spec: vault(v1alpha1.VaultAuth{Token: &v1alpha1.VaultTokenAuth{}}), provider: "vault"},
		"AppRole":          {spec: vault(v1alpha1.VaultAuth{AppRole: &v1alpha1.VaultAppRoleAuth{}}), provider: "vault"},
		"WithoutAnyMethod": {spec: vault(v1alpha1.VaultAuth{}), provider: "vault"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.spec.ProviderName(); got != tc.provider {
				t.Errorf("ProviderName() = %q, want %q", got, tc.provider)
			}
			if got := tc.spec.PerConsumer(); got != tc.perConsumer {
				t.Errorf("PerConsumer() = %v, want %v", got, tc.perConsumer)
			}
		})
	}
	if got := consumer.ServiceAccountOrDefault(); got != "reader" {
		t.Errorf("ServiceAccountOrDefault() = %q, want the given one", got)
	}
	if got := (&v1alpha1.ServiceAccountIdentity{}).ServiceAccountOrDefault(); got != "secretsync-auth" {
		t.Errorf("ServiceAccountOrDefault() = %q, want secretsync-auth", got)
	}
}
