// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/infisical"
)

// TestFoldersAreFound: a folder with all below it, by both generations of Infisical's API;
// one that is made arrives, one without secrets adds nothing, and a secret that is hidden takes
// no key away.
func TestFoldersAreFound(t *testing.T) {
	t.Parallel()
	for name, behavior := range map[string]infisical.Behavior{"New": infisical.NewServer(), "Old": infisical.OldServer()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, infisical.Options{Behavior: behavior}, nil)
			n.create(t, "pay", texts{"OWN": "in-the-folder-itself"})
			n.create(t, "pay/db/main", texts{"PASSWORD": "main-password"})
			n.create(t, "elsewhere", texts{"PASSWORD": "not-taken"})
			n.Sync(t, "found", func(s *v1alpha1.SecretSync) {
				s.Spec.DataFrom = []v1alpha1.DataFrom{{
					Find:    &v1alpha1.FindSource{Path: "pay", Recursive: new(true), Keys: v1alpha1.KeysPathAndField},
					Shaping: v1alpha1.Shaping{Rename: []v1alpha1.RenameRule{{Case: v1alpha1.CaseUpper}}},
				}}
			})
			held := texts{"OWN": "in-the-folder-itself", "DB_MAIN_PASSWORD": "main-password"}
			n.AwaitSecret(t, "found", held)
			n.create(t, "pay/mq", texts{"TOKEN": "mq-token"})
			held["MQ_TOKEN"] = "mq-token"
			n.AwaitSecret(t, "found", held)
			n.AwaitReady(t, "found", 2)

			n.permit(t, allowed(hidden("/pay/mq", "TOKEN"))...)
			n.AwaitCondition(t, "found", v1alpha1.ConditionReady, metav1.ConditionFalse, "NothingShown")
			n.AwaitSecret(t, "found", held)
			n.permit(t, allowed()...)
			n.AwaitReady(t, "found", 2)
		})
	}
}

// TestFoundFoldersAtRest: while nothing changes, two SecretSyncs of one folder cost one list of its
// folders an interval, and one of the secrets of each, which is answered without content.
func TestFoundFoldersAtRest(t *testing.T) {
	t.Parallel()
	n := newTenant(t, infisical.Options{}, nil)
	held := texts{}
	for _, folder := range []string{"pay", "pay/a", "pay/b", "pay/c"} {
		key := strings.ToUpper(strings.ReplaceAll(folder, "/", "_"))
		held[key] = "the-value-of-" + key
		n.create(t, folder, texts{key: held[key]})
	}
	for _, name := range []string{"one", "two"} {
		n.Sync(t, name, func(s *v1alpha1.SecretSync) {
			s.Spec.DataFrom = []v1alpha1.DataFrom{{Find: &v1alpha1.FindSource{Path: "pay"}}}
		})
		n.AwaitSecret(t, name, held)
		n.AwaitReady(t, name, 1)
	}
	n.sim.Forget()
	since := time.Now()
	harness.Await(t, "each folder to be listed twice", func() string {
		if all, _ := n.lists(); all < 2*len(held) {
			return fmt.Sprintf("there were %d lists", all)
		}
		return ""
	})
	most := int(time.Since(since)/harness.Interval) + 2
	if all, unchanged := n.lists(); all != unchanged || all > most*len(held) {
		t.Errorf("want every list answered with 304, and at most %d, got %d of %d", most*len(held), unchanged, all)
	}
	folders := 0
	for _, r := range n.sim.Requests() {
		if strings.HasSuffix(r.Path, "/folders") {
			folders++
		}
	}
	if folders == 0 || folders > most {
		t.Errorf("want one list of folders in each interval, at most %d, got %d", most, folders)
	}
}
