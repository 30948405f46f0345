// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"testing"
)

func TestEnter(t *testing.T) {
	cases := map[string]struct {
		argument, given string
		namespace, name string // where the command acts, from namespace here
		err             error
	}{
		"Name":           {argument: "db", namespace: "here", name: "db"},
		"Kind":           {argument: "secretsync/db", namespace: "here", name: "db"},
		"Plural":         {argument: "secretsyncs/db", namespace: "here", name: "db"},
		"Short":          {argument: "ssync/db", namespace: "here", name: "db"},
		"AsKubectlSays":  {argument: "secretsync.secretsync.io/db", namespace: "here", name: "db"},
		"PluralAndGroup": {argument: "secretsyncs.secretsync.io/db", given: "here", namespace: "here", name: "db"},
		"Namespace":      {argument: "shop/db", namespace: "shop", name: "db"},
		"SameNamespace":  {argument: "shop/db", given: "shop", namespace: "shop", name: "db"},
		"OtherNamespace": {argument: "shop/db", given: "bank", err: errUsage},
		"OtherKind":      {argument: "deployment.apps/db", given: "shop", err: errUsage},
		"TooMany":        {argument: "a/b/c", err: errUsage},
		"NoName":         {argument: "shop/", err: errUsage},
		"NoNamespace":    {argument: "/db", err: errUsage},
		"Nothing":        {argument: "", err: errUsage},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := &session{namespace: "here"}
			got, err := s.enter(tc.argument, tc.given)
			if !errors.Is(err, tc.err) {
				t.Fatalf("want %v, got %v", tc.err, err)
			}
			if err == nil && (got != tc.name || s.namespace != tc.namespace) {
				t.Errorf("want %s/%s, got %s/%s", tc.namespace, tc.name, s.namespace, got)
			}
		})
	}
}
