// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package selecting

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

var suite = harness.NewSuite(harness.Options{}) //nolint:gochecknoglobals // One world serves most tests.

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

// fields and texts keep the tests short.
type (
	fields = map[string]any
	texts  = map[string]string
)

// find makes a SecretSync take what is in a folder.
func find(path string, edits ...func(*v1alpha1.DataFrom)) harness.SyncEdit {
	from := v1alpha1.DataFrom{Find: &v1alpha1.FindSource{Path: path}}
	for _, edit := range edits {
		edit(&from)
	}
	return func(s *v1alpha1.SecretSync) { s.Spec.DataFrom = []v1alpha1.DataFrom{from} }
}

// allow lets the tenant read all entries of its engine, and list its folders or not; more are lines
// of its policy besides.
func allow(t *testing.T, n *harness.Tenant, list bool, more ...string) {
	t.Helper()
	capabilities := `"read"`
	if list {
		capabilities += `, "list"`
	}
	harness.Must(t, n.Vault.WritePolicy(t.Context(), n.Namespace, fmt.Sprintf(
		`path "%[1]s/data/*" { capabilities = ["read"] }
		 path "%[1]s/metadata/*" { capabilities = [%[2]s] }`, n.Namespace, capabilities)+"\n"+strings.Join(more, "\n")))
}

// restart ends the operator as a crash does, and starts another. Tests that do so do not run
// side by side with others.
func restart(t *testing.T) {
	t.Helper()
	o := suite.World(t).Operator
	o.Kill()
	<-o.Exited()
	harness.Must(t, o.Start(harness.Patiently(t)))
}
