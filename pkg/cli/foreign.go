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
	scope    foreignScope
}

// foreignScope says where the objects of a kind are looked for, if one namespace is converted.
type foreignScope int

const (
	// own: there. Whoever may not list them is told which right is lacking.
	own foreignScope = iota
	// anywhere: there, and wherever else what is there may refer to.
	anywhere
	// cluster: they have no namespace.
	cluster
	// fanOut: they have no namespace either, and are of all; then they are left out.
	fanOut
	// aside: there, to tell of them. They are not converted, so nobody needs the right.
	aside
)

// foreignKinds are the kinds that are read of a cluster.
func foreignKinds() []foreignKind {
	var kinds []foreignKind
	add := func(group string, scope foreignScope, versions []string, names ...string) {
		for _, name := range names {
			kinds = append(kinds, foreignKind{group: group, kind: name, versions: versions, scope: scope})
		}
	}
	eso, alpha, beta := []string{"v1", "v1beta1"}, []string{"v1alpha1"}, []string{"v1beta1"}
	add(convert.GroupExternalSecrets, own, eso, "ExternalSecret", "SecretStore")
	add(convert.GroupExternalSecrets, cluster, eso, "ClusterSecretStore")
	add(convert.GroupExternalSecrets, fanOut, eso, "ClusterExternalSecret")
	add(convert.GroupExternalSecrets, aside, alpha, "PushSecret")
	add(convert.GroupVaultSecrets, own, beta, "VaultStaticSecret")
	add(convert.GroupVaultSecrets, anywhere, beta, "VaultAuth", "VaultConnection")
	add(convert.GroupVaultSecrets, aside, beta, "VaultDynamicSecret", "VaultPKISecret", "VaultAuthGlobal", "SecretTransformation", "HCPVaultSecretsApp")
	add(convert.GroupInfisical, own, alpha, "InfisicalSecret")
	add(convert.GroupInfisical, own, beta, "InfisicalStaticSecret")
	add(convert.GroupInfisical, anywhere, beta, "InfisicalAuth", "InfisicalConnection")
	add(convert.GroupInfisical, aside, alpha, "InfisicalDynamicSecret", "InfisicalPushSecret")
	return kinds
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
		if kind.scope == fanOut && namespace != "" {
			continue
		}
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

// listForeign lists the objects of a kind. Where somebody may not list all of them that could
// matter, it is said and less is listed.
func (s *session) listForeign(ctx context.Context, kind foreignKind, namespace string) ([]unstructured.Unstructured, error) {
	where := namespace
	if kind.scope != own && kind.scope != aside {
		where = ""
	}
	resources := schema.GroupResource{Group: kind.group, Resource: resourceOf(kind.kind)}
	items, err := s.listNewest(ctx, resources, kind.versions, where)
	if !apierrors.IsForbidden(err) {
		return items, err
	}
	switch {
	case kind.scope == anywhere && namespace != "":
		s.warn("Note: you may not list %s of all namespaces, so those of %q only are seen.", resources, namespace)
		return s.listNewest(ctx, resources, kind.versions, namespace)
	case kind.scope == aside:
		s.warn("Note: you may not list %s, which are not converted.", resources)
		return nil, nil
	case kind.scope == cluster, kind.scope == fanOut:
		s.warn("Note: you may not list %s, so what refers to one is not converted.", resources)
		return nil, nil
	default:
		return nil, err
	}
}

// listNewest lists the objects of a namespace, empty for all, in the first version that there is.
func (s *session) listNewest(ctx context.Context, resources schema.GroupResource, versions []string, namespace string) ([]unstructured.Unstructured, error) {
	for _, version := range versions {
		list, err := s.dynamic.Resource(resources.WithVersion(version)).Namespace(namespace).List(ctx, metav1.ListOptions{})
		switch {
		case apierrors.IsNotFound(err):
			continue
		case err != nil:
			return nil, lacking(fmt.Errorf("listing %s: %w", resources, err), right{verb: "list", group: resources.Group, resource: resources.Resource, namespace: namespace})
		}
		return list.Items, nil
	}
	return nil, nil
}

// foreignIn reads objects from files. One that names no namespace is of the session's. Files with
// something else in them, as values of a chart are, lie among manifests often: they are told.
func (s *session) foreignIn(files []string, recursive bool) ([]*unstructured.Unstructured, error) {
	infos, err := resource.NewLocalBuilder().Unstructured().ContinueOnError().
		FilenameParam(false, &resource.FilenameOptions{Filenames: files, Recursive: recursive}).
		StdinInUse().Flatten().Do().Infos()
	switch {
	case err != nil && len(infos) == 0:
		return nil, fmt.Errorf("reading the objects: %w", err)
	case err != nil:
		s.warn("Note: left out, because it is no object: %v", err)
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
