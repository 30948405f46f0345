// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/faultproxy"
	"github.com/secretsync/secretsync/test/marker"
)

// credentialExposure is a credential that does not work.
type credentialExposure struct {
	// data of the Secret.
	data func(marks *marker.Set) map[string]string
	// edit makes the backend use it.
	edit func(b *v1alpha1.VaultBackend, ref v1alpha1.SecretKeyRef)
	// want is the reason of the SecretSync's Ready.
	want string
}

const key = "key"

func credentialExposures() map[string]credentialExposure {
	single := func(of func(*marker.Set) string) func(*marker.Set) map[string]string {
		return func(m *marker.Set) map[string]string { return map[string]string{key: of(m)} }
	}
	token := func(b *v1alpha1.VaultBackend, ref v1alpha1.SecretKeyRef) {
		b.Auth = v1alpha1.VaultAuth{Token: &v1alpha1.VaultTokenAuth{SecretRef: ref}}
	}
	appRole := func(b *v1alpha1.VaultBackend, ref v1alpha1.SecretKeyRef) {
		b.Auth = v1alpha1.VaultAuth{AppRole: &v1alpha1.VaultAppRoleAuth{RoleID: "role", SecretIDRef: ref}}
	}
	return map[string]credentialExposure{
		"approle":        {want: "LoginDenied", data: single(func(m *marker.Set) string { return m.Token("secret ID") }), edit: appRole},
		"approle-binary": {want: "", data: single(func(m *marker.Set) string { return "\xff\x00" + m.Token("binary secret ID") }), edit: appRole},
		"token":          {want: "TokenInvalid", data: single(func(m *marker.Set) string { return m.Token("token") }), edit: token},
		"token-of-lines": {want: "", data: single(func(m *marker.Set) string { return m.Text("token of two lines") }), edit: token},
		"jwt": {
			want: "LoginDenied", data: single(func(m *marker.Set) string { return "eyJhbGciOiJub25lIn0." + m.Token("JWT") + ".x" }),
			edit: func(b *v1alpha1.VaultBackend, ref v1alpha1.SecretKeyRef) {
				b.Auth = v1alpha1.VaultAuth{JWT: &v1alpha1.VaultJWTAuth{Role: "role", TokenRef: &ref}}
			},
		},
		"ca": {
			want: "InvalidCredential", data: single(func(m *marker.Set) string { return m.Text("CA") }),
			edit: func(b *v1alpha1.VaultBackend, ref v1alpha1.SecretKeyRef) {
				b.TLS.CABundle, b.TLS.CARef = "", &ref
			},
		},
		"client-certificate": {
			want: "InvalidCredential",
			data: func(m *marker.Set) map[string]string {
				return map[string]string{
					"tls.crt": "-----BEGIN CERTIFICATE-----\n" + m.Token("certificate") + "\n-----END CERTIFICATE-----\n",
					"tls.key": "-----BEGIN PRIVATE KEY-----\n" + m.Token("private key") + "\n-----END PRIVATE KEY-----\n",
				}
			},
			edit: func(b *v1alpha1.VaultBackend, ref v1alpha1.SecretKeyRef) {
				b.TLS.ClientCertRef = &v1alpha1.LocalRef{Name: ref.Name}
			},
		},
		"wrong-key": {
			want: "CredentialKeyNotFound",
			data: func(m *marker.Set) map[string]string { return map[string]string{"other": m.Text("under another key")} }, edit: token,
		},
	}
}

// exposeCredentials lets backends log in with marked credentials at a server that repeats in
// its errors whatever it is sent, as a proxy that is too helpful does.
func exposeCredentials(t *testing.T, n *harness.Tenant, marks *marker.Set) {
	t.Helper()
	echo := faultproxy.ForTest(t, faultproxy.Options{Target: n.Vault.Address(), TLS: &tls.Config{MinVersion: tls.VersionTLS12}})
	echo.Set(echoing)
	for name, tc := range credentialExposures() {
		data := tc.data(marks)
		n.Create(t, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: "credential-" + name, Labels: map[string]string{v1alpha1.LabelCredential: "true"}},
			Data:       bytesOf(data),
		})
		b := &v1alpha1.SecretBackend{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: v1alpha1.BackendSpec{Vault: &v1alpha1.VaultBackend{
				Address: echo.Address(), Mount: n.Namespace, TLS: v1alpha1.TLS{CABundle: string(echo.CA())},
				Auth: v1alpha1.VaultAuth{Token: &v1alpha1.VaultTokenAuth{
					SecretRef: v1alpha1.SecretKeyRef{Name: "credential-token", Key: key},
				}},
			}},
		}
		tc.edit(b.Spec.Vault, v1alpha1.SecretKeyRef{Name: "credential-" + name, Key: key})
		n.Create(t, b)
		n.Sync(t, "login-by-"+name, by(name))
	}
	for name, tc := range credentialExposures() {
		awaitReason(t, n, "login-by-"+name, tc.want)
		harness.Await(t, "backend "+name+" to be tried", func() string {
			var b v1alpha1.SecretBackend
			harness.Must(t, n.Client.Get(t.Context(), n.Key(name), &b))
			if !meta.IsStatusConditionFalse(b.Status.Conditions, v1alpha1.ConditionReady) {
				return "it is not told that it cannot be used"
			}
			return ""
		})
	}
}

// echoing answers with an error that repeats the request, and says that a token is bad.
func echoing(w http.ResponseWriter, r *http.Request, _ faultproxy.Server) {
	body, _ := io.ReadAll(r.Body) // what can be read of it
	status := http.StatusForbidden
	if r.Method == http.MethodPost {
		status = http.StatusBadRequest
	}
	w.Header().Set("Location", "https://example.com/"+r.Header.Get("X-Vault-Token"))
	w.Header().Set("X-Echo", string(body))
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // nobody listens if it fails
		"errors": []string{"bad token", string(body), r.Header.Get("X-Vault-Token")},
	})
}

func bytesOf(data map[string]string) map[string][]byte {
	all := make(map[string][]byte, len(data))
	for name, value := range data {
		all[name] = []byte(value)
	}
	return all
}
