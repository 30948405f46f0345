// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/vault/api"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/vault"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/test/cluster"
)

// wanted is the access of an operator that logs in as ServiceAccount access/operator.
func wanted(paths ...string) vault.Access {
	return vault.Access{
		Mount: "for-operators", Role: "shop", Policy: "shop", Namespace: "access", ServiceAccount: "operator", Audience: "vault", Paths: paths,
	}
}

// TestOperatorAccess: what is written is enough to log in and read, and for nothing else.
func TestOperatorAccess(t *testing.T) {
	c := shared.Get(t)
	v := c.Vault()
	must(t, v.EnableKV(t.Context(), "access2", 2))
	must(t, v.EnableKV(t.Context(), "access1", 1))
	admin := newClient(t, v, tokenLogin(v.Root().Token()))
	access := wanted("access2/payments/**", "access2/*/shared", "access1/app")

	parts, err := admin.Access(t.Context(), access)
	must(t, err)
	if len(parts) != 2 || parts[0].Name != "policy" || parts[1].Name != "role" {
		t.Fatalf("parts %+v, want a policy and a role", parts)
	}
	_, err = parts[1].Place.Observe(t.Context())
	wantFault(t, err, fault.NotFound, "NoAuthMethod", "vault auth enable -path=for-operators kubernetes")
	must(t, v.EnableKubernetesAuth(t.Context(), c, "for-operators"))
	for _, part := range parts {
		state := observe(t, part.Place)
		if state.Exists {
			t.Errorf("%s is there already", part.Place.Describe())
		}
		must(t, part.Place.Write(t.Context(), part.Want, state, owner("access", "")))
		if after := observe(t, part.Place); !after.Exists || !after.Value.Equal(part.Want) {
			t.Errorf("%s holds something else than what was written", part.Place.Describe())
		}
		err := part.Place.Write(t.Context(), part.Want, state, owner("access", ""))
		wantFault(t, err, fault.Conflict, destination.ReasonChanged)
	}
	reader := loggedIn(t, c, access)
	_, err = v.Root().Logical().WriteWithContext(t.Context(), "access1/app", map[string]any{"k": "v"})
	must(t, err)
	for path, want := range map[string]int{
		"access2/data/payments/a/b": http.StatusOK, "access2/data/red/shared": http.StatusOK, "access1/app": http.StatusOK,
		"access2/data/other": http.StatusForbidden, "access2/data/a/b/shared": http.StatusForbidden, "access1/apps": http.StatusForbidden,
		"access2/metadata/payments/a/b": http.StatusForbidden,
	} {
		if want == http.StatusOK && strings.HasPrefix(path, "access2/") {
			_, err := v.Root().Logical().WriteWithContext(t.Context(), path, map[string]any{"data": map[string]any{"k": "v"}})
			must(t, err)
		}
		if got := status(t, reader, path); got != want {
			t.Errorf("reading %s: HTTP %d, want %d", path, got, want)
		}
	}
}

// loggedIn logs in as the operator would.
func loggedIn(t *testing.T, c *cluster.Cluster, access vault.Access) *api.Client {
	t.Helper()
	admin, err := client.New(c.Config(), client.Options{})
	must(t, err)
	must(t, admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: access.Namespace}}))
	must(t, admin.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: access.Namespace, Name: access.ServiceAccount}}))
	jwt, err := c.ServiceAccountToken(t.Context(), access.Namespace, access.ServiceAccount, cluster.TokenOptions{Audiences: []string{access.Audience}})
	must(t, err)
	said, err := c.Vault().Root().Logical().WriteWithContext(t.Context(), "auth/"+access.Mount+"/login", map[string]any{"role": access.Role, "jwt": jwt})
	must(t, err)
	reader, err := c.Vault().Client(said.Auth.ClientToken)
	must(t, err)
	return reader
}

// status is what Vault answers to a read.
func status(t *testing.T, reader *api.Client, path string) int {
	t.Helper()
	t.Helper()
	answer, err := reader.Logical().ReadRawWithContext(t.Context(), path)
	if answer == nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}

// TestAccessCommands are what the helper tells people to type where it may not write.
func TestAccessCommands(t *testing.T) {
	v := shared.Get(t).Vault()
	must(t, v.EnableKV(t.Context(), "told", 2))
	parts, err := newClient(t, v, tokenLogin(v.Root().Token())).Access(t.Context(), wanted("told/**"))
	must(t, err)
	for i, want := range []string{
		"vault policy write shop - <<'EOF'\npath \"told/data/*\" { capabilities = [\"read\"] }\nEOF",
		"vault write auth/for-operators/role/shop bound_service_account_names=operator bound_service_account_namespaces=access audience=vault token_policies=shop token_ttl=3600",
	} {
		if parts[i].Command != want {
			t.Errorf("command %q, want %q", parts[i].Command, want)
		}
	}
	_, err = newClient(t, v, tokenLogin(v.Root().Token())).Access(t.Context(), wanted("nowhere/**"))
	if !fault.Is(err, fault.NotFound, fault.Denied) {
		t.Errorf("a mount that is not there: %v", err)
	}
}
