// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Selection is a compiled choice of namespaces. It is an immutable value; the zero Selection has
// none.
type Selection struct {
	names    []string
	selector labels.Selector // nil matches nothing
}

// SelectionOf compiles s. As everywhere in Kubernetes, an absent selection is none and an empty
// one all. Errors: InvalidSpec, naming the field.
func SelectionOf(s *v1alpha1.NamespaceSelection) (Selection, error) {
	if s == nil {
		return Selection{}, nil
	}
	if len(s.Names) == 0 && s.Selector == nil {
		return Selection{selector: labels.Everything()}, nil
	}
	selector, err := metav1.LabelSelectorAsSelector(s.Selector)
	if err != nil {
		return Selection{}, fault.New(fault.InvalidSpec, ReasonInvalidSelector, "selector: %v", err)
	}
	return Selection{names: s.Names, selector: selector}, nil
}

// Has reports whether a namespace with these labels is named or matched.
func (s Selection) Has(namespace string, namespaceLabels map[string]string) bool {
	return slices.Contains(s.names, namespace) || s.selector != nil && s.selector.Matches(labels.Set(namespaceLabels))
}
