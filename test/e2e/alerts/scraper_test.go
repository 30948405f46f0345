// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"crypto/tls"
	"net/http"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// scrapers is the namespace of those who read metrics.
const scrapers = "monitoring"

// scraper makes a ServiceAccount, which may read the metrics or has no right at all, and returns its token.
func scraper(t *testing.T, w *harness.World, name string, may bool) string {
	t.Helper()
	api, err := kubernetes.NewForConfig(w.Cluster.Config())
	if err != nil {
		t.Fatal(err)
	}
	must := func(_ any, err error) {
		t.Helper()
		if err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
	meta := metav1.ObjectMeta{Name: name}
	must(api.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: scrapers}}, metav1.CreateOptions{}))
	must(api.CoreV1().ServiceAccounts(scrapers).Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: meta}, metav1.CreateOptions{}))
	if may {
		must(api.RbacV1().ClusterRoles().Create(t.Context(), &rbacv1.ClusterRole{
			ObjectMeta: meta, Rules: []rbacv1.PolicyRule{{NonResourceURLs: []string{"/metrics"}, Verbs: []string{"get"}}},
		}, metav1.CreateOptions{}))
		must(api.RbacV1().ClusterRoleBindings().Create(t.Context(), &rbacv1.ClusterRoleBinding{
			ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: scrapers, Name: name}},
		}, metav1.CreateOptions{}))
	}
	token, err := w.Cluster.ServiceAccountToken(t.Context(), scrapers, name, cluster.TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// TestMetricsAreForThoseWhoMay asks without a name, without the right, and with it.
func TestMetricsAreForThoseWhoMay(t *testing.T) {
	t.Parallel()
	w := suite.World(t)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}} //nolint:gosec // the operator signs for itself
	defer transport.CloseIdleConnections()
	for name, tc := range map[string]struct {
		token string
		want  int
	}{
		"Nobody":       {want: http.StatusUnauthorized},
		"WithoutRight": {token: scraper(t, w, "curious", false), want: http.StatusForbidden},
		"WithRight":    {token: scraper(t, w, "entitled", true), want: http.StatusOK},
	} {
		harness.Await(t, name, func() string { // the right takes a moment to be known, and the endpoint to listen
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+w.Operator.Metrics()+"/metrics", nil)
			if err != nil {
				t.Fatal(err)
			}
			if tc.token != "" {
				request.Header.Set("Authorization", "Bearer "+tc.token)
			}
			response, err := (&http.Client{Transport: transport}).Do(request)
			if err != nil {
				return err.Error()
			}
			defer func() { _ = response.Body.Close() }()
			if response.StatusCode != tc.want {
				return "it is answered " + response.Status
			}
			return ""
		})
	}
}
