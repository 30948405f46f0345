// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/test/manifests"
)

// versions are those of Kubernetes that the chart is for.
func versions() []string {
	return []string{"1.30.0", "1.31.0", "1.32.0", "1.33.0", "1.34.0", "1.35.0", "1.36.0", "1.37.0", "1.36.3-gke.100"}
}

// oldest are the versions of groups that the first of these Kubernetes had.
func oldest() []string {
	return []string{
		"v1", "apps/v1", "policy/v1", "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1", "apiextensions.k8s.io/v1",
		"admissionregistration.k8s.io/v1",
		"secretsync.io/v1alpha1", ofOthers,
	}
}

// everything switches on all that there is, but for what needs a newer Kubernetes.
func everything() values {
	v := withBackend("https://vault.corp:8200")
	v["metrics"] = values{"certSecret": "tls", "serviceMonitor": values{"enabled": true}}
	v["networkPolicy"] = values{"enabled": true}
	v["credentials"] = values{"create": values{"token": "x"}}
	v["alerts"], v["dashboard"] = values{"enabled": true}, values{"enabled": true}
	return v
}

// TestSameForEveryKubernetes: what is rendered does not depend on the version, and needs
// nothing that the oldest lacks.
func TestSameForEveryKubernetes(t *testing.T) {
	var first *manifests.Chart
	for _, version := range versions() {
		chart, err := manifests.Render(t.Context(), manifests.RenderOptions{Namespace: namespace, Values: everything(), KubeVersion: version})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = chart
		}
		if diff := cmp.Diff(first.Objects, chart.Objects); diff != "" {
			t.Errorf("%s differs:\n%s", version, diff)
		}
	}
	for _, o := range first.Objects {
		if !slices.Contains(oldest(), o.GetAPIVersion()) {
			t.Errorf("%s %q is of %s", o.GetKind(), o.GetName(), o.GetAPIVersion())
		}
	}
}

// TestTooOld: what cannot work is refused when it is installed.
func TestTooOld(t *testing.T) {
	policies := values{"admissionPolicies": values{"enabled": true}}
	for name, tc := range map[string]struct {
		version string
		values  values
		want    string // in the error; none if it is to work
	}{
		"Chart":         {version: "1.29.9", want: "kubeVersion"},
		"Policies":      {version: "1.35.9", values: policies, want: "admissionPolicies"},
		"PoliciesAtGKE": {version: "1.36.0-gke.1", values: policies},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := manifests.Render(t.Context(), manifests.RenderOptions{Namespace: namespace, Values: tc.values, KubeVersion: tc.version})
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("want an error with %q, got %v", tc.want, err)
			}
		})
	}
}

func TestLint(t *testing.T) {
	root, err := manifests.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lint := []string{"lint", "--strict", filepath.Join(root, manifests.ChartFolder), "--kube-version", "1.36.0"}
	for _, file := range append(examples(t), "") {
		args := slices.Clone(lint)
		if file != "" {
			args = append(args, "--values", filepath.Join(root, file))
		}
		if _, err := manifests.Helm(t.Context(), nil, args...); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
