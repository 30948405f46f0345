// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/faultproxy"
	"github.com/secretsync/secretsync/test/marker"
)

// TestNoSecretShowsAnywhere sends marked values down every path, errors first, and then
// searches all that the operator let out.
func TestNoSecretShowsAnywhere(t *testing.T) {
	w := suite.Get(t)
	since := now()
	var marks marker.Set
	n := retire(t, w.Tenant(t, harness.TenantOptions{Proxied: true}))
	n.Proxy.Set(noting(&marks))
	metrics := freeAddress(t)
	operator := w.Run(t, harness.RunOptions{Args: append(quick(), "--log-level=debug", "--metrics-address="+metrics)})

	exposures := goodExposures(&marks)
	maps.Copy(exposures, badExposures(&marks))
	maps.Copy(exposures, brokenAnswers(&marks))
	maps.Copy(exposures, templateExposures(&marks))
	for _, name := range slices.Sorted(maps.Keys(exposures)) {
		exposures[name].expose(t, n, name)
	}
	exposeCredentials(t, n, &marks)
	exposeByToken(t, n)
	exposeByHand(t, n, &marks)
	exposeInSharedSecrets(t, n, &marks)
	exposeToQuota(t, w, &marks)
	for _, name := range slices.Sorted(maps.Keys(exposures)) {
		awaitReason(t, n, name, exposures[name].want)
	}
	for i, token := range tokens(t, w, since) {
		marks.Add(fmt.Sprintf("ServiceAccount token %d", i), token)
	}

	// That the search finds what is there is seen where values belong.
	for _, name := range slices.Sorted(maps.Keys(goodExposures(&marks))) {
		wantMarked(t, &marks, "Secret "+name, asJSON(t, n.Secret(t, name).Data))
	}
	wantMarked(t, &marks, "the API server's audit log", file(t, w.Cluster.AuditLogPath()))

	texts := emitted(t, w, operator, metrics, since)
	for _, where := range slices.Sorted(maps.Keys(texts)) {
		for _, finding := range marks.Find(texts[where]) {
			t.Errorf("%s: %s", where, finding)
		}
	}
	t.Logf("searched %d texts", len(texts))
}

// expose puts the entry into Vault and has the operator read it.
func (e exposure) expose(t *testing.T, n *harness.Tenant, name string) {
	t.Helper()
	if e.entry != nil {
		_, err := n.Vault.Root().KVv2(n.Namespace).Put(t.Context(), name, e.entry)
		harness.Must(t, err)
	}
	if e.answer != nil {
		n.Proxy.SetFor("/v1/"+n.Namespace+"/data/"+name, e.answer)
	}
	n.Sync(t, name, func(s *v1alpha1.SecretSync) {
		if e.sync != nil {
			e.sync(s)
		}
	})
}

// noting passes on, and remembers the tokens that Vault gives.
func noting(marks *marker.Set) faultproxy.Mode {
	return faultproxy.Rewrite(func(body []byte) []byte {
		var answer struct {
			Auth *struct {
				ClientToken string `json:"client_token"`
				Accessor    string `json:"accessor"`
			} `json:"auth"`
		}
		if json.Unmarshal(body, &answer) == nil && answer.Auth != nil && answer.Auth.ClientToken != "" {
			marks.Add("Vault token "+answer.Auth.ClientToken, answer.Auth.ClientToken)
			marks.Add("Vault accessor "+answer.Auth.Accessor, answer.Auth.Accessor)
		}
		return body
	})
}

// exposeByToken logs in with a ServiceAccount token.
func exposeByToken(t *testing.T, n *harness.Tenant) {
	t.Helper()
	n.Create(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.DefaultServiceAccount}})
	harness.Must(t, n.Vault.WriteKubernetesRole(t.Context(), harness.KubernetesMount, cluster.KubernetesRole{
		Name: n.Namespace, Audience: audience, Policies: []string{n.Namespace},
	}))
	backend(t, n, "by-token", v1alpha1.VaultAuth{Kubernetes: &v1alpha1.VaultKubernetesAuth{
		Role: n.Namespace, ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{Audience: audience},
	}})
	n.Write(t, "by-token", fields{field: "a value that is known by token"})
	n.Sync(t, "by-token", by("by-token"))
	awaitReason(t, n, "by-token", serving)
}

// backend creates a SecretBackend like the tenant's, with another login.
func backend(t *testing.T, n *harness.Tenant, name string, auth v1alpha1.VaultAuth) *v1alpha1.SecretBackend {
	t.Helper()
	var first v1alpha1.SecretBackend
	harness.Must(t, n.Client.Get(t.Context(), n.Key(harness.Backend), &first))
	b := &v1alpha1.SecretBackend{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: first.Spec}
	b.Spec.Vault.Auth = auth
	n.Create(t, b)
	return b
}

// exposeByHand has people put marked values where the operator looks.
func exposeByHand(t *testing.T, n *harness.Tenant, marks *marker.Set) {
	t.Helper()
	secret := func(name, key string) *corev1.Secret {
		return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string][]byte{key: []byte(marks.Text(name))}}
	}
	entry := func(name string) { n.Write(t, name, fields{field: marks.Text("entry " + name)}) }
	for _, name := range []string{"drifts", "reports", "adopts", "not-owned", "forged"} {
		entry(name)
	}

	n.Create(t, secret("not-owned", "foreign"))
	adopted := secret("adopts", "foreign")
	adopted.Annotations = map[string]string{v1alpha1.AnnotationAdoptBy: "adopts"}
	n.Create(t, adopted)
	forged := secret("forged.r7", field)
	forged.Type = v1alpha1.SecretTypeRevision
	n.Create(t, forged)
	for _, name := range []string{"drifts", "adopts", "not-owned", "forged"} {
		n.Sync(t, name)
	}
	n.Sync(t, "reports", func(s *v1alpha1.SecretSync) { s.Spec.Drift.Policy = v1alpha1.DriftReport })
	awaitReason(t, n, "not-owned", "NotOwned")
	awaitReason(t, n, "forged", serving)
	n.AwaitCondition(t, "forged", v1alpha1.ConditionHistoryDegraded, metav1.ConditionTrue, "RevisionUntrusted")
	n.AwaitEvent(t, "adopts", "Served")

	for _, name := range []string{"drifts", "reports"} {
		awaitReason(t, n, name, serving)
		n.EditSecret(t, name, func(s *corev1.Secret) {
			s.Data[field] = []byte(marks.Text("edited " + name))
			s.Data["extra"] = []byte(marks.Text("extra " + name))
		})
	}
	n.AwaitEvent(t, "drifts", "DriftRepaired")
	n.AwaitCondition(t, "reports", v1alpha1.ConditionDrifted, metav1.ConditionTrue, "DriftReported")
	exposeShrink(t, n, marks)
}

func exposeShrink(t *testing.T, n *harness.Tenant, marks *marker.Set) {
	t.Helper()
	full := fields{}
	for _, key := range []string{"one", "two", "three", "four"} {
		full[key] = marks.Text("shrinks " + key)
	}
	n.Write(t, "shrinks", full)
	n.Sync(t, "shrinks")
	awaitReason(t, n, "shrinks", serving)
	n.Write(t, "shrinks", fields{"one": marks.Text("shrunk")})
	awaitReason(t, n, "shrinks", "SuspiciousShrink")
}

// exposeToQuota has the API server refuse a Secret.
func exposeToQuota(t *testing.T, w *harness.Installed, marks *marker.Set) {
	t.Helper()
	n := retire(t, w.Tenant(t, harness.TenantOptions{}))
	n.Create(t, &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "one-secret"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/secrets": resource.MustParse("1")}},
	})
	harness.Await(t, "the quota to be in force", func() string {
		var quota corev1.ResourceQuota
		harness.Must(t, n.Client.Get(t.Context(), n.Key("one-secret"), &quota))
		if quota.Status.Used["count/secrets"] != resource.MustParse("1") {
			return fmt.Sprintf("it counts %v", quota.Status.Used)
		}
		return ""
	})
	n.Write(t, "no-room", fields{field: marks.Text("no room")})
	n.Sync(t, "no-room")
	awaitReason(t, n, "no-room", "QuotaExceeded")
}

// awaitReason waits until Ready has a reason; an empty one stands for any that is no success.
func awaitReason(t *testing.T, n *harness.Tenant, name, reason string) *v1alpha1.SecretSync {
	t.Helper()
	return n.AwaitStatus(t, name, fmt.Sprintf("Ready with reason %q", reason), func(s *v1alpha1.SecretSync) string {
		ready := meta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionReady)
		switch {
		case ready == nil, s.Status.ObservedGeneration != s.Generation, ready.Status == metav1.ConditionUnknown:
			return "it has not"
		case reason == "" && ready.Status == metav1.ConditionFalse, ready.Reason == reason:
			return ""
		}
		return "it has " + ready.Reason
	})
}

func wantMarked(t *testing.T, marks *marker.Set, where, text string) {
	t.Helper()
	if len(marks.Find(text)) == 0 {
		t.Errorf("want a marker found in %s, or the search proves nothing: %.200s", where, text)
	}
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	harness.Must(t, err)
	defer listener.Close() //nolint:errcheck // Nobody used it.
	return listener.Addr().String()
}
