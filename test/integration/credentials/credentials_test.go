// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package credentials

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/credentials"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/test/cluster"
)

const account = v1alpha1.DefaultServiceAccount

func newClient(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	c, err := client.New(config, client.Options{Scheme: clientgoscheme.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func create(t *testing.T, c client.Client, objects ...client.Object) {
	t.Helper()
	for _, o := range objects {
		if err := c.Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
}

// operator returns a client that may do what the package documents and nothing else.
func operator(t *testing.T, c *cluster.Cluster, admin client.Client) client.Client {
	t.Helper()
	const user = "operator"
	create(t, admin,
		&rbacv1.ClusterRole{
			ObjectMeta: metav1.ObjectMeta{Name: user},
			Rules: []rbacv1.PolicyRule{
				{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get"}},
				{APIGroups: []string{""}, Resources: []string{"serviceaccounts/token"}, ResourceNames: []string{account}, Verbs: []string{"create"}},
			},
		},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: user},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: user},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
		})
	config, err := c.UserConfig(user)
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, config)
}

func TestServiceAccountToken(t *testing.T) {
	c := cluster.ForTest(t, cluster.Options{})
	admin := newClient(t, c.Config())
	create(t, admin,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "apps"}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "apps", Name: account}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "apps", Name: "builder"}},
	)
	user := operator(t, c, admin)
	source := credentials.New(credentials.Options{
		Reader: user, Tokens: user, AllowedServiceAccounts: []string{account, "builder"},
	})

	t.Run("IsRefusedByTheAPIServer", func(t *testing.T) {
		token, err := source.ServiceAccountToken(t.Context(), "apps", account, "vault")
		if err != nil {
			t.Fatal(err)
		}
		claims := claimsOf(t, string(token.Reveal()))
		if !slices.Equal(claims.Audiences, []string{"vault"}) {
			t.Errorf("want a token for the audience alone, got %v", claims.Audiences)
		}
		if lifetime := time.Duration(claims.Expires-claims.Issued) * time.Second; lifetime != 10*time.Minute {
			t.Errorf("want ten minutes, got %s", lifetime)
		}
		for audience, want := range map[string]bool{"": false, "vault": true} {
			if got := accepted(t, admin, string(token.Reveal()), audience); got != want {
				t.Errorf("audience %q: want accepted %t, got %t", audience, want, got)
			}
		}
	})
	t.Run("AudiencesOfTheAPIServerAreRefused", func(t *testing.T) {
		own, err := c.ServiceAccountToken(t.Context(), "apps", account, cluster.TokenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		audiences := claimsOf(t, own).Audiences
		if len(audiences) == 0 {
			t.Fatal("the API server has no audience of its own, so this test proves nothing")
		}
		for _, audience := range audiences {
			_, err := source.ServiceAccountToken(t.Context(), "apps", account, audience)
			wantReason(t, err, fault.InvalidSpec, credentials.ReasonInvalidAudience)
		}
	})
	t.Run("AbsentAccount", func(t *testing.T) {
		_, err := source.ServiceAccountToken(t.Context(), "default", account, "vault")
		wantReason(t, err, fault.InvalidSpec, credentials.ReasonAccountNotFound)
	})
	t.Run("NotPermittedByRBAC", func(t *testing.T) {
		_, err := source.ServiceAccountToken(t.Context(), "apps", "builder", "vault")
		wantReason(t, err, fault.InvalidSpec, credentials.ReasonForbidden)
	})
}

func TestSecretKeyIsReadLive(t *testing.T) {
	c := cluster.ForTest(t, cluster.Options{})
	admin := newClient(t, c.Config())
	user := operator(t, c, admin)
	source := credentials.New(credentials.Options{Reader: user, Tokens: user})

	_, err := source.SecretKey(t.Context(), "default", "login", "token")
	wantReason(t, err, fault.InvalidSpec, credentials.ReasonSecretNotFound)

	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "login"},
		StringData: map[string]string{"token": "first"},
	}
	create(t, admin, secret)
	_, err = source.SecretKey(t.Context(), "default", "login", "token")
	wantReason(t, err, fault.InvalidSpec, credentials.ReasonNotOffered)

	for _, value := range []string{"second", "third"} {
		secret.Labels = map[string]string{v1alpha1.LabelCredential: "true"}
		secret.StringData = map[string]string{"token": value}
		if err := admin.Update(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		got, err := source.SecretKey(t.Context(), "default", "login", "token")
		if err != nil || string(got.Reveal()) != value {
			t.Errorf("want the value written last, got another one (error %v)", err)
		}
	}

	if err := c.APIServer().Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = source.SecretKey(t.Context(), "default", "login", "token")
	wantReason(t, err, fault.Unavailable, credentials.ReasonUnavailable)
}

func wantReason(t *testing.T, err error, class fault.Class, reason string) {
	t.Helper()
	if fault.ClassOf(err) != class || fault.ReasonOf(err) != reason {
		t.Errorf("want %s/%s, got %v", class, reason, err)
	}
}

// accepted asks the API server whether a token is good for an audience; empty is its own.
func accepted(t *testing.T, admin client.Client, token, audience string) bool {
	t.Helper()
	review := &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}
	if audience != "" {
		review.Spec.Audiences = []string{audience}
	}
	create(t, admin, review)
	return review.Status.Authenticated
}

type claims struct {
	Audiences []string `json:"aud"`
	Issued    int64    `json:"iat"`
	Expires   int64    `json:"exp"`
}

func claimsOf(t *testing.T, token string) claims {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatal("want a JWT")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var c claims
	if err := json.Unmarshal(payload, &c); err != nil {
		t.Fatal(err)
	}
	return c
}
