// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package handover

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestLife is one life, told in order.
func TestLife(t *testing.T) {
	h := newHouse(t)
	h.checkOut(t)
	h.beforeAnyServer(t)
	h.buildCluster(t)
	roleID := h.stageByStage(t)
	h.handOver(t, roleID)
	h.standStill(t)
	h.noticeAHand(t)
	h.rotate(t)
	h.endAPreview(t)
	h.wantNothingShown(t)
}

// beforeAnyServer: what a pull request runs, and Terraform with the values of stage infra.
func (h *house) beforeAnyServer(t *testing.T) {
	t.Helper()
	fork := map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_REPOSITORY": "corp/shop"}
	h.runIn(t, fork, "validate").want(t, 0)
	h.runIn(t, fork, "apply", "-e", "prod").want(t, 4, "OIDC")
	h.run(t, "test", "apply", "-e", "prod").want(t, 4, "prod", "test")

	h.run(t, "prod", "exec", "-e", "prod", "--stage", "infra", "--", "./dump.sh").want(t, 0)
	h.wantInherited(t, "exec's command", h.read(t, "child.env"), map[string]string{
		"AWS_ACCESS_KEY_ID": h.secrets["R2_ACCESS_KEY_ID"], "TF_VAR_hcloud_token": h.secrets["HCLOUD_TOKEN"],
	})
	h.write(t, "child.env", "", 0o600)

	terraform, err := binaries.Path(binaries.Terraform)
	harness.Must(t, err)
	tf := func(args ...string) {
		t.Helper()
		h.run(t, "prod", append([]string{"exec", "-e", "prod", "--stage", "infra", "--", terraform}, args...)...).want(t, 0)
	}
	tf("init", "-input=false")
	tf("plan", "-input=false", "-out=tfplan")
	tf("apply", "-input=false", "tfplan")
	sum := sha256.Sum256([]byte(h.secrets["HCLOUD_TOKEN"]))
	if got, want := strings.TrimSpace(h.read(t, "terraform.proof")), hex.EncodeToString(sum[:]); got != want {
		t.Errorf("Terraform got a value with digest %q, want %q", got, want)
	}
	if state := h.read(t, "terraform.tfstate"); !strings.Contains(state, "server-1") {
		t.Errorf("Terraform made nothing: %s", state)
	}
}

// stageByStage: each stage is written as soon as what it needs is there, and the helper says
// which steps are for people.
func (h *house) stageByStage(t *testing.T) (roleID string) {
	t.Helper()
	h.run(t, "prod", "plan", "-e", "prod").want(t, 0, "atlantis/atlantis-vcs", "Create", "Unreachable", "NEXT:", "vault operator init")
	h.run(t, "prod", "apply", "-e", "prod", "--stage", "cluster").want(t, 0, "1 created")
	h.wantInherited(t, "the kubeconfig's program", h.read(t, "credential.env"), nil)
	h.run(t, "prod", "apply", "-e", "prod", "--stage", "vault").want(t, 1, "not initialized", "vault operator init")

	harness.Must(t, h.Vault.Initialize(t.Context()))
	h.marks.Add("root token", h.Vault.Root().Token())
	h.run(t, "prod", "plan", "-e", "prod", "--stage", "vault").want(t, 1, "NEXT:", "is sealed", "vault operator unseal")
	harness.Must(t, h.Vault.Unseal(t.Context()))
	roleID = h.furnishVault(t)

	job := h.job("prod")
	job["VAULT_TOKEN"] = h.Vault.Root().Token()
	h.runIn(t, job, "plan", "-e", "prod", "--no-oidc", "--detailed-exitcode").want(t, 2, "WARNING: --no-oidc", "NEXT:", "root token", "vault token revoke -self")
	h.revokeRoot(t)
	h.run(t, "prod", "plan", "-e", "prod", "--detailed-exitcode").want(t, 2, "4 created", "operatorAccess.policy")
	h.run(t, "prod", "apply", "-e", "prod").want(t, 0, "4 created", "1 kept")
	h.marks.Add("operator's secret ID", h.secretID(t))
	return roleID
}

func (h *house) secretID(t *testing.T) string {
	t.Helper()
	var secret corev1.Secret
	harness.Must(t, h.Client.Get(t.Context(), client.ObjectKey{Namespace: "payments", Name: "vault-approle"}, &secret))
	if secret.Labels[v1alpha1.LabelCredential] != "true" {
		t.Errorf("labels %v: no backend may log in with it", secret.Labels)
	}
	return string(secret.Data["secretID"])
}

// handOver: the operator starts, and the first SecretSyncs become ready: with the secret ID
// that the helper put there, and with the role and policy that it wrote.
func (h *house) handOver(t *testing.T, roleID string) {
	t.Helper()
	h.Run(t, harness.RunOptions{Name: "operator"})
	for name, auth := range map[string]v1alpha1.VaultAuth{
		"approle": {AppRole: &v1alpha1.VaultAppRoleAuth{RoleID: roleID, SecretIDRef: v1alpha1.SecretKeyRef{Name: "vault-approle", Key: "secretID"}}},
		"kubernetes": {Kubernetes: &v1alpha1.VaultKubernetesAuth{
			Role: "payments", ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{Audience: "vault"},
		}},
	} {
		harness.Must(t, h.Client.Create(t.Context(), &v1alpha1.SecretBackend{
			ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: name},
			Spec: v1alpha1.BackendSpec{Vault: &v1alpha1.VaultBackend{
				Address: h.Vault.Address(), TLS: v1alpha1.TLS{CABundle: string(h.Vault.CA())}, Auth: auth,
			}},
		}))
		harness.Must(t, h.Client.Create(t.Context(), &v1alpha1.SecretSync{
			ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "stripe-" + name},
			Spec: v1alpha1.SecretSyncSpec{
				BackendRef: &v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: name},
				Refresh:    v1alpha1.Refresh{Interval: &metav1.Duration{Duration: harness.Interval}},
				DataFrom:   []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "payments/stripe"}}},
			},
		}))
	}
	h.awaitKey(t, "stripe-approle", h.secrets["STRIPE_KEY"])
	h.awaitKey(t, "stripe-kubernetes", h.secrets["STRIPE_KEY"])
}

// awaitKey waits until a SecretSync is ready and serves a value.
func (h *house) awaitKey(t *testing.T, name, value string) {
	t.Helper()
	key := client.ObjectKey{Namespace: "payments", Name: name}
	harness.Await(t, "the value in Secret "+name, func() string {
		var secret corev1.Secret
		var sync v1alpha1.SecretSync
		harness.Must(t, h.Client.Get(t.Context(), key, &sync))
		if err := h.Client.Get(t.Context(), key, &secret); err != nil {
			return fmt.Sprintf("%v; %v", err, sync.Status.Conditions)
		}
		for _, condition := range sync.Status.Conditions {
			if condition.Type == v1alpha1.ConditionReady && condition.Status == metav1.ConditionTrue && string(secret.Data["key"]) == value {
				return ""
			}
		}
		return fmt.Sprint(sync.Status.Conditions)
	})
}

// standStill: a second run finds all as it should be, and writes nothing anywhere.
func (h *house) standStill(t *testing.T) {
	t.Helper()
	cluster, vault := h.writes(t)
	if cluster == 0 || vault == 0 {
		t.Fatalf("%d and %d writes were counted before, so counting proves nothing", cluster, vault)
	}
	h.run(t, "prod", "apply", "-e", "prod").want(t, 0, "0 created, 0 changed, 5 kept")
	h.run(t, "prod", "plan", "-e", "prod", "--detailed-exitcode").want(t, 0, "5 kept")
	h.run(t, "prod", "verify", "-e", "prod").want(t, 0, "5 same")
	if more, still := h.writes(t); more != cluster || still != vault {
		t.Errorf("%d writes to the cluster and %d to Vault by runs that change nothing", more-cluster, still-vault)
	}
}

// writes counts the requests of the helper that change something, logins aside.
func (h *house) writes(t *testing.T) (inCluster, inVault int) {
	t.Helper()
	for event, err := range cluster.ReadAudit(h.Cluster.AuditLogPath()) {
		harness.Must(t, err)
		if event.User.Username == user && event.Verb != "get" && event.Verb != "list" {
			inCluster++
		}
	}
	for entry, err := range cluster.ReadVaultAudit(h.Vault.AuditLogPath()) {
		harness.Must(t, err)
		login := strings.HasSuffix(entry.Request.Path, "/login") || entry.Request.Path == "auth/token/revoke-self"
		if entry.Type == "request" && strings.HasPrefix(entry.Auth.DisplayName, "github-") && !login && entry.Request.Operation != "read" && entry.Request.Operation != "list" {
			inVault++
		}
	}
	return inCluster, inVault
}

// noticeAHand: what somebody altered is found, and left to people.
func (h *house) noticeAHand(t *testing.T) {
	t.Helper()
	h.marks.Add("by hand", "a-value-by-hand")
	_, err := h.Vault.Root().KVv2("secret").Put(t.Context(), "payments/stripe", map[string]any{"key": "a-value-by-hand"})
	harness.Must(t, err)
	h.run(t, "prod", "verify", "-e", "prod").want(t, 5, "payments/stripe field key", "Differs", "4 same, 0 present, 1 differ")
	h.awaitKey(t, "stripe-approle", "a-value-by-hand")
}

// rotate: the operator's own secret is another one, the old one is of no use any more, and the
// operator goes on though every token of its is gone.
func (h *house) rotate(t *testing.T) {
	t.Helper()
	old := h.secretID(t)
	h.run(t, "prod", "rotate", "operator-secret-id", "-e", "prod").want(t, 0)
	fresh := h.secretID(t)
	h.marks.Add("operator's second secret ID", fresh)
	if fresh == old {
		t.Fatal("the secret ID is the old one")
	}
	said, err := h.Vault.Root().Logical().WriteWithContext(t.Context(), "auth/approle/role/shop/secret-id/lookup", map[string]any{"secret_id": old})
	if err != nil || said != nil {
		t.Errorf("the old secret ID: %v, %v; want it gone", said != nil, err)
	}
	harness.Must(t, h.Vault.RevokeTokens(t.Context()))
	h.marks.Add("after rotation", "value-after-rotation")
	_, err = h.Vault.Root().KVv2("secret").Put(t.Context(), "payments/stripe", map[string]any{"key": "value-after-rotation"})
	harness.Must(t, err)
	h.awaitKey(t, "stripe-approle", "value-after-rotation")
}

// endAPreview: what was written for one instance goes, and nothing else.
func (h *house) endAPreview(t *testing.T) {
	t.Helper()
	for _, instance := range []string{"pr-7", "pr-8"} {
		h.run(t, "test", "apply", "-e", "test", "--instance", instance, "--stage", "vault").want(t, 0, "1 created")
		h.marks.Add(instance, h.entry(t, "preview/"+instance+"/db", "password"))
	}
	_, err := h.Vault.Root().KVv2("secret").Put(t.Context(), "preview/pr-7/notes", map[string]any{"theirs": "x"})
	harness.Must(t, err)
	h.run(t, "test", "destroy", "-e", "test", "--older-than", "14d").want(t, 0, "0 removed")
	h.secrets = map[string]string{} // It needs none.
	h.run(t, "test", "destroy", "-e", "test", "--instance", "pr-7").want(t, 0, "1 removed")
	if h.entry(t, "preview/pr-7/db", "password") != "" || h.entry(t, "preview/pr-8/db", "password") == "" || h.entry(t, "preview/pr-7/notes", "theirs") != "x" ||
		h.entry(t, "payments/stripe", "key") == "" {
		t.Error("destroy removed too little or too much")
	}
	h.run(t, "test", "destroy", "-e", "test", "--instance", "pr-7").want(t, 0, "0 removed")
}

func (h *house) entry(t *testing.T, path, field string) string {
	t.Helper()
	said, err := h.Vault.Root().Logical().ReadWithContext(t.Context(), "secret/data/"+path)
	harness.Must(t, err)
	if said == nil {
		return ""
	}
	data, _ := said.Data["data"].(map[string]any)
	text, _ := data[field].(string)
	return text
}
