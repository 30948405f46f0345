// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/secretsync/secretsync/pkg/cli/convert"
)

const (
	storeOfVault = `
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: vault, namespace: shop}
spec: {provider: {vault: {server: "https://vault.corp.example", path: kv, auth: {tokenSecretRef: {name: t, key: t}}}}}
---`
	loginOfInfisical = `universalAuth: {secretsScope: {projectSlug: p, envSlug: e, secretsPath: /}, credentialsRef: {secretName: s, secretNamespace: shop}}`
)

// TestChanges: a Secret changes hands only if nothing is lost of what makes its content.
func TestChanges(t *testing.T) {
	cases := map[string]struct {
		text    string
		changes bool
	}{
		"Nothing": {text: storeOfVault + externalSecretOf(`dataFrom: [{extract: {key: a}}]`)},
		"AnItem": {changes: true, text: storeOfVault +
			externalSecretOf(`{dataFrom: [{extract: {key: a}}], data: [{secretKey: all, remoteRef: {key: a}}]}`)},
		"AnAnnotation": {text: storeOfVault +
			externalSecretOf(`{dataFrom: [{extract: {key: a}}], target: {template: {metadata: {annotations: {a: "{{ .a }}"}}}}}`)},
		"ATemplateOfASecret": {changes: true, text: storeOfVault +
			externalSecretOf(`{dataFrom: [{extract: {key: a}}], target: {template: {templateFrom: [{secret: {name: s, items: [{key: k}]}}]}}}`)},
		"ATemplateOfOneReference":    {changes: true, text: infisicalSecretOf(`managedSecretReference: {secretName: s, secretNamespace: shop, template: {data: {A: "{{ .A.SecretPath }}"}}}`)},
		"ATemplateOfManyReferences":  {changes: true, text: infisicalSecretOf(`managedKubeSecretReferences: [{secretName: s, secretNamespace: shop, template: {data: {A: "{{ .A.SecretPath }}"}}}]`)},
		"WhatIsServedOfNoTemplate":   {changes: true, text: infisicalSecretOf(`managedSecretReference: {secretName: s, secretNamespace: shop, template: {metadata: {labels: {a: b}}}}`)},
		"ReferencesThatCarryOver":    {text: infisicalSecretOf(`managedSecretReference: {secretName: s, secretNamespace: shop, template: {data: {A: "{{ .A.Value }}"}}}`)},
		"AConfigMapBesideTheSecrets": {text: infisicalSecretOf(`{managedSecretReference: {secretName: s, secretNamespace: shop}, managedKubeConfigMapReferences: [{configMapName: c, configMapNamespace: shop}]}`)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "theirs.yaml")
			if err := os.WriteFile(file, []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			result := convert.Convert(objectsOf(t, file), convert.Options{})
			if len(result.Handovers) != 1 || result.Handovers[0].Changes != tc.changes {
				t.Errorf("handovers %+v, want one with changes %t; notes %+v", result.Handovers, tc.changes, result.Notes)
			}
		})
	}
}

func externalSecretOf(rest string) string {
	return object("external-secrets.io/v1", "ExternalSecret", "secretStoreRef: {name: vault}", rest)
}

func infisicalSecretOf(rest string) string {
	return object("secrets.infisical.com/v1alpha1", "InfisicalSecret", "authentication: {"+loginOfInfisical+"}", rest)
}

// object is one whose specification is one member and others, which are given as an object in
// one line or without its braces.
func object(version, kind, member, rest string) string {
	if rest[0] == '{' {
		rest = rest[1 : len(rest)-1]
	}
	return "\napiVersion: " + version + "\nkind: " + kind + "\nmetadata: {name: db, namespace: shop}\nspec: {" + member + ", " + rest + "}\n"
}
