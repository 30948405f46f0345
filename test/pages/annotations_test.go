// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli"
	"github.com/secretsync/secretsync/pkg/revision"
)

func TestRollback(t *testing.T) {
	for text, want := range map[string]string{
		"3": FormNumber, "previous": revision.Previous, "current": revision.Current, "2026-11-12T14:00:00Z": FormTime,
		"7": "", "03": "", "last": "", "2999-01-01T00:00:00Z": "", "2026-11-12 14:00": "",
	} {
		if got, err := Rollback(text); got != want || (err == nil) != (want != "") {
			t.Errorf("Rollback(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
}

// TestAnnotatingByHand: what the pages tell to write with kubectl annotate are annotations that
// SecretSync knows, and texts that it understands.
func TestAnnotatingByHand(t *testing.T) {
	written := map[string]int{}
	for _, page := range all(t) {
		for _, words := range page.Commands("kubectl annotate") {
			for _, word := range words {
				if manager, found := strings.CutPrefix(word, "--field-manager="); found && manager != cli.FieldManager {
					t.Errorf("%s: as %q what is written does not last everywhere, as %q it does", page.Name, manager, cli.FieldManager)
				}
				key, value, set := strings.Cut(word, "=")
				if !strings.HasPrefix(key, v1alpha1.GroupName+"/") {
					continue
				}
				key = strings.TrimSuffix(key, "-")
				written[key]++
				if _, err := Rollback(value); key == v1alpha1.AnnotationRollbackTo && set && err != nil {
					t.Errorf("%s: %s: %v", page.Name, word, err)
				}
			}
		}
	}
	for _, key := range []string{
		v1alpha1.AnnotationRollbackTo, v1alpha1.AnnotationRefresh, v1alpha1.AnnotationPauseUntil, v1alpha1.AnnotationAccept,
		v1alpha1.AnnotationForget, v1alpha1.AnnotationAdoptBy, v1alpha1.AnnotationDefaultBackend,
		v1alpha1.AnnotationHoldReason,
	} {
		if written[key] == 0 {
			t.Errorf("no page shows how to write %s", key)
		}
		delete(written, key)
	}
	for key := range written {
		t.Errorf("a page shows how to write %s, which nobody reads", key)
	}
}
