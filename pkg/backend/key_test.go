// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend_test

import (
	"testing"

	"github.com/secretsync/secretsync/pkg/backend"
)

func TestObjectKey(t *testing.T) {
	cases := map[string]struct {
		key                   string
		kind, namespace, name string
		ok                    bool
	}{
		"Namespaced": {key: "SecretBackend/shop/vault", kind: "SecretBackend", namespace: "shop", name: "vault", ok: true},
		"Cluster":    {key: "ClusterSecretBackend/vault", kind: "ClusterSecretBackend", name: "vault", ok: true},
		"Empty":      {},
		"KindAlone":  {key: "SecretBackend"},
		"NoName":     {key: "SecretBackend/"},
		"NoParts":    {key: "SecretBackend//vault"},
		"TooMany":    {key: "a/b/c/d"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			kind, namespace, called, ok := backend.ParseObjectKey(tc.key)
			if kind != tc.kind || namespace != tc.namespace || called != tc.name || ok != tc.ok {
				t.Errorf("got %q, %q, %q, %v", kind, namespace, called, ok)
			}
			if ok && backend.ObjectKey(kind, namespace, called) != tc.key {
				t.Errorf("%q is not its own key again", tc.key)
			}
		})
	}
}
