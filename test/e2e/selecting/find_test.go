// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package selecting

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestLifeOfAFolder: entries come and go, are deleted softly, the right to list is lost and
// given back, and the operator is started anew in between.
func TestLifeOfAFolder(t *testing.T) {
	n := suite.Tenant(t)
	allow(t, n, true)
	n.Write(t, "payments/db-main", fields{"password": "main-password", "debug": "main-debug"})
	n.Write(t, "payments/db-audit", fields{"password": "audit-password"})
	n.Write(t, "payments/cache", fields{"password": "not-taken"})
	n.Write(t, "payments/deep/db-deep", fields{"password": "not-taken-either"})
	n.Sync(t, "found", find("payments", func(f *v1alpha1.DataFrom) {
		f.Find.Match, f.Find.Keys = "db-.*", v1alpha1.KeysPathAndField
		f.Exclude, f.Prefix = []string{"debug"}, "PAY_"
		f.Rename = []v1alpha1.RenameRule{
			{Regexp: &v1alpha1.RegexpRule{Match: "^db-", Replace: ""}}, {Case: v1alpha1.CaseUpper},
		}
	}))
	n.AwaitSecret(t, "found", texts{"PAY_MAIN_PASSWORD": "main-password", "PAY_AUDIT_PASSWORD": "audit-password"})
	s := n.AwaitReady(t, "found", 1)
	if got := len(s.Status.History[0].Sources); got != 2 {
		t.Errorf("want the two entries as sources, got %v", s.Status.History[0].Sources)
	}

	n.Write(t, "payments/db-new", fields{"password": "new-password"})
	all := texts{"PAY_MAIN_PASSWORD": "main-password", "PAY_AUDIT_PASSWORD": "audit-password", "PAY_NEW_PASSWORD": "new-password"}
	n.AwaitSecret(t, "found", all)
	n.AwaitReady(t, "found", 2)

	restart(t)
	harness.Must(t, n.Vault.Root().KVv2(n.Namespace).DeleteMetadata(t.Context(), "payments/db-audit"))
	rest := texts{"PAY_MAIN_PASSWORD": "main-password", "PAY_NEW_PASSWORD": "new-password"}
	n.AwaitSecret(t, "found", rest)
	before := n.AwaitReady(t, "found", 3)

	allow(t, n, false)
	s = n.AwaitCondition(t, "found", v1alpha1.ConditionReady, metav1.ConditionFalse, "PermissionDenied")
	want := fmt.Sprintf(`path "%s/metadata/payments/*" { capabilities = ["list"] }`, n.Namespace)
	if message := meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionReady).Message; !strings.Contains(message, want) {
		t.Errorf("the message does not tell the policy line %s: %q", want, message)
	}
	n.AwaitSecret(t, "found", rest)
	restart(t)
	n.AwaitCondition(t, "found", v1alpha1.ConditionReady, metav1.ConditionFalse, "PermissionDenied")
	n.AwaitSecret(t, "found", rest)
	allow(t, n, true)
	if after := n.AwaitReady(t, "found", 3); after.Status.NewestRevision != before.Status.NewestRevision {
		t.Errorf("want no revision of the refusal, got %d", after.Status.NewestRevision)
	}

	// Vault lists what is deleted softly.
	harness.Must(t, n.Vault.Root().KVv2(n.Namespace).Delete(t.Context(), "payments/db-new"))
	n.AwaitSecret(t, "found", texts{"PAY_MAIN_PASSWORD": "main-password"})
	n.AwaitReady(t, "found", 4)
	harness.Must(t, n.Vault.Root().KVv2(n.Namespace).DeleteMetadata(t.Context(), "payments/db-main"))
	n.AwaitCondition(t, "found", v1alpha1.ConditionReady, metav1.ConditionFalse, "NothingFound")
	n.AwaitSecret(t, "found", texts{"PAY_MAIN_PASSWORD": "main-password"})
}

// TestFolderInPart: one entry that may not be read keeps all as they were, and deleted entries are
// held back like keys that vanish from one.
func TestFolderInPart(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	allow(t, n, true)
	for _, name := range []string{"a", "b", "c", "d"} {
		n.Write(t, "shop/"+name, fields{name: "value-of-" + name})
	}
	n.Sync(t, "shop", find("shop"), func(s *v1alpha1.SecretSync) { s.Spec.Safety.MaxKeyLossPercent = new(int32(0)) })
	held := n.AwaitSecret(t, "shop", texts{"a": "value-of-a", "b": "value-of-b", "c": "value-of-c", "d": "value-of-d"})

	allow(t, n, true, fmt.Sprintf(`path "%s/data/shop/c" { capabilities = ["deny"] }`, n.Namespace))
	n.Write(t, "shop/a", fields{"a": "another-value-of-a"})
	n.AwaitCondition(t, "shop", v1alpha1.ConditionReady, metav1.ConditionFalse, "PermissionDenied")
	n.Unchanged(t, held)
	allow(t, n, true)
	n.AwaitSecret(t, "shop", texts{"a": "another-value-of-a", "b": "value-of-b", "c": "value-of-c", "d": "value-of-d"})

	for _, name := range []string{"b", "c", "d"} {
		harness.Must(t, n.Vault.Root().KVv2(n.Namespace).DeleteMetadata(t.Context(), "shop/"+name))
	}
	var blocked *v1alpha1.BlockedStatus
	n.AwaitStatus(t, "shop", "three keys held back", func(s *v1alpha1.SecretSync) string {
		if blocked = s.Status.Blocked; blocked == nil || len(blocked.Keys) != 3 {
			return "they are not"
		}
		return ""
	})
	n.AwaitCondition(t, "shop", v1alpha1.ConditionReady, metav1.ConditionFalse, "SuspiciousShrink")
	n.Annotate(t, "shop", v1alpha1.AnnotationAccept, blocked.Token)
	n.AwaitSecret(t, "shop", texts{"a": "another-value-of-a"})
}

// TestFolderAtRestCostsOneList: three SecretSyncs of one folder, each with a pattern of its own, are
// served by one list and one read of each entry an interval, and by no request of the API server.
func TestFolderAtRestCostsOneList(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	allow(t, n, true)
	const entries = 40
	held := texts{}
	for i := range entries {
		key, value := fmt.Sprintf("key-%02d", i), fmt.Sprintf("value-of-%02d", i)
		n.Write(t, fmt.Sprintf("shop/entry-%02d", i), fields{key: value})
		held[key] = value
	}
	n.Write(t, "shop/sub/b", fields{"b": "value-of-b"})
	for i, match := range []string{"entry-.*", "entry-[0-9]+", "[a-z]+-[0-9]{2}"} {
		name := fmt.Sprint("shop-", i)
		n.Sync(t, name, find("shop", func(f *v1alpha1.DataFrom) { f.Find.Match = match }))
		n.AwaitSecret(t, name, held)
		n.AwaitReady(t, name, 1)
	}
	awaitLists(t, n, 2) // The last words about what was served are spoken.
	since, before, readBefore := time.Now(), listsOf(t, n), readsOf(t, n)
	awaitLists(t, n, 4)
	took := time.Since(since)
	most := int(took/harness.Interval) + 2
	if got := listsOf(t, n) - before; got > most {
		t.Errorf("%d lists in %s, want one in each interval: at most %d", got, took, most)
	}
	if got := readsOf(t, n) - readBefore; got > most*entries {
		t.Errorf("%d reads in %s, want one of each entry in each interval: at most %d", got, took, most*entries)
	}
	if requests := n.Requests(t, since); len(requests) > 0 {
		t.Errorf("want the API server left alone, got %v", requests)
	}
}

// readsOf counts the reads of the tenant's entries.
func readsOf(t *testing.T, n *harness.Tenant) (reads int) {
	t.Helper()
	for _, count := range n.AllReads(t) {
		reads += count
	}
	return reads
}

// awaitLists waits for that many lists more.
func awaitLists(t *testing.T, n *harness.Tenant, more int) {
	t.Helper()
	before := listsOf(t, n)
	harness.Within(t, 3*time.Minute, "the folder to be listed", func() string {
		if got := listsOf(t, n) - before; got < more {
			return fmt.Sprintf("it was %d times", got)
		}
		return ""
	})
}

// listsOf counts the lists of folders that operators made of the tenant's engine.
func listsOf(t *testing.T, n *harness.Tenant) (lists int) {
	t.Helper()
	for entry, err := range cluster.ReadVaultAudit(n.Vault.AuditLogPath()) {
		harness.Must(t, err)
		if entry.Type == "request" && entry.Request.Operation == "list" && strings.HasPrefix(entry.Request.Path, n.Namespace+"/metadata/") && entry.Auth.DisplayName != "root" {
			lists++
		}
	}
	return lists
}

// TestGuardOfFolders: a folder is let through as a whole, or not at all.
func TestGuardOfFolders(t *testing.T) {
	t.Parallel()
	n := suite.Tenant(t)
	allow(t, n, true)
	n.Write(t, "teams/ours/a", fields{"a": "value-of-ours"})
	n.Write(t, "teams/theirs/b", fields{"b": "value-of-theirs"})
	name := n.ClusterBackend(t, "guarded", func(b *v1alpha1.ClusterSecretBackend) { b.Spec.Allow.Paths = []string{"teams/ours/*", "other/**"} })
	through := func(s *v1alpha1.SecretSync) {
		s.Spec.BackendRef = &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: name}
	}
	n.Sync(t, "whole", find("teams", func(f *v1alpha1.DataFrom) { f.Find.Recursive = new(true) }), through)
	n.Sync(t, "deep", find("teams/ours", func(f *v1alpha1.DataFrom) { f.Find.Recursive = new(true) }), through)
	n.Sync(t, "ours", find("teams/ours"), through)
	n.AwaitSecret(t, "ours", texts{"a": "value-of-ours"})
	for _, refused := range []string{"whole", "deep"} {
		n.AwaitCondition(t, refused, v1alpha1.ConditionReady, metav1.ConditionFalse, "NotAllowed")
	}
	for _, lists := range []string{"teams/", "teams/theirs/"} {
		if listed(t, n, lists) {
			t.Errorf("%s was listed though the guard refuses it", lists)
		}
	}
	var secrets corev1.SecretList
	harness.Must(t, n.Client.List(t.Context(), &secrets))
	for i := range secrets.Items {
		if strings.Contains(fmt.Sprintf("%s", secrets.Items[i].Data), "value-of-theirs") {
			t.Errorf("Secret %s holds what the guard refuses", secrets.Items[i].Name)
		}
	}
}

func listed(t *testing.T, n *harness.Tenant, folder string) bool {
	t.Helper()
	for entry, err := range cluster.ReadVaultAudit(n.Vault.AuditLogPath()) {
		harness.Must(t, err)
		if entry.Request.Operation == "list" && entry.Request.Path == n.Namespace+"/metadata/"+folder {
			return true
		}
	}
	return false
}
