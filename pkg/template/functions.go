// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"maps"
	"slices"
)

// Costs of functions that take time beside the size of what they are given: a password hash is
// slow on purpose, and a key is checked.
const (
	hashCost  = 2 << 20
	keyCost   = 32 << 10
	storeCost = 128 << 10
)

// list returns every function that templates may use, beside and, or, not and len.
func (r *run) list() map[string]function {
	list := map[string]function{}
	for _, group := range []map[string]any{
		basics(), r.members(), textual(), lists(), objects(), numbers(), encodings(), files(),
	} {
		for name, call := range group {
			list[name] = function{call: call}
		}
	}
	maps.Copy(list, r.keys())
	return list
}

// Functions lists the names of the functions that templates may use, sorted.
func Functions() []string {
	known := names()
	for _, evaluating := range builtins() {
		known[evaluating] = nil
	}
	return slices.Sorted(maps.Keys(known))
}
