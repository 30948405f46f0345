// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

var errOpened = errors.New("opened")

// noting is a provider that notes what it is asked to open.
type noting struct{ configs []backend.Config }

func (n *noting) Open(cfg backend.Config) (backend.Backend, error) {
	n.configs = append(n.configs, cfg)
	return nil, errOpened
}

func (n *noting) Capabilities() backend.Capabilities {
	return backend.Capabilities{backend.ValueVersions}
}

func vaultSpec(changes ...func(*v1alpha1.BackendSpec)) *v1alpha1.BackendSpec {
	spec := &v1alpha1.BackendSpec{Vault: &v1alpha1.VaultBackend{Address: "https://vault.corp:8200"}}
	spec.Vault.Auth.Kubernetes = &v1alpha1.VaultKubernetesAuth{}
	spec.Vault.Auth.Kubernetes.Role = "app"
	for _, change := range changes {
		change(spec)
	}
	return spec
}

func perConsumer(spec *v1alpha1.BackendSpec) {
	spec.Vault.Auth.Kubernetes.Identity = v1alpha1.IdentityConsumer
}

func clusterObject(spec *v1alpha1.BackendSpec) Object {
	return Object{Kind: v1alpha1.KindClusterSecretBackend, Name: "vault", Spec: spec}
}

func ownObject(namespace string, spec *v1alpha1.BackendSpec) Object {
	return Object{Kind: v1alpha1.KindSecretBackend, Namespace: namespace, Name: "vault", Spec: spec}
}

func TestObjectKeysAreApart(t *testing.T) {
	seen := map[string]Object{}
	for _, object := range []Object{
		{Kind: "ClusterSecretBackend", Name: "a"}, {Kind: "SecretBackend", Namespace: "a", Name: "a"},
		{Kind: "SecretBackend", Namespace: "a", Name: "b"}, {Kind: "SecretBackend", Namespace: "b", Name: "a"},
		{Kind: "SecretBackend", Name: "a"},
	} {
		if other, taken := seen[object.Key()]; taken {
			t.Errorf("%+v and %+v share the key %q", object, other, object.Key())
		}
		seen[object.Key()] = object
	}
}

// TestWhoseCredentials: which namespaces a login reads from is what keeps tenants apart.
func TestWhoseCredentials(t *testing.T) {
	cases := map[string]struct {
		reason                string
		object                Object
		credentials, identity string
	}{
		"Own":                {object: ownObject("payments", vaultSpec()), credentials: "payments", identity: "payments"},
		"OwnPerConsumer":     {object: ownObject("payments", vaultSpec(perConsumer)), credentials: "payments", identity: "payments"},
		"Cluster":            {reason: "a cluster backend logs in as itself", object: clusterObject(vaultSpec()), credentials: "operator-ns", identity: "operator-ns"},
		"ClusterPerConsumer": {reason: "only the ServiceAccount is the consumer's", object: clusterObject(vaultSpec(perConsumer)), credentials: "operator-ns", identity: "payments"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			provider := &noting{}
			network := backend.Network{AllowHTTP: true, AllowedCIDRs: []*net.IPNet{{IP: net.IPv4(127, 0, 0, 0), Mask: net.CIDRMask(8, 32)}}}
			opener := Opener{Registry: backend.Registry{"vault": provider}, Network: network, Clock: clock.RealClock{}, Namespace: "operator-ns"}
			source := opener.Source(tc.object, "payments")
			if len(provider.configs) != 0 {
				t.Error("a backend is opened before anybody reads")
			}
			if _, err := source.Open(); !errors.Is(err, errOpened) || len(provider.configs) != 1 {
				t.Fatalf("Open = %v, asked %d times", err, len(provider.configs))
			}
			got := provider.configs[0]
			if got.CredentialNamespace != tc.credentials || got.IdentityNamespace != tc.identity {
				t.Errorf("credentials of %q, identity of %q; want %q and %q: %s",
					got.CredentialNamespace, got.IdentityNamespace, tc.credentials, tc.identity, tc.reason)
			}
			if diff := cmp.Diff(*tc.object.Spec, got.Spec); diff != "" || got.Guarded != (tc.object.Kind == v1alpha1.KindClusterSecretBackend) || !got.Network.AllowHTTP || len(got.Network.AllowedCIDRs) != 1 || got.Clock == nil {
				t.Errorf("not all is handed on:\n%s", diff)
			}
			if source.Backend != tc.object.Key() || !strings.HasPrefix(source.Identity, tc.identity+"@") {
				t.Errorf("backend %q, identity %q", source.Backend, source.Identity)
			}
		})
	}
}

// TestIdentity: a login is shared by whom it is the same for, and by nobody else.
func TestIdentity(t *testing.T) {
	opener := Opener{Namespace: "operator-ns"}
	identity := func(object Object, consumer string) string {
		source := opener.Source(object, consumer)
		return source.Backend + " " + source.Identity
	}
	if identity(clusterObject(vaultSpec()), "a") != identity(clusterObject(vaultSpec()), "b") {
		t.Error("two consumers of one identity log in twice")
	}
	if identity(clusterObject(vaultSpec(perConsumer)), "a") == identity(clusterObject(vaultSpec(perConsumer)), "b") {
		t.Error("two consumers share a login that is meant for one")
	}
	if identity(ownObject("a", vaultSpec()), "a") == identity(ownObject("b", vaultSpec()), "b") {
		t.Error("backends of two namespaces share a login")
	}
	seen := map[string]string{}
	for name, change := range map[string]func(*v1alpha1.BackendSpec){
		"Nothing":   func(*v1alpha1.BackendSpec) {},
		"Address":   func(s *v1alpha1.BackendSpec) { s.Vault.Address = "https://other.corp:8200" },
		"Namespace": func(s *v1alpha1.BackendSpec) { s.Vault.Namespace = "team" },
		"Mount":     func(s *v1alpha1.BackendSpec) { s.Vault.Mount = "kv" },
		"Role":      func(s *v1alpha1.BackendSpec) { s.Vault.Auth.Kubernetes.Role = "other" },
		"AuthMount": func(s *v1alpha1.BackendSpec) { s.Vault.Auth.Mount = "k8s" },
	} {
		got := identity(clusterObject(vaultSpec(change)), "a")
		if other, taken := seen[got]; taken {
			t.Errorf("%s and %s share a login", name, other)
		}
		seen[got] = name
	}
}

func TestSourceLimits(t *testing.T) {
	defaults := Limits{ReadsPerSecond: 50, Burst: 100, Timeout: 10 * time.Second, MinInterval: 5 * time.Second}
	if diff := cmp.Diff(defaults, Opener{}.Source(clusterObject(vaultSpec()), "a").Limits); diff != "" {
		t.Errorf("without limits (-want +got):\n%s", diff)
	}
	spec := vaultSpec(func(s *v1alpha1.BackendSpec) {
		s.Limits = v1alpha1.Limits{
			ReadsPerSecond: new(int32(3)), Burst: new(int32(4)),
			Timeout: &metav1.Duration{Duration: time.Second}, MinRefreshInterval: &metav1.Duration{Duration: time.Minute},
		}
	})
	want := Limits{ReadsPerSecond: 3, Burst: 4, Timeout: time.Second, MinInterval: time.Minute}
	if diff := cmp.Diff(want, Opener{}.Source(clusterObject(spec), "a").Limits); diff != "" {
		t.Errorf("with limits (-want +got):\n%s", diff)
	}
}

func TestOpenWithoutProvider(t *testing.T) {
	for name, spec := range map[string]*v1alpha1.BackendSpec{"NoneSet": {}, "NotBuiltIn": vaultSpec()} {
		_, err := Opener{Registry: backend.Registry{}}.Source(clusterObject(spec), "a").Open()
		if !fault.Is(err, fault.InvalidSpec) {
			t.Errorf("%s: Open = %v, want an InvalidSpec", name, err)
		}
	}
}
