// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/test/cluster"
)

// TestContract runs the contract of a backend with each engine and each auth method.
func TestContract(t *testing.T) {
	w := newWorld(t, cluster.VaultOptions{})
	cases := map[string]struct {
		mount string
		auth  func(*testing.T) v1alpha1.VaultAuth
		// spoil makes the identity one that Vault does not accept.
		spoil  func(*v1alpha1.VaultAuth)
		logins int
	}{
		"KV2Kubernetes": {mount: "kv2", auth: func(*testing.T) v1alpha1.VaultAuth { return kubernetesAuth() }, logins: 1},
		"KV1Kubernetes": {mount: "kv1", auth: func(*testing.T) v1alpha1.VaultAuth { return kubernetesAuth() }, logins: 1},
		"KV2AppRole": {
			mount: "kv2", auth: w.appRoleAuth, logins: 1,
			spoil: func(a *v1alpha1.VaultAuth) { a.AppRole.SecretIDRef.Key = "wrong" },
		},
		"KV2JWTOfServiceAccount": {mount: "kv2", auth: func(*testing.T) v1alpha1.VaultAuth { return jwtAuth() }, logins: 1},
		"KV2JWTOfSecret": {
			mount: "kv2", auth: w.jwtRefAuth, logins: 1,
			spoil: func(a *v1alpha1.VaultAuth) { a.JWT.TokenRef.Key = "wrong" },
		},
		"KV2Token": {
			mount: "kv2", auth: w.tokenAuth, logins: 0,
			spoil: func(a *v1alpha1.VaultAuth) { a.Token.SecretRef.Key = "wrong" },
		},
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		tc := cases[name]
		t.Run(name, func(t *testing.T) {
			auth := tc.auth(t)
			s := w.suite(tc.mount)
			s.LoginsPerIdentity = tc.logins
			s.Open = func(t *testing.T) backend.Backend {
				t.Helper()
				return open(t, w.config(w.spec(tc.mount, auth), namespace))
			}
			s.OpenStranger = func(t *testing.T) backend.Backend {
				t.Helper()
				strange := *auth.DeepCopy()
				if tc.spoil != nil {
					tc.spoil(&strange)
				}
				// The ServiceAccount of this namespace is one that no role binds.
				return open(t, w.config(w.spec(tc.mount, strange), "default"))
			}
			backendtest.Run(t, s)
		})
	}
}

// suite says how an administrator of Vault acts on a mount.
func (w *world) suite(mount string) backendtest.Suite {
	kv1, kv2 := w.vault.Root().KVv1(mount), w.vault.Root().KVv2(mount)
	s := backendtest.Suite{
		Denied: "denied/entry",
		Logins: w.logins,
		Write: func(t *testing.T, path string, fields map[string]string) {
			t.Helper()
			w.write(t, mount, path, fields)
		},
		Delete: func(t *testing.T, path string) { t.Helper(); must(t, kv2.Delete(t.Context(), path)) },
		Undelete: func(t *testing.T, path, version string) {
			t.Helper()
			must(t, kv2.Undelete(t.Context(), path, []int{number(t, version)}))
		},
		Destroy: func(t *testing.T, path, version string) {
			t.Helper()
			must(t, kv2.Destroy(t.Context(), path, []int{number(t, version)}))
		},
		Remove: func(t *testing.T, path string) { t.Helper(); must(t, kv2.DeleteMetadata(t.Context(), path)) },
	}
	s.Unsupported = []backend.Capability{backend.FieldProof, backend.ValueVersions}
	if mount == "kv1" {
		s.Unsupported = append(s.Unsupported, backend.Versions)
		s.Delete = func(t *testing.T, path string) { t.Helper(); must(t, kv1.Delete(t.Context(), path)) }
		s.Remove = s.Delete
	}
	return s
}

func number(t *testing.T, version string) int {
	t.Helper()
	n, err := strconv.Atoi(version)
	must(t, err)
	return n
}

func (w *world) appRoleAuth(t *testing.T) v1alpha1.VaultAuth {
	t.Helper()
	roleID, err := w.vault.WriteAppRole(t.Context(), "approle", cluster.AppRole{Name: role, Policies: []string{policy}, TTL: time.Hour})
	must(t, err)
	secretID, err := w.vault.NewSecretID(t.Context(), "approle", role)
	must(t, err)
	w.keep(t, "approle", map[string]string{"secret-id": secretID + "\n", "wrong": "0e3b1c9a-0000-0000-0000-000000000000"})
	return v1alpha1.VaultAuth{AppRole: &v1alpha1.VaultAppRoleAuth{
		RoleID: roleID, SecretIDRef: v1alpha1.SecretKeyRef{Name: "approle", Key: "secret-id"},
	}}
}

func jwtAuth() v1alpha1.VaultAuth {
	return v1alpha1.VaultAuth{JWT: &v1alpha1.VaultJWTAuth{
		Role: role, ServiceAccount: &v1alpha1.ServiceAccountIdentity{Audience: audience},
	}}
}

// jwtRefAuth logs in with a JWT of another issuer, kept in a Secret.
func (w *world) jwtRefAuth(t *testing.T) v1alpha1.VaultAuth {
	t.Helper()
	signer, err := cluster.NewJWTSigner("https://ci.example.test")
	must(t, err)
	must(t, w.vault.EnableJWT(t.Context(), "ci", signer.Issuer(), signer.PublicKey()))
	must(t, w.vault.WriteJWTRole(t.Context(), "ci", cluster.JWTRole{
		Name: role, Audiences: []string{audience}, Subject: "robot", Policies: []string{policy}, TTL: time.Hour,
	}))
	data := map[string]string{}
	for key, subject := range map[string]string{"jwt": "robot", "wrong": "stranger"} {
		data[key], err = signer.Sign(map[string]any{"aud": audience, "sub": subject})
		must(t, err)
	}
	w.keep(t, "jwt", data)
	return v1alpha1.VaultAuth{Mount: "ci", JWT: &v1alpha1.VaultJWTAuth{
		Role: role, TokenRef: &v1alpha1.SecretKeyRef{Name: "jwt", Key: "jwt"},
	}}
}

func (w *world) tokenAuth(t *testing.T) v1alpha1.VaultAuth {
	t.Helper()
	w.keep(t, "token", map[string]string{"token": w.newToken(t), "wrong": "hvs.nobody-knows-it"})
	return v1alpha1.VaultAuth{Token: &v1alpha1.VaultTokenAuth{SecretRef: v1alpha1.SecretKeyRef{Name: "token", Key: "token"}}}
}
