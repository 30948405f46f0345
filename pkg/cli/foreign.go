// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/resource"

	"github.com/secretsync/secretsync/pkg/cli/convert"
)

// foreignKind is a kind of another operator, as the API server may have it.
type foreignKind struct {
	group, kind string
	// versions that are asked for, one after the other.
	versions []string
	cluster  bool
}

// foreignKinds are the kinds that are read of a cluster.
func foreignKinds() []foreignKind {
	eso, vso := []string{"v1", "v1beta1"}, []string{"v1beta1"}
	alpha, beta := []string{"v1alpha1"}, []string{"v1beta1"}
	return []foreignKind{
		{group: convert.GroupExternalSecrets, kind: "ExternalSecret", versions: eso},
		{group: convert.GroupExternalSecrets, kind: "SecretStore", versions: eso},
		{group: convert.GroupExternalSecrets, kind: "ClusterSecretStore", versions: eso, cluster: true},
		{group: convert.GroupExternalSecrets, kind: "ClusterExternalSecret", versions: eso, cluster: true},
		{group: convert.GroupExternalSecrets, kind: "PushSecret", versions: alpha},
		{group: convert.GroupVaultSecrets, kind: "VaultStaticSecret", versions: vso},
		{group: convert.GroupVaultSecrets, kind: "VaultDynamicSecret", versions: vso},
		{group: convert.GroupVaultSecrets, kind: "VaultPKISecret", versions: vso},
		{group: convert.GroupVaultSecrets, kind: "VaultAuth", versions: vso},
		{group: convert.GroupVaultSecrets, kind: "VaultConnection", versions: vso},
		{group: convert.GroupInfisical, kind: "InfisicalSecret", versions: alpha},
		{group: convert.GroupInfisical, kind: "InfisicalStaticSecret", versions: beta},
		{group: convert.GroupInfisical, kind: "InfisicalAuth", versions: beta},
		{group: convert.GroupInfisical, kind: "InfisicalConnection", versions: beta},
	}
}

// resourceOf returns the plural by which the API server knows a kind.
func resourceOf(kind string) string {
	lower := strings.ToLower(kind)
	if stem, ok := strings.CutSuffix(lower, "y"); ok {
		return stem + "ies"
	}
	return lower + "s"
}

// foreignOf lists the objects of other operators in a namespace, empty for all, and those of
// the cluster. Kinds that the cluster does not have are none.
func (s *session) foreignOf(ctx context.Context, namespace string) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	for _, kind := range foreignKinds() {
		items, err := s.listForeign(ctx, kind, namespace)
		if err != nil {
			return nil, err
		}
		for i := range items {
			all = append(all, &items[i])
		}
	}
	return all, nil
}

func (s *session) listForeign(ctx context.Context, kind foreignKind, namespace string) ([]unstructured.Unstructured, error) {
	if kind.cluster {
		namespace = ""
	}
	for _, version := range kind.versions {
		gvr := schema.GroupVersionResource{Group: kind.group, Version: version, Resource: resourceOf(kind.kind)}
		list, err := s.dynamic.Resource(gvr).Namespace(namespace).List(ctx, metav1.ListOptions{})
		switch {
		case apierrors.IsNotFound(err):
			continue
		case apierrors.IsForbidden(err) && kind.cluster:
			s.warn("Note: you may not list %s, so what refers to one is not converted.", gvr.GroupResource())
			return nil, nil
		case err != nil:
			return nil, lacking(fmt.Errorf("listing %s: %w", gvr.GroupResource(), err), right{verb: "list", group: kind.group, resource: gvr.Resource, namespace: namespace})
		}
		return list.Items, nil
	}
	return nil, nil
}

// foreignIn reads objects from files. One that names no namespace is of the session's.
func (s *session) foreignIn(files []string, recursive bool) ([]*unstructured.Unstructured, error) {
	infos, err := resource.NewLocalBuilder().Unstructured().
		FilenameParam(false, &resource.FilenameOptions{Filenames: files, Recursive: recursive}).
		StdinInUse().Flatten().Do().Infos()
	if err != nil {
		return nil, fmt.Errorf("reading the objects: %w", err)
	}
	var all []*unstructured.Unstructured
	for _, info := range infos {
		object, ok := info.Object.(*unstructured.Unstructured)
		if !ok {
			continue
		}
		if object.GetNamespace() == "" && !strings.HasPrefix(object.GetKind(), "Cluster") {
			object.SetNamespace(s.namespace)
		}
		all = append(all, object)
	}
	return all, nil
}
