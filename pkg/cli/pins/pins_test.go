// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pins

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
)

func TestOf(t *testing.T) {
	const namespace = "shop"
	ofCluster := backend.ObjectKey(v1alpha1.KindClusterSecretBackend, "", "vault")
	ofNamespace := backend.ObjectKey(v1alpha1.KindSecretBackend, namespace, "other")
	vault := &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: "vault"}
	other := &v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: "other"}
	source := func(backend, version string) Source {
		return Source{Backend: backend, Path: "shop/db", Version: version}
	}
	cases := map[string]struct {
		reason  string
		entry   v1alpha1.EntrySource
		sources []Source
		want    string
		warning string
	}{
		"Pinned":       {sources: []Source{source(ofCluster, "4")}, want: "4"},
		"NoBackend":    {reason: "the status does not tell it", sources: []Source{source("", "4")}, want: "4"},
		"OtherBackend": {sources: []Source{source(ofNamespace, "4")}, warning: "not made of it"},
		"OwnBackend": {
			entry:   v1alpha1.EntrySource{BackendRef: other},
			sources: []Source{source(ofCluster, "4"), source(ofNamespace, "7")}, want: "7",
		},
		"OtherNamespace": {
			reason:  "a backend of the same name elsewhere is another one",
			entry:   v1alpha1.EntrySource{BackendRef: other},
			sources: []Source{source(backend.ObjectKey(v1alpha1.KindSecretBackend, "bank", "other"), "7")}, warning: "not made of it",
		},
		"OtherPath":     {sources: []Source{{Path: "shop/cache", Version: "4"}}, warning: "not made of it"},
		"NoVersions":    {sources: []Source{source("", "")}, warning: "keeps no versions"},
		"Several":       {sources: []Source{source("", "3"), source("", "4")}, warning: "several"},
		"AlreadyPinned": {entry: v1alpha1.EntrySource{Version: "3"}, sources: []Source{source("", "3"), source("", "4")}, want: "3"},
		"Placeholder":   {entry: v1alpha1.EntrySource{Path: "{namespace}/db"}, sources: []Source{source(ofCluster, "4")}, want: "4"},
		"LabelInPath":   {entry: v1alpha1.EntrySource{Path: "{label:team}/db"}, sources: []Source{source(ofCluster, "4")}, warning: "depends on a label"},
		"Repinned":      {reason: "the revision is from before the pin", entry: v1alpha1.EntrySource{Version: "2"}, sources: []Source{source("", "4")}, want: "4"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.entry.Path == "" {
				tc.entry.Path = "shop/db"
			}
			s := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: namespace}, Spec: v1alpha1.SecretSyncSpec{
				BackendRef: vault,
				Data:       []v1alpha1.DataItem{{SecretKey: "P", From: v1alpha1.FieldSource{EntrySource: tc.entry, Field: "p"}}},
				DataFrom:   []v1alpha1.DataFrom{{Entry: &tc.entry}},
			}}
			before := s.DeepCopy()
			fragment, unpinned := Of(s, tc.sources)
			if data, from := fragment.Spec.Data[0].From.Version, fragment.Spec.DataFrom[0].Entry.Version; data != tc.want || from != tc.want {
				t.Errorf("%s: want %q, got %q and %q", tc.reason, tc.want, data, from)
			}
			if got := strings.Join(unpinned, "\n"); (tc.warning == "") != (got == "") || !strings.Contains(got, tc.warning) || len(unpinned) > 1 {
				t.Errorf("want the warning %q once, got %q", tc.warning, got)
			}
			if diff := cmp.Diff(before, s); diff != "" {
				t.Errorf("the object itself was changed: %s", diff)
			}
		})
	}
}

// TestFoldersStayUnpinned: what is found has no pin, and that is said.
func TestFoldersStayUnpinned(t *testing.T) {
	s := &v1alpha1.SecretSync{Spec: v1alpha1.SecretSyncSpec{DataFrom: []v1alpha1.DataFrom{{Find: &v1alpha1.FindSource{Path: "shop"}}}}}
	fragment, unpinned := Of(s, []Source{{Path: "shop/db", Version: "4"}})
	if len(unpinned) != 1 || !strings.Contains(unpinned[0], "shop is not pinned") {
		t.Errorf("want a word about the folder, got %q", unpinned)
	}
	if diff := cmp.Diff(s.Spec.DataFrom, fragment.Spec.DataFrom); diff != "" {
		t.Errorf("the folder is not as it was (-want +got):\n%s", diff)
	}
}
