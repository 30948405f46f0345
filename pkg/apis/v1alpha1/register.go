// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupName is the API group of every kind.
const GroupName = "secretsync.io"

// GroupVersion is the group and version of the types in this package.
var GroupVersion = schema.GroupVersion{Group: GroupName, Version: "v1alpha1"}

// AddToScheme registers the types of this package with s.
func AddToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion,
		&SecretSync{}, &SecretSyncList{},
		&SecretBackend{}, &SecretBackendList{},
		&ClusterSecretBackend{}, &ClusterSecretBackendList{},
		&ClusterSecretSync{}, &ClusterSecretSyncList{},
	)
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
}
