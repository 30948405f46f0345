// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
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
