// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package migration

import (
	"path/filepath"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/secretsync/secretsync/test/e2e/harness"
)

// peer is another operator: where its published module has its CustomResourceDefinitions.
type peer struct {
	harness.Published

	folder string
	kinds  []string // the definitions that are wanted, by plural and group
}

// Their definitions are read of the modules that they publish, of the newest version that
// the module registry has. Infisical's operator is published as no module, so its objects are
// not tried against definitions; the plugin's own files are all there is.
func peers() []peer {
	return []peer{{
		Published: harness.Published{
			Module: "github.com/external-secrets/external-secrets", Version: "v1.3.2", Sum: "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=",
		},
		folder: "config/crds/bases",
		kinds:  []string{"external-secrets.io_externalsecrets", "external-secrets.io_secretstores", "external-secrets.io_clustersecretstores"},
	}, {
		Published: harness.Published{
			Module: "github.com/hashicorp/vault-secrets-operator", Version: "v0.10.0", Sum: "h1:BjOTBJRqx1SLo7NeyqNJWRPDyfRscbqPtGU1U2LzArg=",
		},
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
			folder := filepath.Join(p.Download(t), p.folder)
			for _, kind := range p.kinds {
				n.Define(t, filepath.Join(folder, kind+".yaml"))
			}
		}
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
