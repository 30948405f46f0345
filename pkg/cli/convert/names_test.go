// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/cli/convert"
)

// TestNamesThatMeet: objects of two operators may have one name. What they become is not mixed up.
func TestNamesThatMeet(t *testing.T) {
	file := filepath.Join(t.TempDir(), "theirs.yaml")
	store := `
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: db, namespace: shop}
spec: {provider: {vault: {server: "https://vault.corp.example", path: kv, auth: {tokenSecretRef: {name: t, key: t}}}}}
---`
	text := store + externalSecretOf(`{dataFrom: [{extract: {key: a}, sourceRef: {storeRef: {name: db}}}], target: {name: of-vault}}`) + "---" +
		infisicalSecretOf(`managedSecretReference: {secretName: of-infisical, secretNamespace: shop}`) + "---" + storeOfVault[:len(storeOfVault)-len("---")]
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	result := convert.Convert(objectsOf(t, file), convert.Options{})
	reads := map[string]string{}
	for _, sync := range result.Syncs {
		reads[sync.Name+" for "+sync.Spec.Target.Name] = sync.Spec.BackendRef.Name
	}
	if diff := cmp.Diff(map[string]string{"db for of-vault": "db", "db-2 for of-infisical": "db-2"}, reads); diff != "" {
		t.Errorf("which SecretSync reads which backend (-want +got):\n%s", diff)
	}
	if len(result.Backends) != 3 {
		t.Errorf("%d backends, want one for each store and login", len(result.Backends))
	}
	want := map[string]string{"of-vault": "db", "of-infisical": "db-2"}
	for _, handover := range result.Handovers {
		if want[handover.Secret.Name] != handover.Sync {
			t.Errorf("Secret %s goes to %s", handover.Secret, handover.Sync)
		}
	}
}
