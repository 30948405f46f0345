// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package handover

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/vault/api"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// What the repository holds.
const (
	planText = `apiVersion: bootstrap.secretsync.io/v1alpha1
kind: Bootstrap
name: shop
environments:
  prod: {github: {environment: prod, repository: corp/shop, issuer: ISSUER}, vault: {address: ADDRESS, role: bootstrap-prod, authMount: github, caFile: vault.pem}, kubeContext: shop}
  test: {github: {environment: test, repository: corp/shop, issuer: ISSUER}, vault: {address: ADDRESS, role: bootstrap-test, authMount: github, caFile: vault.pem}, kubeContext: shop, instances: "pr-[0-9]+"}
values:
- {name: r2-key, stage: infra, from: {env: R2_ACCESS_KEY_ID}, to: [{processEnv: AWS_ACCESS_KEY_ID}]}
- {name: hcloud-token, stage: infra, from: {env: HCLOUD_TOKEN}, check: {minLength: 16}, to: [{terraformVariable: hcloud_token}]}
- {name: atlantis-gh, stage: cluster, only: [prod], from: {env: ATLANTIS_GH_TOKEN}, to: [{kubernetesSecret: atlantis/atlantis-vcs, key: github_token}]}
- {name: stripe, stage: vault, only: [prod], from: {env: STRIPE_KEY}, to: [{vault: secret/payments/stripe, field: key, write: IfAbsent}]}
- {name: operator-secret-id, stage: vault, only: [prod], generate: {vaultAppRole: {role: shop}}, to: [{kubernetesSecret: payments/vault-approle, key: secretID, credential: true}]}
- {name: preview-db, stage: vault, only: [test], generate: {password: 32}, to: [{vault: "secret/preview/{instance}/db", field: password}]}
operatorAccess: {vault: {auth: kubernetes, serviceAccount: payments/secretsync-auth, role: payments, policy: payments, paths: ["secret/payments/**"]}, manage: true}
`
	// The token is ephemeral: neither state nor plan file hold it. What it is good for is shown by
	// its digest.
	terraformText = `variable "hcloud_token" {
  type      = string
  sensitive = true
  ephemeral = true
}
resource "terraform_data" "server" {
  input = "server-1"
  provisioner "local-exec" {
    environment = { TOKEN = var.hcloud_token }
    command     = "printf %s \"$TOKEN\" | sha256sum | cut -c1-64 > terraform.proof"
  }
}
output "server" { value = terraform_data.server.output }
`
	dumpText = "#!/bin/sh\nenv > child.env\n"

	credentialText = `#!/bin/sh
env > credential.env
cat <<'END'
{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"clientCertificateData": %q, "clientKeyData": %q}}
END
`
	kubeconfigText = `apiVersion: v1
kind: Config
clusters: [{name: shop, cluster: {server: %q, certificate-authority-data: %s}}]
contexts: [{name: shop, context: {cluster: shop, user: shop}}]
users: [{name: shop, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./credential.sh, interactiveMode: Never}}}]
`
)

// policies of the roles that pipelines log in with.
func policies() map[string]string {
	return map[string]string{
		"bootstrap-prod": `
			path "secret/data/payments/*" { capabilities = ["create", "read", "update"] }
			path "secret/metadata/payments/*" { capabilities = ["create", "update", "patch"] }
			path "auth/approle/role/shop/secret-id" { capabilities = ["create", "update"] }
			path "auth/approle/role/shop/secret-id/*" { capabilities = ["create", "update"] }
			path "auth/kubernetes/role/payments" { capabilities = ["create", "read", "update"] }
			path "sys/policies/acl/payments" { capabilities = ["create", "read", "update"] }`,
		"bootstrap-test": `
			path "secret/data/preview/*" { capabilities = ["create", "read", "update"] }
			path "secret/metadata/preview/*" { capabilities = ["create", "update", "patch", "delete", "list"] }`,
		"approle-shop": `path "secret/data/payments/*" { capabilities = ["read"] }`,
		"person":       `path "*" { capabilities = ["create", "read", "update", "delete", "list", "patch", "sudo"] }`,
	}
}

// checkOut fills the folder of a job.
func (h *house) checkOut(t *testing.T) {
	t.Helper()
	h.write(t, "bootstrap.yaml", strings.NewReplacer("ISSUER", h.issuer.URL(), "ADDRESS", h.Vault.Address()).Replace(planText), 0o600)
	h.write(t, "main.tf", terraformText, 0o600)
	h.write(t, "dump.sh", dumpText, 0o700)
}

// buildCluster does what Terraform would with a cloud: there are a cluster, namespaces, and a
// kubeconfig whose credential comes from a program, as the clouds have it.
func (h *house) buildCluster(t *testing.T) {
	t.Helper()
	for _, name := range []string{"atlantis", "payments"} {
		err := h.Client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
		harness.Must(t, client.IgnoreAlreadyExists(err)) // An operator with Roles alone was given one.
	}
	harness.Must(t, h.Client.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: v1alpha1.DefaultServiceAccount}}))
	harness.Must(t, h.Client.Create(t.Context(), &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: user},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get", "list", "create", "patch", "update", "delete"}}},
	}))
	harness.Must(t, h.Client.Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: user},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: user},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	}))
	config, err := h.Cluster.UserConfig(user)
	harness.Must(t, err)
	h.write(t, "credential.sh", fmt.Sprintf(credentialText, config.CertData, config.KeyData), 0o700)
	h.write(t, "kubeconfig.yaml", fmt.Sprintf(kubeconfigText, config.Host, base64.StdEncoding.EncodeToString(config.CAData)), 0o600)
}

// furnishVault does what people do with the root token of a new Vault, and returns the role ID
// of the operator.
func (h *house) furnishVault(t *testing.T) (roleID string) {
	t.Helper()
	ctx, v := t.Context(), h.Vault
	harness.Must(t, v.Furnish(ctx))
	harness.Must(t, v.EnableKV(ctx, "secret", 2))
	for name, rules := range policies() {
		harness.Must(t, v.WritePolicy(ctx, name, rules))
	}
	harness.Must(t, v.EnableKubernetesAuth(ctx, h.Cluster, "kubernetes"))
	harness.Must(t, v.EnableAppRole(ctx, "approle"))
	roleID, err := v.WriteAppRole(ctx, "approle", cluster.AppRole{Name: "shop", Policies: []string{"approle-shop"}})
	harness.Must(t, err)
	harness.Must(t, v.Root().Sys().EnableAuthWithOptionsWithContext(ctx, "github", &api.EnableAuthOptions{Type: "jwt"}))
	h.post(t, "auth/github/config", map[string]any{"oidc_discovery_url": h.issuer.URL(), "oidc_discovery_ca_pem": string(h.issuer.CA()), "bound_issuer": h.issuer.URL()})
	for _, environment := range []string{"prod", "test"} {
		h.post(t, "auth/github/role/bootstrap-"+environment, map[string]any{
			"role_type": "jwt", "user_claim": "sub", "bound_audiences": v.Address(), "token_policies": "bootstrap-" + environment,
			"bound_claims": map[string]string{"repository": "corp/shop", "environment": environment},
		})
	}
	return roleID
}

func (h *house) post(t *testing.T, path string, body map[string]any) {
	t.Helper()
	_, err := h.Vault.Root().Logical().WriteWithContext(t.Context(), path, body)
	harness.Must(t, err)
}

// revokeRoot ends the root token. The test goes on as a person with rights.
func (h *house) revokeRoot(t *testing.T) {
	t.Helper()
	root := h.Vault.Root()
	person, err := root.Auth().Token().CreateOrphanWithContext(t.Context(), &api.TokenCreateRequest{Policies: []string{"person"}, DisplayName: "person"})
	harness.Must(t, err)
	harness.Must(t, root.Auth().Token().RevokeSelfWithContext(t.Context(), ""))
	root.SetToken(person.Auth.ClientToken)
}
