// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"fmt"
	"maps"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/infisical"
)

// bereaved is a way to lose a key: what folders hold and import, which secret is hidden, and
// what the Secret holds once that one is really gone.
type bereaved struct {
	folders map[string]texts
	imports [][2]string // what imports what, in order
	edit    func(*v1alpha1.InfisicalBackend)
	at, key string
	held    texts
	left    texts
	// recalled is how often the revision is read to learn what it took.
	recalled int
}

// losses are the ways of TestRestartBelievesNoLoss.
func losses() map[string]bereaved {
	many := texts{}
	for i := range 40 {
		many[fmt.Sprintf("KEY_%02d", i)] = fmt.Sprintf("the-value-of-key-%02d", i)
	}
	fewer := maps.Clone(many)
	delete(fewer, "KEY_39")
	own, far, last := texts{"A": "the-value-of-a"}, texts{"FAR": "a-value-from-afar"}, texts{"A": "the-value-of-a", "FAR": "another-from-afar"}
	both := texts{"A": "the-value-of-a", "FAR": "a-value-from-afar"}
	recursive := func(s *v1alpha1.InfisicalBackend) { s.Recursive = new(true) }
	return map[string]bereaved{
		"Below": {
			folders: map[string]texts{"db": own, "db/deep": far}, edit: recursive,
			at: "db/deep", key: "FAR", held: both, left: own,
		},
		"BelowWithAnotherBelow": {
			folders: map[string]texts{"db": own, "db/deep": far, "db/deep/er": {"FAR": "another-from-afar"}}, edit: recursive,
			at: "db/deep", key: "FAR", held: both, left: last,
		},
		"Imported": {
			folders: map[string]texts{"db": own, "shared": far}, imports: [][2]string{{"db", "shared"}},
			at: "shared", key: "FAR", held: both, left: own,
		},
		"ImportedByAnImport": {
			folders: map[string]texts{"db": own, "shared": {}, "base": far}, imports: [][2]string{{"shared", "base"}, {"db", "shared"}},
			at: "base", key: "FAR", held: both, left: own,
		},
		"ImportedWithAnotherImport": {
			folders: map[string]texts{"db": own, "shared": {"FAR": "another-from-afar"}, "base": far},
			imports: [][2]string{{"db", "shared"}, {"db", "base"}},
			at:      "base", key: "FAR", held: both, left: last,
		},
		"OwnWithAnImport": {
			folders: map[string]texts{"db": both, "shared": {"FAR": "another-from-afar"}}, imports: [][2]string{{"db", "shared"}},
			at: "db", key: "FAR", held: both, left: last,
		},
		"BeyondWhatAStatusLists": {
			folders: map[string]texts{"db": many}, at: "db", key: "KEY_39", held: many, left: fewer, recalled: 1,
		},
	}
}

// TestRestartBelievesNoLoss: what an identity is no longer shown stays served, though it was
// hidden while no operator ran, and wherever it lay; what is really gone is followed. It runs
// before the tests that run side by side, because all have one operator.
func TestRestartBelievesNoLoss(t *testing.T) { //nolint:paralleltest // See above.
	tenants := map[string]*tenant{}
	for name, how := range losses() {
		n := newTenant(t, infisical.Options{}, how.edit)
		tenants[name] = n
		for path, values := range how.folders {
			n.create(t, path, values)
		}
		for _, i := range how.imports {
			_, err := n.admin.Import(t.Context(), n.at(i[0]), n.at(i[1]))
			harness.Must(t, err)
		}
		n.Sync(t, "db", func(s *v1alpha1.SecretSync) { s.Spec.Safety.MaxKeyLossPercent = new(int32(100)) })
	}
	for name, how := range losses() {
		tenants[name].AwaitSecret(t, "db", how.held)
		tenants[name].AwaitReady(t, "db", 1)
	}
	operator := suite.World(t).Operator
	operator.Kill()
	for name, how := range losses() {
		tenants[name].permit(t, allowed(hidden("/"+how.at, how.key))...)
	}
	began := time.Now()
	harness.Must(t, operator.Start(harness.Patiently(t)))
	for name, how := range losses() { //nolint:paralleltest // See above.
		t.Run(name, func(t *testing.T) {
			n := tenants[name]
			held := n.Secret(t, "db")
			n.AwaitCondition(t, "db", v1alpha1.ConditionReady, metav1.ConditionFalse, "PermissionDenied")
			n.Unchanged(t, held)
			recalled := 0
			for _, r := range n.Requests(t, began) {
				if r.Verb == "get" && r.Resource == "secrets" && r.Name == "db.r1" {
					recalled++
				}
			}
			if recalled != how.recalled {
				t.Errorf("want the revision read %d times, got %d", how.recalled, recalled)
			}
			n.permit(t, allowed()...)
			harness.Must(t, n.admin.DeleteSecret(t.Context(), n.at(how.at), how.key))
			n.Annotate(t, "db", v1alpha1.AnnotationRefresh, "gone")
			n.AwaitSecret(t, "db", how.left)
		})
	}
}
