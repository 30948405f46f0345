// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of errors about who is served and may read what, all InvalidSpec.
const (
	// ReasonNotAllowed: the backend does not let this namespace read that path.
	ReasonNotAllowed = "NotAllowed"
	// ReasonInvalidAllow: spec.allow of the backend itself is wrong.
	ReasonInvalidAllow = "InvalidAllow"
	// ReasonInvalidSelector: a selector of namespaces is none.
	ReasonInvalidSelector = "InvalidSelector"
)

// Guard says which paths of a backend one namespace may read. It is an immutable value;
// the zero Guard allows nothing.
type Guard struct {
	everything bool
	namespace  string
	served     bool
	patterns   []pathPattern
}

// AllowAll returns the guard of a SecretBackend, which serves its own namespace only and
// therefore guards nothing.
func AllowAll() Guard { return Guard{everything: true, served: true} }

// NewGuard compiles allow for a namespace with these labels. Whether allow is valid does
// not depend on the namespace. A nil allow, and one without namespaces or without paths,
// allows nothing. Errors: InvalidSpec, naming the field of the backend and what is valid.
func NewGuard(allow *v1alpha1.Allow, namespace string, namespaceLabels map[string]string) (Guard, error) {
	if allow == nil {
		return Guard{namespace: namespace}, nil
	}
	selection, err := SelectionOf(allow.Namespaces)
	if err != nil {
		return Guard{}, invalidAllow("spec.allow.namespaces.%s", fault.As(err).Message)
	}
	for i, key := range allow.TrustedLabels {
		if len(validation.IsQualifiedName(key)) > 0 {
			return Guard{}, invalidAllow("spec.allow.trustedLabels[%d]: %q is not the key of a label, as in team or corp.example/team", i, key)
		}
	}
	scope := patternScope{namespace: namespace, labels: namespaceLabels, trusted: allow.TrustedLabels}
	guard := Guard{namespace: namespace, served: selection.Has(namespace, namespaceLabels)}
	for i, text := range allow.Paths {
		pattern, err := scope.compile(text)
		if err != nil {
			return Guard{}, invalidAllow("spec.allow.paths[%d]: %s", i, err.Message)
		}
		guard.patterns = append(guard.patterns, pattern)
	}
	return guard, nil
}

// NamespaceAllowed reports whether the backend serves the namespace at all.
func (g Guard) NamespaceAllowed() bool { return g.served }

// Allows reports whether the namespace may read the entry at path.
func (g Guard) Allows(path string) bool {
	if g.everything {
		return true
	}
	if !g.served {
		return false
	}
	parts := segments(path)
	return slices.ContainsFunc(g.patterns, func(p pathPattern) bool { return p.matches(parts) })
}

// CheckOrigin returns nil if the namespace may be given a value that comes from elsewhere
// than its entry, else an InvalidSpec NotAllowed that names the field and where it is from.
// Paths of another container (an environment) are what no pattern speaks of.
func (g Guard) CheckOrigin(ref EntryRef, field string, from Origin) error {
	switch {
	case from == Origin{} || g.everything || !from.Beyond && from.Container == "" && g.Allows(from.Path):
		return nil
	case from.Beyond:
		return fault.New(fault.InvalidSpec, ReasonNotAllowed, "field %q of %q comes through path %q from another place, which spec.allow.paths of the backend cannot be compared with",
			field, ref.path, from.Path)
	case from.Container != "":
		return fault.New(fault.InvalidSpec, ReasonNotAllowed, "field %q of %q comes from %q of %q, which spec.allow.paths of the backend cannot allow",
			field, ref.path, from.Path, from.Container)
	default:
		return fault.New(fault.InvalidSpec, ReasonNotAllowed, "field %q of %q comes from path %q, which is not allowed for namespace %q: spec.allow.paths of the backend allows %s",
			field, ref.path, from.Path, g.namespace, listPatterns(g.patterns))
	}
}

// Check returns nil if the namespace may read the entry, else an InvalidSpec NotAllowed
// that names the path and what is allowed.
func (g Guard) Check(ref EntryRef) error {
	switch {
	case g.Allows(ref.path):
		return nil
	case !g.served:
		return fault.New(fault.InvalidSpec, ReasonNotAllowed, "namespace %q is not served by this backend: spec.allow.namespaces of the backend does not select it", g.namespace)
	case len(g.patterns) == 0:
		return fault.New(fault.InvalidSpec, ReasonNotAllowed, "path %q is not allowed: spec.allow.paths of the backend is empty, so that nothing is", ref.path)
	default:
		return fault.New(fault.InvalidSpec, ReasonNotAllowed, "path %q is not allowed for namespace %q: spec.allow.paths of the backend allows %s",
			ref.path, g.namespace, listPatterns(g.patterns))
	}
}

func invalidAllow(format string, args ...any) *fault.Error {
	return fault.New(fault.InvalidSpec, ReasonInvalidAllow, format, args...)
}
