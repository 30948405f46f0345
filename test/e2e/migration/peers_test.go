// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/test/e2e/harness"
)

// peer is another operator: where its published module has its CustomResourceDefinitions.
type peer struct {
	module, version, sum string
	folder               string
	kinds                []string // the definitions that are wanted, by plural and group
}

// Their definitions are read of the modules that they publish, of the newest version that
// the module registry has. Infisical's operator is published as no module, so its objects are
// not tried against definitions; the plugin's own files are all there is.
func peers() []peer {
	return []peer{{
		module: "github.com/external-secrets/external-secrets", version: "v1.3.2", sum: "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=",
		folder: "config/crds/bases",
		kinds:  []string{"external-secrets.io_externalsecrets", "external-secrets.io_secretstores", "external-secrets.io_clustersecretstores"},
	}, {
		module: "github.com/hashicorp/vault-secrets-operator", version: "v0.10.0", sum: "h1:BjOTBJRqx1SLo7NeyqNJWRPDyfRscbqPtGU1U2LzArg=",
		folder: "chart/crds",
		kinds:  []string{"secrets.hashicorp.com_vaultstaticsecrets", "secrets.hashicorp.com_vaultauths", "secrets.hashicorp.com_vaultconnections"},
	}}
}

// defined makes the definitions once, whichever test comes first.
var defined sync.Once //nolint:gochecknoglobals // One cluster serves all tests.

// definePeers has the API server know the kinds of the other operators.
func definePeers(t *testing.T, n *harness.Tenant) {
	t.Helper()
	defined.Do(func() {
		for _, p := range peers() {
			folder := filepath.Join(p.download(t), p.folder)
			for _, kind := range p.kinds {
				define(t, n, filepath.Join(folder, kind+".yaml"))
			}
		}
	})
}

// download returns where the module is on this machine. Its checksum is the pinned one.
func (p peer) download(t *testing.T) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", p.module+"@"+p.version)
	command.Dir = t.TempDir() // Outside of our module, whose requirements this is none of.
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		t.Fatalf("downloading %s: %v\n%s%s", p.module, err, out, &complaints)
	}
	var module struct{ Dir, Sum string }
	harness.Must(t, json.Unmarshal(out, &module))
	if module.Sum != p.sum {
		t.Fatalf("%s@%s has the checksum %s, not the pinned one", p.module, p.version, module.Sum)
	}
	return module.Dir
}

// define makes one definition and waits until the API server serves its kind.
func define(t *testing.T, n *harness.Tenant, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	harness.Must(t, err)
	definition := &unstructured.Unstructured{}
	harness.Must(t, yaml.Unmarshal(text, &definition.Object))
	// Their webhook, which translates between versions, does not run here.
	unstructured.RemoveNestedField(definition.Object, "spec", "conversion")
	harness.Must(t, n.Client.Create(t.Context(), definition))
	harness.Await(t, "the definition "+definition.GetName(), func() string {
		harness.Must(t, n.Client.Get(t.Context(), client.ObjectKeyFromObject(definition), definition))
		conditions, _, _ := unstructured.NestedSlice(definition.Object, "status", "conditions")
		for _, condition := range conditions {
			members, _ := condition.(map[string]any)
			if members["type"] == "Established" && members["status"] == "True" {
				return ""
			}
		}
		return "it is not established"
	})
}

// kindOf returns whether the API server maps a kind already; discovery lags behind.
func kindOf(n *harness.Tenant, object *unstructured.Unstructured) error {
	gvk := object.GroupVersionKind()
	_, err := n.Client.RESTMapper().RESTMapping(schema.GroupKind{Group: gvk.Group, Kind: gvk.Kind}, gvk.Version)
	if meta.IsNoMatchError(err) {
		return err //nolint:wrapcheck // shown as it is
	}
	return nil
}
