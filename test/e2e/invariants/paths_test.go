// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"fmt"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// oddPaths are paths that lead, or would if somebody cleaned or decoded them, to another
// tenant's entry "b/db" for tenant "a".
func oddPaths(a, b string) []string {
	return []string{
		"../" + b + "/db", a + "/../" + b + "/db", a + "/../../" + b + "/db", a + "/./../" + b + "/db", ".", "..", a + "/..",
		a + "/%2e%2e/" + b + "/db", a + "/%2E%2E%2F" + b + "/db", a + "%2f..%2f" + b + "/db", a + "/..%00/" + b + "/db", "%2e%2e",
		"/" + b + "/db", a + "//" + b + "/db", a + "/", "/" + a + "/db", "//" + b + "/db", "",
		a + `\..\` + b + `\db`, a + "/..;/" + b + "/db", a + "/db?version=1", a + "/db#x", a + "/db;x",
		a + "/\u2025/" + b, a + "/\uff0e\uff0e/" + b + "/db", a + "/\u200b../" + b, a + "\u2044..\u2044" + b + "/db", a + "/d\u0131b",
		a + "/db\n", a + "/db\x00", a + "/db\r\n/../" + b, a + "/\t/db",
		a + "/*", a + "/**", "*/db", "**", "{name}/db", "{namespace", "{{namespace}}/db", "{namespace}/../" + b + "/db",
	}
}

// deniedPaths are good paths that are not the tenant's, some of them once their placeholders are
// replaced.
func deniedPaths(a, b string) []string {
	return []string{"{namespace}x/db", "x/{namespace}/db", "{label:kubernetes.io/metadata.name}x/db", b + "/db", "db", a + "x/db", "x/" + a + "/db", strings.ToUpper(a) + "/db", " " + a + "/db", a + " /db", a}
}

// TestThePathGuardCannotBeEscaped tries odd paths twice: at an API server that keeps the
// rules of the kinds, and at one whose rules somebody has taken out.
func TestThePathGuardCannotBeEscaped(t *testing.T) {
	w := suite.Get(t)
	n, other := retire(t, w.Tenant(t, harness.TenantOptions{})), retire(t, w.Tenant(t, harness.TenantOptions{}))
	a, b := n.Namespace, other.Namespace
	for _, owner := range []string{a, b} {
		n.Write(t, owner+"/db", fields{field: "a value of " + owner})
	}
	n.Write(t, "db", fields{field: "a value of nobody"})
	guarded := n.ClusterBackend(t, "guarded", func(c *v1alpha1.ClusterSecretBackend) { c.Spec.Allow.Paths = []string{"{namespace}/*"} })
	at := func(path string) harness.SyncEdit {
		return func(s *v1alpha1.SecretSync) {
			byCluster(guarded)(s)
			s.Spec.DataFrom[0].Entry.Path = path
		}
	}
	for _, path := range oddPaths(a, b) {
		if err := n.Client.Create(t.Context(), n.NewSync("odd", at(path))); !apierrors.IsInvalid(err) {
			t.Errorf("path %q: want it refused by the API server, got %v", path, err)
		}
	}

	withoutRules(t, w, n.NewSync("dry", at("..")))
	w.Run(t, harness.RunOptions{Args: quick()})
	want := map[string]string{}
	for i, path := range oddPaths(a, b) {
		if path == "" {
			continue // It is absent, which is no rule that can be taken out.
		}
		name := fmt.Sprintf("odd-%d", i)
		n.Sync(t, name, at(path))
		want[name] = "InvalidPath"
		if strings.Contains(path, "{") {
			want[name] = "InvalidPlaceholder"
		}
	}
	for i, path := range deniedPaths(a, b) {
		name := fmt.Sprintf("denied-%d", i)
		n.Sync(t, name, at(path))
		want[name] = "NotAllowed"
	}
	for name, path := range map[string]string{"good": a + "/db", "local": "{namespace}/db", "labelled": "{label:kubernetes.io/metadata.name}/db"} {
		n.Sync(t, name, at(path))
		n.AwaitSecret(t, name, texts{field: "a value of " + a})
	}
	for name, reason := range want {
		awaitReason(t, n, name, reason)
	}
	wantRead(t, w, n, a+"/db")
}

// wantRead fails the test if the operator asked for any entry of the tenant's engine but one.
func wantRead(t *testing.T, w *harness.Installed, n *harness.Tenant, path string) {
	t.Helper()
	seen := map[string]int{}
	for entry, err := range cluster.ReadVaultAudit(w.Vault.AuditLogPath()) {
		harness.Must(t, err)
		rest, data := strings.CutPrefix(entry.Request.Path, n.Namespace+"/data/")
		if data && entry.Type == "request" && entry.Auth.DisplayName != "root" {
			seen[rest]++
		}
	}
	if seen[path] == 0 || len(seen) != 1 {
		t.Errorf("want %q read and nothing else, got %v", path, seen)
	}
}

// withoutRules takes every rule out of the kind SecretSync until the test ends, and returns
// when the API server takes an object that breaks one.
func withoutRules(t *testing.T, w *harness.Installed, broken *v1alpha1.SecretSync) {
	t.Helper()
	definition := &unstructured.Unstructured{}
	definition.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
	t.Cleanup(func() {
		if err := w.Chart.Install(contextOf(t), w.Client); err != nil {
			t.Error(err)
		}
	})
	key := client.ObjectKey{Name: "secretsyncs." + v1alpha1.GroupName}
	w.Change(t, key, definition, func() { unruly(definition.Object["spec"]) })
	harness.Await(t, "the rules to be gone", func() string {
		if err := w.Client.Create(t.Context(), broken.DeepCopy(), client.DryRunAll); err != nil {
			return err.Error()
		}
		return ""
	})
}

// unruly removes rules from a schema and everything in it.
func unruly(node any) {
	switch at := node.(type) {
	case map[string]any:
		for _, rule := range []string{"x-kubernetes-validations", "minLength", "maxLength", "pattern"} {
			delete(at, rule)
		}
		for _, child := range at {
			unruly(child)
		}
	case []any:
		for _, child := range at {
			unruly(child)
		}
	}
}
