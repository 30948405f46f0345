// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package environments

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestThreeClusters gives each environment a cluster of its own, one after the other: the same
// manifest serves what is the environment's, from whichever kind of backend.
func TestThreeClusters(t *testing.T) {
	suite.NeedsClusterBackends(t) // those of the example
	p := newPlatform(t)
	binary := suite.World(t).Binary()
	specs := map[string]v1alpha1.SecretSyncSpec{}
	for _, environment := range environments() {
		t.Run(environment, func(t *testing.T) {
			w := harness.ForTest(t, harness.Options{Binary: binary})
			n := p.enter(t, w, environment)
			n.AwaitSecret(t, app, valuesOf(environment))
			specs[environment] = n.AwaitReady(t, app, 1).Spec
		})
	}
	alike(t, specs)
}

// enter sets an environment up and deploys the application in it.
func (p *platform) enter(t *testing.T, w *harness.World, environment string) *harness.Tenant {
	t.Helper()
	if environment == prod {
		furnishProd(t, w)
	} else {
		p.furnish(t, w, environment)
	}
	p.install(t, w, environment+".yaml")
	n := w.In(t, namespaceOf(environment))
	deploy(t, n, "app.yaml")
	return n
}

// alike fails the test unless there is one specification, in every environment.
func alike(t *testing.T, specs map[string]v1alpha1.SecretSyncSpec) {
	t.Helper()
	for _, environment := range environments() {
		if diff := cmp.Diff(specs[dev], specs[environment]); diff != "" || len(specs[environment].Data) == 0 {
			t.Errorf("%s has another specification (-dev +%s):\n%s", environment, environment, diff)
		}
	}
}
