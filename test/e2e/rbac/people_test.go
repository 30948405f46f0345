// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rbac

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// onCall goes back as somebody who may do nothing else; status, event and audit line name
// the person, whatever her tool is called.
func (s *scenario) onCall(t *testing.T) {
	const user = "olga@corp.example"
	s.tenant.Create(t, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "on-call"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "secretsync-rollback"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: user}},
	})
	config, err := s.Cluster.UserConfig(user)
	if err != nil {
		t.Fatal(err)
	}
	olga, err := client.New(config, client.Options{Scheme: operator.NewScheme(), FieldOwner: "some-tool"})
	if err != nil {
		t.Fatal(err)
	}
	before := s.tenant.Get(t, appRoles)
	asks := before.DeepCopy()
	metav1.SetMetaDataAnnotation(&asks.ObjectMeta, v1alpha1.AnnotationRollbackTo, "previous")
	harness.Await(t, "the right to be in force", func() string {
		if err := olga.Patch(t.Context(), asks.DeepCopy(), client.MergeFrom(before)); err != nil {
			return err.Error()
		}
		return ""
	})
	s.serves(t, appRoles, "third value")
	held := s.tenant.AwaitCondition(t, appRoles, v1alpha1.ConditionRolledBack, metav1.ConditionTrue, "Held").Status
	if held.Rollback.By != user || held.Served[0].By != user {
		t.Errorf("want %s named, got %+v and %+v", user, held.Rollback, held.Served[0])
	}
	harness.Await(t, "an event that names her", func() string {
		told := s.tenant.Events(t, appRoles)
		if slices.ContainsFunc(told, func(e string) bool { return strings.HasPrefix(e, "Served") && strings.Contains(e, user) }) {
			return ""
		}
		return "there are only:\n" + strings.Join(told, "\n")
	})
	lines := s.tenant.AuditLines(t, appRoles)
	if last := lines[len(lines)-1]; last.By != user {
		t.Errorf("want %s in the audit line, got %+v", user, last)
	}
	s.tenant.Annotate(t, appRoles, v1alpha1.AnnotationRollbackTo, "")
	s.serves(t, appRoles, "fourth value")
}

// scrape reads the metrics as the chart means them to be read, and as somebody who may not.
func (s *scenario) scrape(t *testing.T) {
	for account, want := range map[string]int{"prometheus": http.StatusOK, "stranger": http.StatusForbidden} {
		s.tenant.Create(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: account}})
		if want == http.StatusOK {
			s.bindReader(t, account)
		}
		token, err := s.Cluster.ServiceAccountToken(t.Context(), s.tenant.Namespace, account, cluster.TokenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		s.answers(t, token, want)
	}
	s.answers(t, "", http.StatusUnauthorized)
}

func (s *scenario) bindReader(t *testing.T, account string) {
	t.Helper()
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: account},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "secretsync-metrics-reader"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: s.tenant.Namespace, Name: account}},
	}
	if err := s.Client.Create(t.Context(), binding); err != nil {
		t.Fatal(err)
	}
}

// answers waits until the metrics endpoint answers a token, or none, so.
func (s *scenario) answers(t *testing.T, token string, want int) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}} //nolint:gosec // it signs for itself
	defer transport.CloseIdleConnections()
	harness.Await(t, "the metrics endpoint to answer "+http.StatusText(want), func() string {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.Operator.Metrics()+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		response, err := (&http.Client{Transport: transport}).Do(request)
		if err != nil {
			return err.Error()
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			return "it answers " + response.Status
		}
		return ""
	})
}
