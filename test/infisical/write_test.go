// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

// is compares a refusal of the administrator's client.
func refusedWith(t *testing.T, err error, status int) {
	t.Helper()
	var refused *admin.Error
	if !errors.As(err, &refused) || refused.Status != status {
		t.Errorf("%v, want a refusal with %d", err, status)
	}
}

func TestWrites(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	made := w.create(t, "A", "  1\t")
	if made.Value != "1" || made.Version != 1 || made.Key != "A" {
		t.Errorf("made %+v", made)
	}
	set := must(w.Admin.SetSecret(ctx, w.root(), "A", "-----BEGIN\nEND-----\n"))(t)
	if set.Value != "-----BEGIN\nEND-----\n" || set.Version != 2 || set.ID != made.ID {
		t.Errorf("set %+v", set)
	}
	renamed := must(w.Admin.ChangeSecret(ctx, w.root(), "A", admin.Extra{"newSecretName": "B"}))(t)
	if renamed.Key != "B" || renamed.Version != 3 || renamed.ID != made.ID {
		t.Errorf("renamed %+v", renamed)
	}
	check(t, w.Admin.DeleteSecret(ctx, w.root(), "B"))
	again := w.create(t, "B", "2")
	if again.ID == made.ID || again.Version != 1 {
		t.Errorf("made again %+v", again)
	}
	check(t, w.Admin.CreateSecrets(ctx, w.root(), map[string]string{"C": "3", "D": ""}))
	if diff := cmp.Diff(map[string]string{"B": "2", "C": "3", "D": ""}, w.list(t).values(t)); diff != "" {
		t.Error(diff)
	}

	_, err := w.Admin.CreateSecret(ctx, w.root(), "B", "1")
	refusedWith(t, err, http.StatusBadRequest)
	refusedWith(t, w.Admin.CreateSecrets(ctx, w.root(), map[string]string{"C": "1"}), http.StatusBadRequest)
	refusedWith(t, w.Admin.CreateSecrets(ctx, w.root(), nil), http.StatusUnprocessableEntity)
	_, err = w.Admin.SetSecret(ctx, w.root(), "NONE", "1")
	refusedWith(t, err, http.StatusNotFound)
	_, err = w.Admin.CreateSecret(ctx, w.project.At("dev", "/none"), "A", "1")
	refusedWith(t, err, http.StatusNotFound)
	for _, key := range []string{"A:B", "A/B"} {
		_, err = w.Admin.CreateSecret(ctx, w.root(), key, "1")
		refusedWith(t, err, http.StatusUnprocessableEntity)
	}
	w.post(t, "/api/v4/secrets/X", map[string]any{
		"projectId": w.project.ID, "environment": "dev", "secretPath": "/", "secretValue": "1",
	}).is(t, http.StatusForbidden, "PermissionDenied") // the reader
}

// TestBatches changes and deletes several secrets in one write.
func TestBatches(t *testing.T) {
	w := newWorld(t)
	check(t, w.Admin.CreateSecrets(t.Context(), w.root(), map[string]string{"A": "1", "B": "2"}))
	body := map[string]any{"projectId": w.project.ID, "environment": "dev", "secretPath": "/"}
	call := func(method string, secrets ...map[string]any) {
		t.Helper()
		body["secrets"] = secrets
		check(t, w.Admin.Call(t.Context(), method, "/api/v4/secrets/batch", body, nil))
	}
	call(http.MethodPatch, map[string]any{"secretKey": "A", "secretValue": "3"}, map[string]any{"secretKey": "B", "secretValue": "4"})
	if diff := cmp.Diff(map[string]string{"A": "3", "B": "4"}, w.list(t).values(t)); diff != "" {
		t.Error(diff)
	}
	call(http.MethodDelete, map[string]any{"secretKey": "A"}, map[string]any{"secretKey": "B"})
	if diff := cmp.Diff(map[string]string{}, w.list(t).values(t)); diff != "" {
		t.Error(diff)
	}
}

func TestApproval(t *testing.T) {
	w := simulated(t, infisical.Options{Behavior: infisical.Behavior{ApprovalRequired: true}})
	check(t, w.Admin.ChangeRoles(t.Context(), w.project.ID, w.reader.ID, "member"))
	asks := w.post(t, "/api/v4/secrets/X", map[string]any{
		"projectId": w.project.ID, "environment": "dev", "secretPath": "/", "secretValue": "1",
	})
	asks.is(t, http.StatusOK, "")
	if _, made := asks.body["secret"]; made || asks.text(t, "approval", "id") == "" {
		t.Errorf("%s", asks.raw)
	}
	if got := w.list(t).values(t); len(got) != 0 {
		t.Errorf("written without approval: %v", got)
	}
}

func TestVersionOfAnotherSecret(t *testing.T) {
	w := simulated(t, infisical.Options{})
	old := w.create(t, "A", "old")
	check(t, w.Admin.DeleteSecret(t.Context(), w.root(), "A"))
	made := w.create(t, "A", "new")
	one := w.get(t, "/api/v4/secrets/A", append(w.v4(), "version", "1")...)
	one.is(t, http.StatusOK, "")
	if one.text(t, "secret", "id") != old.ID || one.text(t, "secret", "secretValue") != "old" || old.ID == made.ID {
		t.Errorf("%s", one.raw)
	}
}

func TestVersionOfAnImport(t *testing.T) {
	w := simulated(t, infisical.Options{})
	w.folder(t, "shared")
	w.create(t, "A", "imported", "/shared")
	must(w.Admin.SetSecret(t.Context(), w.project.At("dev", "/shared"), "A", "imported again"))(t)
	must(w.Admin.Import(t.Context(), w.root(), w.project.At("dev", "/shared")))(t)
	ask := append(w.v4(), "version", "7")
	w.get(t, "/api/v4/secrets/A", ask...).is(t, http.StatusNotFound, "NotFound")
	one := w.get(t, "/api/v4/secrets/A", append(ask, "includeImports", "true")...)
	one.is(t, http.StatusOK, "")
	if one.at(t, "secret", "version") != 2.0 || one.text(t, "secret", "secretValue") != "imported again" {
		t.Errorf("%s", one.raw)
	}
}

func TestFoldersAndImportsOnTheWire(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	w.folder(t, "api")
	must(w.Admin.CreateFolder(ctx, w.project.At("dev", "/api"), "db"))(t)
	for _, tc := range []struct{ path, project string }{{"/api/v2/folders", "projectId"}, {"/api/v1/folders", "workspaceId"}} {
		list := w.get(t, tc.path, tc.project, w.project.ID, "environment", "dev", "path", "/", "recursive", "true")
		list.is(t, http.StatusOK, "")
		var paths []string
		folders, _ := list.at(t, "folders").([]any)
		for i := range folders {
			paths = append(paths, list.text(t, "folders", i, "relativePath"))
		}
		if tc.project == "projectId" && !cmp.Equal([]string{"api", "api/db"}, paths) {
			t.Errorf("%s: %s", tc.path, list.raw)
		}
		w.get(t, tc.path, tc.project, w.project.ID, "environment", "dev", "path", "/none").is(t, http.StatusNotFound, "")
	}
	id := must(w.Admin.Import(ctx, w.root(), w.project.At("dev", "/api")))(t)
	list := w.get(t, "/api/v2/secret-imports", "projectId", w.project.ID, "environment", "dev", "path", "/")
	list.is(t, http.StatusOK, "")
	if list.text(t, "secretImports", 0, "id") != id || list.text(t, "secretImports", 0, "importEnv", "slug") != "dev" ||
		list.text(t, "secretImports", 0, "importPath") != "/api" {
		t.Errorf("%s", list.raw)
	}
	check(t, w.Admin.MoveImport(ctx, w.root(), id, 1))
	check(t, w.Admin.DeleteImport(ctx, w.root(), id))
	w.post(t, "/api/v2/folders", map[string]any{
		"projectId": w.project.ID, "environment": "dev", "path": "/", "name": "x",
	}).is(t, http.StatusForbidden, "PermissionDenied") // the reader
}
