// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/manifests"
)

// openAPI has the definitions of the API server's OpenAPI by name.
type openAPI struct {
	Definitions map[string]map[string]any `json:"definitions"`
}

// TestSchemas compares what the chart renders to with the schemas of the API server, which
// no field may lack, by kubeconform.
func TestSchemas(t *testing.T) {
	folder := schemas(t)
	if out, good := conforms(t, folder, []byte(`{"apiVersion":"v1","kind":"Service","metadata":{"name":"x"},"spec":{"portz":[]}}`)); good {
		t.Fatalf("a field that nobody knows is accepted: %s", out)
	}
	options := []manifests.RenderOptions{{}, {Values: everything()}, {Values: values{"scope": values{"namespaces": []string{"a"}, "clusterReviews": true}}}}
	for _, file := range examples(t) {
		options = append(options, manifests.RenderOptions{File: file})
	}
	for _, o := range options {
		o.Namespace, o.KubeVersion = namespace, "1.36.0"
		chart, err := manifests.Render(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		var stream bytes.Buffer
		for _, object := range chart.Objects {
			text, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			stream.WriteString("---\n" + string(text) + "\n")
		}
		if out, good := conforms(t, folder, stream.Bytes()); !good {
			t.Errorf("%+v: %s", o, out)
		}
	}
}

// conforms reports whether objects conform to the schemas in a folder, and why not.
func conforms(t *testing.T, folder string, stream []byte) (string, bool) {
	t.Helper()
	kubeconform, err := binaries.Path(binaries.Kubeconform)
	if err != nil {
		t.Fatal(err)
	}
	// The Prometheus Operator's kinds are not in a bare Kubernetes.
	command := exec.CommandContext(t.Context(), kubeconform, "-skip", ofOthers+"/ServiceMonitor,"+ofOthers+"/PrometheusRule",
		"-schema-location", filepath.Join(folder, "{{.ResourceKind}}-{{.ResourceAPIVersion}}.json"), "-summary", "-")
	command.Stdin = bytes.NewReader(stream)
	out, err := command.CombinedOutput()
	return string(out), err == nil
}

// schemas writes a schema per kind of a real API server, ours included, and returns the
// folder.
func schemas(t *testing.T) string {
	t.Helper()
	servers := cluster.ForTest(t, cluster.Options{})
	c, err := client.New(servers.Config(), client.Options{Scheme: operator.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	if err := manifests.ApplyCRDs(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	d, err := discovery.NewDiscoveryClientForConfig(servers.Config())
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	err = wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		text, err := d.RESTClient().Get().AbsPath("/openapi/v2").SetHeader("Accept", "application/json").DoRaw(t.Context())
		if err != nil {
			return false, err
		}
		var spec openAPI
		if err := json.Unmarshal(text, &spec); err != nil {
			return false, err
		}
		return spec.write(t, folder)["SecretSync"], nil
	})
	if err != nil {
		t.Fatalf("waiting for the schemas of our kinds: %v", err)
	}
	return folder
}

// write writes a schema for each kind and returns the kinds.
func (s *openAPI) write(t *testing.T, folder string) map[string]bool {
	t.Helper()
	for _, definition := range s.Definitions {
		if _, open := definition["additionalProperties"]; definition["properties"] != nil && !open {
			definition["additionalProperties"] = false
		}
		if definition["format"] == "int-or-string" {
			definition["type"] = []string{"integer", "string"}
		}
	}
	kinds := map[string]bool{}
	for name, definition := range s.Definitions {
		of, _ := definition["x-kubernetes-group-version-kind"].([]any)
		if len(of) != 1 { // several have what belongs to no kind, as options of deletion
			continue
		}
		kind, _ := of[0].(map[string]any)
		needed := map[string]any{}
		s.collect(name, needed)
		text, err := json.Marshal(map[string]any{"$ref": "#/definitions/" + name, "definitions": needed})
		if err != nil {
			t.Fatal(err)
		}
		file := strings.ToLower(kind["kind"].(string)) + "-" + kind["version"].(string) + ".json"
		if err := os.WriteFile(filepath.Join(folder, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
		kinds[kind["kind"].(string)] = true
	}
	return kinds
}

// collect adds a definition and all that it refers to.
func (s *openAPI) collect(name string, needed map[string]any) {
	if needed[name] != nil {
		return
	}
	needed[name] = s.Definitions[name]
	s.follow(s.Definitions[name], needed)
}

func (s *openAPI) follow(node any, needed map[string]any) {
	switch node := node.(type) {
	case map[string]any:
		if ref, ok := node["$ref"].(string); ok {
			s.collect(strings.TrimPrefix(ref, "#/definitions/"), needed)
		}
		for _, child := range node {
			s.follow(child, needed)
		}
	case []any:
		for _, child := range node {
			s.follow(child, needed)
		}
	}
}
