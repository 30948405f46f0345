// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package argocd

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

var update = flag.Bool("update", false, "write the ConfigMap anew from the Lua files") //nolint:gochecknoglobals // a flag

const configMapFile = "argocd-cm.yaml"

const configMapHead = `# What SecretSync gives to Argo CD; ../argocd.md says how to install it.
# Made from the Lua files beside it: go test ./test/argocd -update
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-cm
  namespace: argocd
  labels:
    app.kubernetes.io/name: argocd-cm
    app.kubernetes.io/part-of: argocd
data:
`

// actionNames are the actions, in the order of the ConfigMap.
func actionNames() []string { return []string{"rollback-previous", "follow", "refresh"} }

// configMap composes the file that people install.
func configMap(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	text.WriteString(configMapHead)
	for _, kind := range []string{v1alpha1.KindSecretSync, v1alpha1.KindSecretBackend, v1alpha1.KindClusterSecretBackend} {
		text.WriteString("  resource.customizations.health.secretsync.io_" + kind + ": |\n")
		text.WriteString(indented("    ", read(t, healthFile(kind))))
	}
	text.WriteString("  resource.customizations.actions.secretsync.io_SecretSync: |\n")
	text.WriteString("    discovery.lua: |\n" + indented("      ", read(t, "actions/discovery.lua")))
	text.WriteString("    definitions:\n")
	for _, name := range actionNames() {
		text.WriteString("      - name: " + name + "\n        action.lua: |\n")
		text.WriteString(indented("          ", read(t, "actions/"+name+".lua")))
	}
	return text.String()
}

func healthFile(kind string) string {
	if kind == v1alpha1.KindSecretSync {
		return "health-secretsync.lua"
	}
	return "health-backend.lua"
}

func indented(by, text string) string {
	var result strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			result.WriteString(by)
		}
		result.WriteString(line)
	}
	return result.String()
}

func TestConfigMapIsMadeOfTheFiles(t *testing.T) {
	want := configMap(t)
	if *update {
		if err := os.WriteFile(filepath.Join(folder, configMapFile), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, read(t, configMapFile)); diff != "" {
		t.Errorf("run go test ./test/argocd -update (-want +got):\n%s", diff)
	}
}

// TestArgoCDReadsTheConfigMap reads the file as Argo CD does, and finds in it the very texts
// that the other tests run.
func TestArgoCDReadsTheConfigMap(t *testing.T) {
	var object corev1.ConfigMap
	if err := yaml.UnmarshalStrict([]byte(read(t, configMapFile)), &object); err != nil {
		t.Fatal(err)
	}
	const health = "resource.customizations.health.secretsync.io_"
	const actions = "resource.customizations.actions.secretsync.io_SecretSync"
	var defined struct {
		Discovery   string `json:"discovery.lua"`
		Definitions []struct {
			Name   string `json:"name"`
			Action string `json:"action.lua"`
		} `json:"definitions"`
	}
	if err := yaml.UnmarshalStrict([]byte(object.Data[actions]), &defined); err != nil {
		t.Fatal(err)
	}
	delete(object.Data, actions)
	want := map[string]string{
		health + "SecretSync":           read(t, "health-secretsync.lua"),
		health + "SecretBackend":        read(t, "health-backend.lua"),
		health + "ClusterSecretBackend": read(t, "health-backend.lua"),
	}
	if diff := cmp.Diff(want, object.Data); diff != "" {
		t.Errorf("health checks (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(read(t, "actions/discovery.lua"), defined.Discovery); diff != "" {
		t.Errorf("discovery (-want +got):\n%s", diff)
	}
	for _, definition := range defined.Definitions {
		if diff := cmp.Diff(read(t, "actions/"+definition.Name+".lua"), definition.Action); diff != "" {
			t.Errorf("action %s (-want +got):\n%s", definition.Name, diff)
		}
	}
}

// TestEveryActionIsOfferedAndDefined keeps discovery, the definitions and the folder in step.
func TestEveryActionIsOfferedAndDefined(t *testing.T) {
	var offered map[string]action
	if err := run(t, read(t, "actions/discovery.lua"), live(t, sixServed(), v1alpha1.KindSecretSync), &offered); err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(actionNames()))
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(offered))); diff != "" {
		t.Errorf("offered (-want +got):\n%s", diff)
	}
	files, err := filepath.Glob(filepath.Join(folder, "actions", "*.lua"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".lua"); name != "discovery" {
			found = append(found, name)
		}
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("in the folder (-want +got):\n%s", diff)
	}
}
