// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// kindWords are the names by which kubectl knows the kind, as in "kubectl get -o name".
func kindWords() []string { return []string{"secretsyncs", "secretsync", "ssync"} }

// parseName returns the name that an argument gives, and the namespace if it gives one: it
// may stand behind its kind, as kubectl prints it, or behind its namespace, as the plugin does.
func parseName(argument string) (namespace, name string, err error) {
	prefix, name, divided := strings.Cut(argument, "/")
	if !divided {
		prefix, name = "", argument
	}
	if name == "" || divided && prefix == "" || strings.Contains(name, "/") {
		return "", "", fmt.Errorf("%w: %q is no name of a SecretSync: give NAME or NAMESPACE/NAME", errUsage, argument)
	}
	if slices.Contains(kindWords(), strings.TrimSuffix(prefix, "."+v1alpha1.GroupName)) {
		prefix = ""
	}
	return prefix, name, nil
}

// enter goes to the namespace that an argument names, if it names one, and returns the name.
// Two different namespaces are an error, and not a question of which one wins.
func (s *session) enter(argument, given string) (name string, err error) {
	namespace, name, err := parseName(argument)
	switch {
	case err != nil:
		return "", err
	case namespace == "":
		return name, nil
	case given != "" && given != namespace:
		return "", fmt.Errorf("%w: %q is of namespace %q, and --namespace says %q", errUsage, argument, namespace, given)
	}
	s.namespace = namespace
	return name, nil
}
