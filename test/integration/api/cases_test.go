// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"maps"
	"slices"
	"testing"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// apiCase is one object: the smallest one of a kind, with a patch.
type apiCase struct {
	reason string
	// patch is a JSON merge patch in YAML.
	patch string
	// field is what a refusal names; empty if the object is accepted.
	field string
	// says is what a refusal tells about what is valid.
	says string
}

// kindCases are the smallest object of a kind and what is tried with it.
type kindCases struct {
	smallest string
	cases    map[string]apiCase
}

// allCases maps each kind to its cases. A backend of the cluster is tried with all that
// is tried with one of a namespace, and with its own.
func allCases() map[string]kindCases {
	const vault = "spec: {vault: {address: 'https://vault.corp:8200', auth: {token: {secretRef: {name: vault, key: token}}}}}"
	cluster := backendCases()
	maps.Copy(cluster, allowCases())
	sync := syncCases()
	maps.Copy(sync, sourceCases())
	maps.Copy(sync, selectingCases())
	maps.Copy(sync, targetCases())
	maps.Copy(sync, templateCases())
	maps.Copy(sync, restartCases())
	return map[string]kindCases{
		"SecretSync": {
			smallest: "{metadata: {name: app, namespace: default}, spec: {dataFrom: [{entry: {path: app}}]}}",
			cases:    sync,
		},
		"SecretBackend":        {smallest: "{metadata: {name: app, namespace: default}, " + vault + "}", cases: backendCases()},
		"ClusterSecretBackend": {smallest: "{metadata: {name: app}, " + vault + "}", cases: cluster},
		"ClusterSecretSync": {
			smallest: "{metadata: {name: app}, spec: {secretSync: {spec: {dataFrom: [{entry: {path: app}}]}}}}",
			cases:    fanOutCases(sync),
		},
	}
}

// object returns the smallest object of the kind, patched.
func object(t *testing.T, kind string, of kindCases, patch string) map[string]any {
	t.Helper()
	original, err := yaml.YAMLToJSON([]byte(of.smallest))
	if err != nil {
		t.Fatalf("parsing the smallest %s: %v", kind, err)
	}
	change, err := yaml.YAMLToJSON([]byte(patch))
	if err != nil {
		t.Fatalf("parsing %q: %v", patch, err)
	}
	if patch == "" {
		change = []byte("{}")
	}
	merged, err := jsonpatch.MergePatch(original, change)
	if err != nil {
		t.Fatalf("patching with %q: %v", patch, err)
	}
	// As the API machinery does it, whole numbers are int64.
	var result map[string]any
	if err := utiljson.Unmarshal(merged, &result); err != nil {
		t.Fatalf("parsing %q: %v", merged, err)
	}
	result["apiVersion"], result["kind"] = "secretsync.io/v1alpha1", kind
	return result
}

// accepted returns the accepted objects of every kind, by kind and name of the case.
func accepted(t *testing.T) map[string]map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]map[string]any{}
	for kind, of := range allCases() {
		all[kind] = map[string]map[string]any{"Smallest": object(t, kind, of, "")}
		for _, name := range slices.Sorted(maps.Keys(of.cases)) {
			if of.cases[name].field == "" {
				all[kind][name] = object(t, kind, of, of.cases[name].patch)
			}
		}
	}
	return all
}
