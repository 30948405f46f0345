// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"strings"
	"testing"

	"github.com/hashicorp/vault/api"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	vaultbackend "github.com/secretsync/secretsync/pkg/backend/vault"
	"github.com/secretsync/secretsync/pkg/credentials"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/test/cluster"
)

// TestEngine is about what a real KV engine does beyond the contract.
func TestEngine(t *testing.T) {
	w := seeded(t, cluster.VaultOptions{})
	at := func(mount, kvVersion string) backend.Backend {
		spec := w.spec(mount, kubernetesAuth())
		spec.KVVersion = kvVersion
		return opened(t, w.config(spec, namespace))
	}
	root, kv2 := w.vault.Root(), w.vault.Root().KVv2("kv2")

	t.Run("StatedVersion", func(t *testing.T) {
		for mount, version := range map[string]string{"kv1": "V1", "kv2": "V2"} {
			before := w.requests(t)["sys/internal/ui/mounts/"+mount]
			must(t, readEntry(t, at(mount, version)))
			if got := w.requests(t)["sys/internal/ui/mounts/"+mount] - before; got != 0 {
				t.Errorf("%s: want no detection where the version is stated, got %d", mount, got)
			}
		}
	})
	t.Run("WronglyStatedVersion", func(t *testing.T) {
		b := at("kv2", "V1")
		must(t, w.vault.WritePolicy(t.Context(), policy, policyRules+`path "kv2/*" { capabilities = ["read"] }`))
		defer w.allow(t)
		wantFault(t, readEntry(t, b), fault.InvalidSpec, vaultbackend.ReasonKVVersionMismatch)
		prove(t, b, fault.InvalidSpec, vaultbackend.ReasonKVVersionMismatch)
		prove(t, at("kv1", "V2"), fault.InvalidSpec, vaultbackend.ReasonKVVersionMismatch)
	})
	t.Run("AbsentMount", func(t *testing.T) {
		b := at("nowhere", "")
		wantFault(t, readEntry(t, b), fault.Denied, vaultbackend.ReasonKVVersionUnknown)
		must(t, w.vault.WritePolicy(t.Context(), policy, policyRules+`path "nowhere/data/*" { capabilities = ["read"] }`))
		defer w.allow(t)
		wantFault(t, readEntry(t, b), fault.NotFound, backend.ReasonMountNotFound)
		prove(t, b, fault.Denied, vaultbackend.ReasonKVVersionUnknown)
	})
	t.Run("MountOfAnotherEngine", func(t *testing.T) {
		wantFault(t, readEntry(t, at("cubbyhole", "")), fault.InvalidSpec, "NotAKVMount")
	})
	t.Run("UpgradedMount", func(t *testing.T) {
		must(t, w.vault.EnableKV(t.Context(), "grows", 1))
		w.write(t, "grows", entry, map[string]string{"password": `"first"`})
		must(t, w.vault.WritePolicy(t.Context(), policy, policyRules+`path "grows/*" { capabilities = ["read"] }`))
		defer w.allow(t)
		must(t, readEntry(t, at("grows", "")))
		options := map[string]string{"version": "2"}
		must(t, root.Sys().TuneMountAllowNilWithContext(t.Context(), "grows", api.TuneMountConfigInput{Options: &options}))
		eventually(t, at("grows", ""), "", "")
	})
	t.Run("DeleteVersionAfter", func(t *testing.T) {
		must(t, kv2.PutMetadata(t.Context(), "contract/short", api.KVMetadataPutInput{DeleteVersionAfter: 1 << 40}))
		w.write(t, "kv2", "contract/short", map[string]string{"a": "1"})
		_, err := at("kv2", "").Read(t.Context(), ref(t, "contract/short", ""))
		must(t, err)
	})
	t.Run("EntryWithoutKeys", func(t *testing.T) {
		w.write(t, "kv2", "contract/empty", nil)
		got, err := at("kv2", "").Read(t.Context(), ref(t, "contract/empty", ""))
		must(t, err)
		if len(got.Fields) != 0 || got.Version != "1" {
			t.Errorf("want an entry without fields, at version 1, got %d at %q", len(got.Fields), got.Version)
		}
	})
	t.Run("MetadataWithoutVersions", func(t *testing.T) {
		must(t, kv2.PutMetadata(t.Context(), "contract/bare", api.KVMetadataPutInput{MaxVersions: 3}))
		b := at("kv2", "")
		_, err := b.Read(t.Context(), ref(t, "contract/bare", ""))
		wantFault(t, err, fault.NotFound, backend.ReasonEntryNotFound)
		_, err = b.Read(t.Context(), ref(t, "contract/bare", "1"))
		wantFault(t, err, fault.NotFound, backend.ReasonVersionNotFound)
	})
	t.Run("PrunedVersion", func(t *testing.T) {
		must(t, kv2.PutMetadata(t.Context(), "contract/pruned", api.KVMetadataPutInput{MaxVersions: 2}))
		for range 4 {
			w.write(t, "kv2", "contract/pruned", map[string]string{"a": "1"})
		}
		_, err := at("kv2", "").Read(t.Context(), ref(t, "contract/pruned", "1"))
		wantFault(t, err, fault.NotFound, backend.ReasonVersionNotFound)
		if want := "versions that can be read: 4, 3"; !strings.HasSuffix(err.Error(), want) {
			t.Errorf("want %q, got %q", want, err)
		}
	})
	t.Run("PinWhoseMetadataIsDenied", func(t *testing.T) {
		must(t, w.vault.WritePolicy(t.Context(), policy, `path "kv2/data/contract/*" { capabilities = ["read"] }`))
		defer w.allow(t)
		_, err := at("kv2", "").Read(t.Context(), ref(t, entry, "9"))
		wantFault(t, err, fault.NotFound, backend.ReasonVersionNotFound)
		if want := `path "kv2/metadata/contract/app" { capabilities = ["read"] }`; !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %q", want, err)
		}
	})
	t.Run("PathWithTwoDots", func(t *testing.T) {
		_, err := at("kv2", "").Read(t.Context(), ref(t, "contract/a..b", ""))
		if !fault.Is(err, fault.NotFound, fault.InvalidSpec) {
			t.Errorf("want a class that blames the path alone, got %s", describe(err))
		}
	})
	t.Run("MountNamedLikeTheAPI", func(t *testing.T) {
		must(t, w.vault.EnableKV(t.Context(), "team a/data", 2))
		must(t, w.vault.WritePolicy(t.Context(), policy, policyRules+`path "team a/data/data/*" { capabilities = ["read"] }`))
		defer w.allow(t)
		_, err := root.KVv2("team a/data").Put(t.Context(), "metadata/x y", map[string]any{"a": 1})
		must(t, err)
		_, err = at("team a/data", "").Read(t.Context(), ref(t, "metadata/x y", "1"))
		must(t, err)
	})
}

// prove asks for the container's proof and wants it refused.
func prove(t *testing.T, b backend.Backend, class fault.Class, reason string) {
	t.Helper()
	prover, ok := b.(backend.ContainerProver)
	if !ok {
		t.Fatal("want a ContainerProver")
	}
	wantFault(t, prover.ProveContainer(t.Context(), ref(t, entry, "")), class, reason)
}

// TestIdentities is about who logs in, and what is said when Vault does not let them.
func TestIdentities(t *testing.T) {
	w := seeded(t, cluster.VaultOptions{})
	kubernetes := func(change func(*v1alpha1.VaultKubernetesAuth)) v1alpha1.VaultAuth {
		auth := kubernetesAuth()
		change(auth.Kubernetes)
		return auth
	}
	jwt := func(change func(*v1alpha1.VaultJWTAuth)) v1alpha1.VaultAuth {
		auth := jwtAuth()
		change(auth.JWT)
		return auth
	}
	const own = "https://kubernetes.default.svc.cluster.local"
	cases := map[string]struct {
		auth     v1alpha1.VaultAuth
		consumer string
		class    fault.Class
		reason   string
		mention  string
	}{
		"OtherNamespace": {
			auth: kubernetesAuth(), consumer: "default",
			class: fault.Denied, reason: remote.ReasonLoginDenied, mention: "bound_service_account_namespaces",
		},
		"OtherAudience": {
			auth:  kubernetes(func(k *v1alpha1.VaultKubernetesAuth) { k.Audience = "elsewhere" }),
			class: fault.Denied, reason: remote.ReasonLoginDenied, mention: "audience",
		},
		"NoSuchRole": {
			auth:  kubernetes(func(k *v1alpha1.VaultKubernetesAuth) { k.Role = "nobody" }),
			class: fault.Denied, reason: remote.ReasonLoginDenied, mention: `no role "nobody"`,
		},
		"NoAuthMount": {
			auth:  v1alpha1.VaultAuth{Mount: "nowhere", Kubernetes: kubernetesAuth().Kubernetes},
			class: fault.Denied, reason: remote.ReasonLoginDenied, mention: `"nowhere"`,
		},
		"NoServiceAccount": {
			auth: kubernetesAuth(), consumer: "kube-public",
			class: fault.InvalidSpec, reason: credentials.ReasonAccountNotFound, mention: "kube-public/secretsync-auth",
		},
		"OtherServiceAccount": {
			auth: kubernetes(func(k *v1alpha1.VaultKubernetesAuth) {
				k.ServiceAccountRef = &v1alpha1.LocalRef{Name: "default"}
			}),
			class: fault.InvalidSpec, reason: credentials.ReasonAccountNotAllowed, mention: "secretsync-auth",
		},
		"AudienceOfTheAPIServer": {
			auth:  kubernetes(func(k *v1alpha1.VaultKubernetesAuth) { k.Audience = own }),
			class: fault.InvalidSpec, reason: credentials.ReasonInvalidAudience, mention: own,
		},
		"JWTOtherNamespace": {
			auth: jwtAuth(), consumer: "default",
			class: fault.Denied, reason: remote.ReasonLoginDenied, mention: "role",
		},
		"JWTOtherAudience": {
			auth:  jwt(func(j *v1alpha1.VaultJWTAuth) { j.ServiceAccount.Audience = "elsewhere" }),
			class: fault.Denied, reason: remote.ReasonLoginDenied, mention: "bound_audiences",
		},
		"JWTNoSuchRole": {
			auth:  jwt(func(j *v1alpha1.VaultJWTAuth) { j.Role = "nobody" }),
			class: fault.Denied, reason: remote.ReasonLoginDenied, mention: "no such role",
		},
		"JWTNoRole": {
			auth:  jwt(func(j *v1alpha1.VaultJWTAuth) { j.Role = "" }),
			class: fault.Denied, reason: remote.ReasonLoginDenied, mention: "default role",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.consumer == "" {
				tc.consumer = namespace
			}
			b := opened(t, w.config(w.spec("kv2", tc.auth), tc.consumer))
			err := readEntry(t, b)
			wantFault(t, err, tc.class, tc.reason)
			if err == nil || !strings.Contains(err.Error(), tc.mention) {
				t.Errorf("want a message with %q, got %v", tc.mention, err)
			}
			wantFault(t, b.Probe(t.Context()), tc.class, tc.reason)
		})
	}
}
