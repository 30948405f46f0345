// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
)

// systemPrefix begins the names of the namespaces that are reserved for Kubernetes itself.
const systemPrefix = "kube-"

// selects reports whether a namespace is to have a SecretSync. Those of Kubernetes, and the
// operator's own, have to be named. Errors: InvalidSpec.
func selects(s *v1alpha1.FanOutNamespaces, namespace *metav1.PartialObjectMetadata, home string) (bool, error) {
	if s == nil {
		return false, nil
	}
	selected, err := backend.Selects(&s.NamespaceSelection, namespace.Name, namespace.Labels)
	if err != nil {
		return false, fmt.Errorf("reading spec.namespaces: %w", err)
	}
	special := strings.HasPrefix(namespace.Name, systemPrefix) || namespace.Name == home
	return selected && !slices.Contains(s.Exclude, namespace.Name) && (!special || slices.Contains(s.Names, namespace.Name)), nil
}
