// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package rbac

import (
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestWhatTheAccountsMayNot asks the API server for what would hurt most.
func TestWhatTheAccountsMayNot(t *testing.T) {
	w := suite.Get(t)
	about := func(verb, group, resource, namespace string) authorizationv1.ResourceAttributes {
		return authorizationv1.ResourceAttributes{Verb: verb, Group: group, Resource: resource, Namespace: namespace}
	}
	const group = v1alpha1.GroupName
	cases := map[string]struct {
		account string
		asked   authorizationv1.ResourceAttributes
		allowed bool
	}{
		"OperatorReadsSecrets":      {account: harness.OperatorAccount, asked: about("get", "", "secrets", "apps"), allowed: true},
		"OperatorEditsSyncs":        {account: harness.OperatorAccount, asked: about("update", group, "secretsyncs", "apps")},
		"OperatorDeletesSyncs":      {account: harness.OperatorAccount, asked: about("delete", group, "secretsyncs", "apps")},
		"OperatorEditsBackends":     {account: harness.OperatorAccount, asked: about("patch", group, "clustersecretbackends", "")},
		"OperatorGetsConfigMaps":    {account: harness.OperatorAccount, asked: about("get", "", "configmaps", harness.Home)},
		"OperatorEditsConfigMaps":   {account: harness.OperatorAccount, asked: about("update", "", "configmaps", "apps")},
		"OperatorMakesWorkloads":    {account: harness.OperatorAccount, asked: about("create", "apps", "deployments", "apps")},
		"OperatorDeletesWorkloads":  {account: harness.OperatorAccount, asked: about("delete", "apps", "statefulsets", "apps")},
		"OperatorMakesPods":         {account: harness.OperatorAccount, asked: about("create", "", "pods", "apps")},
		"OperatorDeletesAllSecrets": {account: harness.OperatorAccount, asked: about("deletecollection", "", "secrets", "apps")},
		"OperatorGrantsRights":      {account: harness.OperatorAccount, asked: about("create", "rbac.authorization.k8s.io", "clusterrolebindings", "")},
		"OperatorImpersonates":      {account: harness.OperatorAccount, asked: about("impersonate", "", "users", "")},
		"OperatorTakesOtherLeases":  {account: harness.OperatorAccount, asked: about("update", "coordination.k8s.io", "leases", harness.Home)},
		"OperatorMakesLeasesAbroad": {account: harness.OperatorAccount, asked: about("create", "coordination.k8s.io", "leases", "kube-system")},
		"IdentityReadsSecrets":      {account: v1alpha1.DefaultServiceAccount, asked: about("get", "", "secrets", harness.Home)},
		"IdentityReadsSyncs":        {account: v1alpha1.DefaultServiceAccount, asked: about("list", group, "secretsyncs", harness.Home)},
		"IdentityMakesTokens":       {account: v1alpha1.DefaultServiceAccount, asked: about("create", "", "serviceaccounts/token", harness.Home)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
				User:               "system:serviceaccount:" + harness.Home + ":" + tc.account,
				Groups:             []string{"system:serviceaccounts", "system:serviceaccounts:" + harness.Home, "system:authenticated"},
				ResourceAttributes: &tc.asked,
			}}
			if err := w.Client.Create(t.Context(), review); err != nil {
				t.Fatal(err)
			}
			if review.Status.Allowed != tc.allowed {
				t.Errorf("want allowed %t, got %t: %s", tc.allowed, review.Status.Allowed, review.Status.Reason)
			}
		})
	}
}

// TestTokensOfOneAccountOnly asks for tokens with the operator's own identity, which the
// names in its role must bound: Kubernetes checks no name when something is created, but of
// this subresource it does.
func TestTokensOfOneAccountOnly(t *testing.T) {
	w := suite.Get(t)
	config, err := w.Cluster.ServiceAccountConfig(t.Context(), harness.Home, harness.OperatorAccount)
	if err != nil {
		t.Fatal(err)
	}
	asOperator, err := client.New(config, client.Options{Scheme: operator.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	for account, allowed := range map[string]bool{
		v1alpha1.DefaultServiceAccount: true, harness.OperatorAccount: false, "default": false,
	} {
		t.Run(account, func(t *testing.T) {
			of := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: harness.Home, Name: account}}
			if err := w.Client.Get(t.Context(), client.ObjectKeyFromObject(of), of); err != nil {
				t.Fatal(err)
			}
			request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{Audiences: []string{audience}}}
			err := asOperator.SubResource("token").Create(t.Context(), of, request)
			if allowed && err != nil || !allowed && !apierrors.IsForbidden(err) {
				t.Errorf("want allowed %t, got %v", allowed, err)
			}
		})
	}
}
