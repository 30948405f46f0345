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

// selection is the compiled choice of the namespaces that are to have a SecretSync.
type selection struct {
	backend.Selection

	named, excluded []string
	home            string
}

// selectionOf compiles the choice of a ClusterSecretSync; absent, it is none. home is the
// operator's namespace. Errors: InvalidSpec.
func selectionOf(s *v1alpha1.FanOutNamespaces, home string) (selection, error) {
	if s == nil {
		return selection{}, nil
	}
	chosen, err := backend.SelectionOf(&s.NamespaceSelection)
	if err != nil {
		return selection{}, fmt.Errorf("reading spec.namespaces: %w", err)
	}
	return selection{Selection: chosen, named: s.Names, excluded: s.Exclude, home: home}, nil
}

// has reports whether a namespace is to have a SecretSync. Those of Kubernetes, and the
// operator's own, have to be named.
func (s selection) has(namespace *metav1.PartialObjectMetadata) bool {
	special := strings.HasPrefix(namespace.Name, systemPrefix) || namespace.Name == s.home
	return s.Has(namespace.Name, namespace.Labels) && !slices.Contains(s.excluded, namespace.Name) &&
		(!special || slices.Contains(s.named, namespace.Name))
}
