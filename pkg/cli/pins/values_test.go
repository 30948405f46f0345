// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pins

import (
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// TestOfValues: where values have versions, fields are pinned and entries are not.
func TestOfValues(t *testing.T) {
	sources := []Source{{Path: "db", Values: []Value{
		{Field: "PASSWORD", Version: "7"}, {Field: "HOST", Version: "2", From: "shared"},
	}}}
	for name, tc := range map[string]struct {
		field, want, warning string
	}{
		"Field":    {field: "PASSWORD", want: "7"},
		"Imported": {field: "HOST", warning: "comes from shared"},
		"NotTaken": {field: "USER", warning: "not made of it"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &v1alpha1.SecretSync{Spec: v1alpha1.SecretSyncSpec{Data: []v1alpha1.DataItem{
				{SecretKey: "K", From: v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{Path: "db"}, Field: tc.field}},
			}}}
			fragment, unpinned := Of(s, sources)
			if got := fragment.Spec.Data[0].From.Version; got != tc.want {
				t.Errorf("want version %q, got %q", tc.want, got)
			}
			if text := strings.Join(unpinned, "; "); !strings.Contains(text, tc.warning) || tc.warning == "" && text != "" {
				t.Errorf("want a warning with %q, got %q", tc.warning, text)
			}
		})
	}
	whole := &v1alpha1.SecretSync{Spec: v1alpha1.SecretSyncSpec{DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "db"}}}}}
	if fragment, unpinned := Of(whole, sources); fragment.Spec.DataFrom[0].Entry.Version != "" || len(unpinned) != 1 {
		t.Errorf("want the whole entry unpinned and said so, got %+v and %q", fragment, unpinned)
	}
}
