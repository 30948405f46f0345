// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import "strings"

// ObjectKey returns the one text that names a backend object wherever one is recorded:
// kind/namespace/name, or kind/name where there is no namespace.
func ObjectKey(kind, namespace, name string) string {
	if namespace == "" {
		return kind + "/" + name
	}
	return kind + "/" + namespace + "/" + name
}

// ParseObjectKey returns what a key of ObjectKey is made of; ok is false if it is none.
func ParseObjectKey(key string) (kind, namespace, name string, ok bool) {
	parts := strings.Split(key, "/")
	switch len(parts) {
	case 2:
		kind, name = parts[0], parts[1]
	case 3:
		kind, namespace, name = parts[0], parts[1], parts[2]
	}
	if kind == "" || name == "" || len(parts) == 3 && namespace == "" {
		return "", "", "", false
	}
	return kind, namespace, name, true
}
