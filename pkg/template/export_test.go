// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import "github.com/secretsync/secretsync/pkg/sensitive"

// Replacements are the functions of others for which there is another here.
func Replacements() map[string]string { return replacements() }

// SaltFor returns the salt of a user's hashes.
func SaltFor(names Names, user string) ([]byte, error) { return saltFor(names, user) }

// RenderFor is Render of an execution that may cost a part of what others may, so that a test of
// what ends it is quick.
func (s *Set) RenderFor(part int, names Names, values map[string]sensitive.Value) (map[string]sensitive.Value, error) {
	return s.render(newRun(names, maxCost/part, maxOutput), values)
}
