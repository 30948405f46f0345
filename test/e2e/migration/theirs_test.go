// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

// externalSecrets are a store and an ExternalSecret, as a team has them.
func externalSecrets(t *testing.T, n *harness.Tenant) string {
	t.Helper()
	roleID := n.Enrol(t)
	n.Write(t, "shop/db", values)
	return fmt.Sprintf(`
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: eso-vault, namespace: %[1]s}
spec:
  provider:
    vault:
      server: %[2]s
      path: %[1]s
      version: v2
      caBundle: %[3]s
      auth: {appRole: {path: %[4]s, roleId: %[5]s, secretRef: {name: %[6]s, key: secretID}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: %[1]s}
spec:
  refreshInterval: 5s
  secretStoreRef: {name: eso-vault}
  target: {name: %[7]s}
  data:
  - {secretKey: user, remoteRef: {key: shop/db, property: user}}
  - {secretKey: password, remoteRef: {key: shop/db, property: password}}
`, n.Namespace, n.Vault.Address(), base64.StdEncoding.EncodeToString(n.Vault.CA()), harness.AppRoleMount, roleID, harness.Credential, made)
}

// vaultSecrets are a connection, a login and a VaultStaticSecret.
func vaultSecrets(t *testing.T, n *harness.Tenant) string {
	t.Helper()
	roleID := n.Enrol(t)
	n.Write(t, "shop/db", values)
	secretID, err := n.Vault.NewSecretID(t.Context(), harness.AppRoleMount, n.Namespace)
	harness.Must(t, err)
	n.Remember(secretID)
	return fmt.Sprintf(`
apiVersion: v1
kind: Secret
metadata: {name: vault-ca, namespace: %[1]s, labels: {%[8]s: "true"}}
data: {ca.crt: %[3]s}
---
apiVersion: v1
kind: Secret
metadata: {name: vso-login, namespace: %[1]s, labels: {%[8]s: "true"}}
data: {id: %[6]s}
---
apiVersion: secrets.hashicorp.com/v1beta1
kind: VaultConnection
metadata: {name: vso, namespace: %[1]s}
spec: {address: "%[2]s", caCertSecretRef: vault-ca}
---
apiVersion: secrets.hashicorp.com/v1beta1
kind: VaultAuth
metadata: {name: vso, namespace: %[1]s}
spec: {vaultConnectionRef: vso, method: appRole, mount: %[4]s, appRole: {roleId: %[5]s, secretRef: vso-login}}
---
apiVersion: secrets.hashicorp.com/v1beta1
kind: VaultStaticSecret
metadata: {name: db, namespace: %[1]s}
spec:
  vaultAuthRef: vso
  mount: %[1]s
  type: kv-v2
  path: shop/db
  refreshAfter: 5s
  destination: {name: %[7]s, create: true, transformation: {excludeRaw: true}}
`, n.Namespace, n.Vault.Address(), base64.StdEncoding.EncodeToString(n.Vault.CA()), harness.AppRoleMount, roleID,
		base64.StdEncoding.EncodeToString([]byte(secretID)), made, v1alpha1.LabelCredential)
}

// infisicalLogin seeds an Infisical of the tenant's own, and returns its project with the Secrets
// that hold its certificate authority and a login.
func infisicalLogin(t *testing.T, n *harness.Tenant) (sim *infisical.Simulator, project admin.Project, secrets string) {
	t.Helper()
	sim = infisical.ForTest(t, infisical.Options{TLS: true})
	root := x509.NewCertPool()
	root.AppendCertsFromPEM(sim.CA())
	trusting := &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: root, MinVersion: tls.VersionTLS12}}}
	t.Cleanup(trusting.CloseIdleConnections)
	server, err := admin.Bootstrap(t.Context(), sim.Address(), trusting)
	harness.Must(t, err)
	project, err = server.CreateProject(t.Context(), "shop")
	harness.Must(t, err)
	identity, err := server.CreateIdentity(t.Context(), "shop")
	harness.Must(t, err)
	_, err = server.CreateRole(t.Context(), project.ID, "reader", admin.Rule{Subject: "secrets", Action: []string{"describeSecret", "readValue"}})
	harness.Must(t, err)
	harness.Must(t, server.Join(t.Context(), project.ID, identity.ID, "reader"))
	login, err := server.AllowUniversal(t.Context(), identity.ID, admin.Tokens{})
	harness.Must(t, err)
	n.Remember(login.ClientSecret)
	for key, value := range values {
		_, err := server.CreateSecret(t.Context(), project.At("prod", "/"), key, fmt.Sprint(value))
		harness.Must(t, err)
	}
	return sim, project, fmt.Sprintf(`
apiVersion: v1
kind: Secret
metadata: {name: infisical-ca, namespace: %[1]s, labels: {%[2]s: "true"}}
data: {ca.crt: %[3]s}
---
apiVersion: v1
kind: Secret
metadata: {name: infisical-login, namespace: %[1]s, labels: {%[2]s: "true"}}
stringData: {clientId: %[4]q, clientSecret: %[5]q}
---`, n.Namespace, v1alpha1.LabelCredential, base64.StdEncoding.EncodeToString(sim.CA()), login.ClientID, login.ClientSecret)
}

// infisicalSecret is an InfisicalSecret with a login.
func infisicalSecret(t *testing.T, n *harness.Tenant) string {
	t.Helper()
	sim, project, secrets := infisicalLogin(t, n)
	return secrets + fmt.Sprintf(`
apiVersion: secrets.infisical.com/v1alpha1
kind: InfisicalSecret
metadata: {name: db, namespace: %[1]s}
spec:
  hostAPI: %[2]s/api
  syncConfig: {resyncInterval: 5s}
  tls: {caRef: {secretName: infisical-ca, secretNamespace: %[1]s, key: ca.crt}}
  authentication:
    universalAuth:
      credentialsRef: {secretName: infisical-login, secretNamespace: %[1]s}
      secretsScope: {projectSlug: %[3]s, envSlug: prod, secretsPath: /}
  managedKubeSecretReferences:
  - {secretName: %[4]s, secretNamespace: %[1]s, creationPolicy: Owner}
`, n.Namespace, sim.Address(), project.Slug, made)
}

// infisicalStatic are a connection, a login and an InfisicalStaticSecret.
func infisicalStatic(t *testing.T, n *harness.Tenant) string {
	t.Helper()
	sim, project, secrets := infisicalLogin(t, n)
	return secrets + fmt.Sprintf(`
apiVersion: secrets.infisical.com/v1beta1
kind: InfisicalConnection
metadata: {name: infisical, namespace: %[1]s}
spec: {address: "%[2]s", tls: {caCertificate: {name: infisical-ca, namespace: %[1]s, key: ca.crt}}}
---
apiVersion: secrets.infisical.com/v1beta1
kind: InfisicalAuth
metadata: {name: shop, namespace: %[1]s}
spec:
  infisicalConnectionRef: {name: infisical, namespace: %[1]s}
  method: universal
  universal:
    clientIdRef: {name: infisical-login, namespace: %[1]s, key: clientId}
    clientSecretRef: {name: infisical-login, namespace: %[1]s, key: clientSecret}
---
apiVersion: secrets.infisical.com/v1beta1
kind: InfisicalStaticSecret
metadata: {name: db, namespace: %[1]s}
spec:
  infisicalAuthRef: {name: shop, namespace: %[1]s}
  syncOptions: {refreshInterval: 5s}
  sources: [{projectId: %[3]s, environmentSlug: prod, secretPath: /}]
  targets: [{name: %[4]s, namespace: %[1]s, kind: Secret, creationPolicy: Owner}]
`, n.Namespace, sim.Address(), project.ID, made)
}
