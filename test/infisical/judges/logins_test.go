// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package judges

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	sdk "github.com/infisical/go-sdk"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
	"github.com/secretsync/secretsync/test/infisical/target"
)

// door is a way to log in: how an administrator opens it, and how the SDK goes through.
type door struct {
	open func(t *testing.T, a *admin.Client, identityID string)
	// enter logs in, with the right credentials or with wrong ones.
	enter func(t *testing.T, client sdk.InfisicalClientInterface, identityID string, right bool) error
}

const audience = "infisical"

// TestGoSDKLogsIn goes through every door of the SDK that needs no cloud's metadata service. What others
// sign is verified for real: ServiceAccounts by an API server, tokens by their keys.
func TestGoSDKLogsIn(t *testing.T) {
	signer, err := cluster.NewJWTSigner("https://issuer.example.test")
	check(t, err)
	s := target.Simulated(t, infisical.Options{TLS: true, Verify: infisical.Verifiers{
		LDAP: func(username, password string) bool { return username == "jane" && password == "right" },
		AWS:  callerOf,
	}})
	provider := newProvider(t, signer)
	doors := map[string]door{
		"Kubernetes": kubernetesDoor(t),
		"JWT":        jwtDoor(signer),
		"OIDC":       oidcDoor(signer, provider),
		"LDAP":       ldapDoor(),
		"AWS":        awsDoor(t),
	}
	for name, door := range doors {
		t.Run(name, func(t *testing.T) {
			w := &world{Server: s}
			identity, err := s.Admin.CreateIdentity(t.Context(), "judge")
			check(t, err)
			project, err := s.Admin.CreateProject(t.Context(), "judged")
			check(t, err)
			check(t, s.Admin.Join(t.Context(), project.ID, identity.ID, "viewer"))
			door.open(t, s.Admin, identity.ID)
			client := w.newSDK(t)

			var refused *sdk.APIError
			if err := door.enter(t, client, identity.ID, false); !errors.As(err, &refused) || refused.StatusCode/100 != 4 {
				t.Errorf("wrong credentials: %v", err)
			}
			check(t, door.enter(t, client, identity.ID, true))
			if _, err := client.Secrets().ListSecrets(sdk.ListSecretsOptions{ProjectID: project.ID, Environment: "dev"}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestGoSDKGivenToken(t *testing.T) {
	w := newWorld(t, infisical.Options{TLS: true})
	identity, err := w.Admin.CreateIdentity(t.Context(), "given")
	check(t, err)
	check(t, w.Admin.Join(t.Context(), w.project.ID, identity.ID, "viewer"))
	token, err := w.Admin.GiveToken(t.Context(), identity.ID, admin.Tokens{TTL: 600})
	check(t, err)
	client := w.newSDK(t)
	client.Auth().SetAccessToken(token)
	options := sdk.ListSecretsOptions{ProjectID: w.project.ID, Environment: "dev"}
	_, err = client.Secrets().ListSecrets(options)
	check(t, err)

	check(t, client.Auth().RevokeAccessToken())
	client.Auth().SetAccessToken(token)
	var refused *sdk.APIError
	if _, err := client.Secrets().ListSecrets(options); !errors.As(err, &refused) || refused.StatusCode != http.StatusUnauthorized {
		t.Errorf("with a revoked token: %v", err)
	}
}

// kubernetesDoor is a ServiceAccount of a real API server, which reviews its token.
func kubernetesDoor(t *testing.T) door {
	t.Helper()
	c := cluster.ForTest(t, cluster.Options{})
	reviewer, err := c.ReviewerToken(t.Context(), "infisical")
	check(t, err)
	client, err := kubernetes.NewForConfig(c.Config())
	check(t, err)
	_, err = client.CoreV1().ServiceAccounts("default").Create(t.Context(),
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "reader"}}, metav1.CreateOptions{})
	check(t, err)
	return door{
		open: func(t *testing.T, a *admin.Client, id string) {
			check(t, a.AllowKubernetes(t.Context(), id, admin.Kubernetes{
				Host: c.Config().Host, CACert: string(c.Config().CAData), ReviewerJWT: reviewer,
				Namespaces: "default", Names: "reader", Audience: audience,
			}, admin.Tokens{}))
		},
		enter: func(t *testing.T, client sdk.InfisicalClientInterface, id string, right bool) error {
			audiences := []string{"another"}
			if right {
				audiences = []string{audience}
			}
			token, err := c.ServiceAccountToken(t.Context(), "default", "reader", cluster.TokenOptions{Audiences: audiences})
			check(t, err)
			_, err = client.Auth().KubernetesRawServiceAccountTokenLogin(id, token)
			return err
		},
	}
}

func jwtDoor(signer *cluster.JWTSigner) door {
	return door{
		open: func(t *testing.T, a *admin.Client, id string) {
			check(t, a.AllowJWT(t.Context(), id, admin.Signed{
				PublicKeys: []string{string(signer.PublicKey())}, Issuer: signer.Issuer(), Audiences: audience, Claims: map[string]string{"team": "red,blue"},
			}, admin.Tokens{}))
		},
		enter: func(t *testing.T, client sdk.InfisicalClientInterface, id string, right bool) error {
			_, err := client.Auth().JwtAuthLogin(id, signed(t, signer, right))
			return err
		},
	}
}

func oidcDoor(signer *cluster.JWTSigner, provider *httptest.Server) door {
	return door{
		open: func(t *testing.T, a *admin.Client, id string) {
			ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: provider.Certificate().Raw})
			check(t, a.AllowOIDC(t.Context(), id, admin.Signed{
				DiscoveryURL: provider.URL, CACert: string(ca), Issuer: signer.Issuer(), Subject: "jane", Audiences: audience,
			}, admin.Tokens{}))
		},
		enter: func(t *testing.T, client sdk.InfisicalClientInterface, id string, right bool) error {
			_, err := client.Auth().OidcAuthLogin(id, signed(t, signer, right))
			return err
		},
	}
}

// signed is a token that the doors accept, or one that somebody else has signed.
func signed(t *testing.T, signer *cluster.JWTSigner, right bool) string {
	t.Helper()
	if !right {
		var err error
		signer, err = cluster.NewJWTSigner(signer.Issuer())
		check(t, err)
	}
	token, err := signer.Sign(map[string]any{"aud": audience, "sub": "jane", "team": "blue"})
	check(t, err)
	return token
}

// newProvider is an OIDC provider: a discovery document and the keys of the signer.
func newProvider(t *testing.T, signer *cluster.JWTSigner) *httptest.Server {
	t.Helper()
	block, _ := pem.Decode(signer.PublicKey())
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	check(t, err)
	mux := http.NewServeMux()
	server := httptest.NewTLSServer(mux)
	t.Cleanup(server.Close)
	serve := func(path string, answer any) {
		text, err := json.Marshal(answer)
		check(t, err)
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(text) })
	}
	serve("/.well-known/openid-configuration", map[string]string{"issuer": signer.Issuer(), "jwks_uri": server.URL + "/keys"})
	serve("/keys", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key, Algorithm: "ES256", Use: "sig"}}})
	return server
}

func ldapDoor() door {
	return door{
		open: func(t *testing.T, a *admin.Client, id string) {
			check(t, a.Allow(t.Context(), id, "ldap-auth", admin.Tokens{}, nil))
		},
		enter: func(_ *testing.T, client sdk.InfisicalClientInterface, id string, right bool) error {
			password := "wrong"
			if right {
				password = "right"
			}
			_, err := client.Auth().LdapAuthLogin(id, "jane", password)
			return err
		},
	}
}

const (
	rightKey = "AKIARIGHT"
	rightARN = "arn:aws:iam::123456789012:user/jane"
)

// awsDoor signs a request to STS with keys from the environment, as the SDK does; nothing is sent to AWS.
func awsDoor(t *testing.T) door {
	t.Helper()
	return door{
		open: func(t *testing.T, a *admin.Client, id string) {
			check(t, a.Allow(t.Context(), id, "aws-auth", admin.Tokens{}, map[string]any{"allowedPrincipalArns": "arn:aws:iam::123456789012:user/*"}))
		},
		enter: func(t *testing.T, client sdk.InfisicalClientInterface, id string, right bool) error {
			t.Setenv("AWS_REGION", "eu-central-1")
			t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			t.Setenv("AWS_ACCESS_KEY_ID", "AKIAWRONG")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
			if right {
				t.Setenv("AWS_ACCESS_KEY_ID", rightKey)
			}
			_, err := client.Auth().AwsIamAuthLogin(id)
			return err
		},
	}
}

// callerOf plays STS: it tells who signed the request.
func callerOf(method, body, headers string) (arn string, ok bool) {
	text, err := base64.StdEncoding.DecodeString(body)
	if err != nil || method != http.MethodPost || !strings.Contains(string(text), "GetCallerIdentity") {
		return "", false
	}
	signedHeaders, err := base64.StdEncoding.DecodeString(headers)
	if err != nil {
		return "", false
	}
	var named map[string]string
	if err := json.Unmarshal(signedHeaders, &named); err != nil {
		return "", false
	}
	return rightARN, strings.Contains(named["Authorization"], "Credential="+rightKey+"/")
}
