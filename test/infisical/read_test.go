// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

// api is one version of the API for reading secrets.
type api struct{ list, project string }

func apis() map[string]api {
	return map[string]api{
		"V3": {list: "/api/v3/secrets/raw", project: "workspaceId"},
		"V4": {list: "/api/v4/secrets", project: "projectId"},
	}
}

func (w *world) root() admin.Place { return w.project.At("dev", "/") }

func TestListAndGet(t *testing.T) {
	w := newWorld(t, infisical.Options{})
	made := must(w.admin.CreateSecret(t.Context(), w.root(), "A", "1"))(t)
	must(w.admin.SetSecret(t.Context(), w.root(), "A", "2"))(t)
	for name, api := range apis() {
		t.Run(name, func(t *testing.T) {
			list := w.get(t, api.list, api.project, w.project.ID, "environment", "dev")
			list.is(t, http.StatusOK, "")
			if diff := cmp.Diff(map[string]string{"A": "2"}, list.values(t)); diff != "" {
				t.Error(diff)
			}
			for field, want := range map[string]any{
				"id": made.ID, "_id": made.ID, "workspace": w.project.ID, "environment": "dev", "version": 2.0, "type": "shared",
				"secretPath": "/", "secretValueHidden": false, "isRotatedSecret": false,
			} {
				if got := list.at(t, "secrets", 0, field); got != want {
					t.Errorf("%s is %v, want %v", field, got, want)
				}
			}
			for version, want := range map[string]string{"1": "1", "2": "2"} {
				one := w.get(t, api.list+"/A", api.project, w.project.ID, "environment", "dev", "version", version)
				one.is(t, http.StatusOK, "")
				if got := one.text(t, "secret", "secretValue"); got != want || one.text(t, "secret", "id") != made.ID {
					t.Errorf("version %s: %s", version, one.raw)
				}
			}
		})
	}
}
