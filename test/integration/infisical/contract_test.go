// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/test/cluster"
	simulator "github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

// TestContract runs the contract of a backend with each auth method, and with both
// generations of the API.
func TestContract(t *testing.T) {
	k := newKubernetes(t)
	cases := map[string]struct {
		behavior simulator.Behavior
		auth     func(*testing.T, *kubernetes, *world) v1alpha1.InfisicalAuth
		// spoil makes the identity one that Infisical does not accept.
		spoil  func(*v1alpha1.InfisicalAuth)
		logins int
	}{
		"NewUniversal":  {behavior: simulator.NewServer(), auth: universal, logins: 1, spoil: wrongSecret},
		"OldUniversal":  {behavior: simulator.OldServer(), auth: universal, logins: 1, spoil: wrongSecret},
		"NewKubernetes": {behavior: simulator.NewServer(), auth: kubernetesAuth, logins: 1},
		"NewToken": {behavior: simulator.NewServer(), auth: tokenAuth, spoil: func(a *v1alpha1.InfisicalAuth) {
			a.Token.SecretRef.Key = "wrong"
		}},
		"OldJWT": {behavior: simulator.OldServer(), auth: jwtAuth, logins: 1, spoil: func(a *v1alpha1.InfisicalAuth) {
			a.JWT.TokenRef.Key = "wrong"
		}},
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		tc := cases[name]
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, simulator.Options{Behavior: tc.behavior}, k.source)
			auth := tc.auth(t, k, w)
			s := w.suite()
			s.LoginsPerIdentity = tc.logins
			s.Open = func(t *testing.T) backend.Backend {
				t.Helper()
				return open(t, w.config(w.literal(auth), namespace))
			}
			s.OpenStranger = func(t *testing.T) backend.Backend {
				t.Helper()
				strange := *auth.DeepCopy()
				if tc.spoil != nil {
					tc.spoil(&strange)
				}
				// The ServiceAccount of this namespace is one that the identity does not allow.
				return open(t, w.config(w.literal(strange), "default"))
			}
			backendtest.Run(t, s)
		})
	}
}

// literal is a backend that serves values as they are written, some of which look like
// references.
func (w *world) literal(auth v1alpha1.InfisicalAuth) *v1alpha1.InfisicalBackend {
	spec := w.spec(auth)
	spec.ExpandReferences = new(false)
	return spec
}

var (
	folderName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	secretName = regexp.MustCompile(`^[^:/]+$`)
)

// suite says how an administrator of Infisical acts on its project.
func (w *world) suite() backendtest.Suite {
	return backendtest.Suite{
		FoldersAreEntries: true,

		Denied:      "denied/entry",
		Logins:      w.logins,
		Write:       w.write,
		Delete:      w.remove,
		Remove:      w.remove,
		Hide:        w.hide,
		Segment:     folderName.MatchString,
		Field:       secretName.MatchString,
		Unsupported: []backend.Capability{backend.Versions, backend.TypedValues},
	}
}

func universal(t *testing.T, k *kubernetes, w *world) v1alpha1.InfisicalAuth {
	t.Helper()
	u, err := w.infisi.AllowUniversal(t.Context(), w.identity.ID, admin.Tokens{})
	must(t, err)
	k.keep(t.Context(), t, "universal", map[string]string{
		"client-id": u.ClientID, "client-secret": u.ClientSecret + "\n", "wrong": "0e3b1c9a",
	})
	return v1alpha1.InfisicalAuth{Universal: &v1alpha1.InfisicalUniversalAuth{
		ClientIDRef:     &v1alpha1.SecretKeyRef{Name: "universal", Key: "client-id"},
		ClientSecretRef: v1alpha1.SecretKeyRef{Name: "universal", Key: "client-secret"},
	}}
}

func wrongSecret(a *v1alpha1.InfisicalAuth) { a.Universal.ClientSecretRef.Key = "wrong" }

func kubernetesAuth(t *testing.T, k *kubernetes, w *world) v1alpha1.InfisicalAuth {
	t.Helper()
	reviewer, err := k.cluster.ReviewerToken(t.Context(), "infisical")
	must(t, err)
	must(t, w.infisi.AllowKubernetes(t.Context(), w.identity.ID, admin.Kubernetes{
		Host: k.cluster.Host(), CACert: string(k.cluster.CA()), ReviewerJWT: reviewer,
		Namespaces: namespace, Names: v1alpha1.DefaultServiceAccount, Audience: audience,
	}, admin.Tokens{}))
	return v1alpha1.InfisicalAuth{Kubernetes: &v1alpha1.InfisicalKubernetesAuth{
		IdentityID: w.identity.ID, ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{Audience: audience},
	}}
}

func tokenAuth(t *testing.T, k *kubernetes, w *world) v1alpha1.InfisicalAuth {
	t.Helper()
	token, err := w.infisi.GiveToken(t.Context(), w.identity.ID, admin.Tokens{})
	must(t, err)
	k.keep(t.Context(), t, "token", map[string]string{"token": token, "wrong": "eyJhbGciOiJIUzI1NiJ9.e30.nobody-signed-it"})
	return v1alpha1.InfisicalAuth{Token: &v1alpha1.InfisicalTokenAuth{SecretRef: v1alpha1.SecretKeyRef{Name: "token", Key: "token"}}}
}

// jwtAuth logs in with a JWT of another issuer, kept in a Secret.
func jwtAuth(t *testing.T, k *kubernetes, w *world) v1alpha1.InfisicalAuth {
	t.Helper()
	signer, err := cluster.NewJWTSigner("https://ci.example.test")
	must(t, err)
	must(t, w.infisi.AllowJWT(t.Context(), w.identity.ID, admin.Signed{
		PublicKeys: []string{string(signer.PublicKey())}, Issuer: signer.Issuer(), Subject: "robot", Audiences: audience,
	}, admin.Tokens{}))
	data := map[string]string{}
	for key, subject := range map[string]string{"jwt": "robot", "wrong": "stranger"} {
		data[key], err = signer.Sign(map[string]any{"aud": audience, "sub": subject})
		must(t, err)
	}
	k.keep(t.Context(), t, "jwt", data)
	return v1alpha1.InfisicalAuth{JWT: &v1alpha1.InfisicalTokenLogin{
		IdentityID: w.identity.ID, TokenRef: &v1alpha1.SecretKeyRef{Name: "jwt", Key: "jwt"},
	}}
}
