// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package revision

import (
	"github.com/secretsync/secretsync/pkg/sensitive"
)

const purposeContent = "secretsync.io/content/v1"

// Contents returns short keyed digests of data, bound to namespace and name of a SecretSync
// and to no number: revisions that hold the same have the same. The first is that to write;
// the others are those under which it may have been written before.
func (k Keys) Contents(namespace, name string, data map[string]sensitive.Value) []string {
	var digests []string
	for _, key := range [][]byte{k.Current, k.Previous} {
		if len(key) > 0 {
			m := newMAC(key, purposeContent, ID{Namespace: namespace, Name: name})
			m.content("", data)
			digests = append(digests, m.sum()[:16])
		}
	}
	return digests
}
