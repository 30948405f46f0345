// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical_test

import (
	"net/http"
	"strings"
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

func TestListAndGet(t *testing.T) {
	w := newWorld(t)
	made := w.create(t, "A", "1")
	must(w.Admin.SetSecret(t.Context(), w.root(), "A", "2"))(t)
	for name, api := range apis() {
		t.Run(name, func(t *testing.T) {
			list := w.get(t, api.list, api.project, w.project.ID, "environment", "dev")
			list.is(t, http.StatusOK, "")
			if diff := cmp.Diff(map[string]string{"A": "2"}, list.values(t)); diff != "" {
				t.Error(diff)
			}
			for field, want := range map[string]any{
				"id": made.ID, "_id": made.ID, "workspace": w.project.ID, "environment": "dev", "version": 2.0, "type": "shared",
				"secretPath": "/", "secretValueHidden": false, "isRotatedSecret": false, "secretComment": "",
			} {
				if got := list.at(t, "secrets", 0, field); got != want {
					t.Errorf("%s is %v, want %v", field, got, want)
				}
			}
			for _, field := range []string{"createdAt", "updatedAt"} {
				if list.text(t, "secrets", 0, field) == "" {
					t.Errorf("no %s", field)
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
	one := w.get(t, "/api/v4/secrets/id/"+made.ID)
	one.is(t, http.StatusOK, "")
	if one.text(t, "secret", "secretValue") != "2" {
		t.Errorf("by id: %s", one.raw)
	}
}

func TestRefusedReads(t *testing.T) {
	w := newWorld(t)
	w.create(t, "A", "1")
	cases := map[string]struct {
		reason     string
		path       string // below the list
		parameters []string
		status     int
		name       string
	}{
		"NoEnvironment":     {parameters: []string{"environment", ""}, status: 400, name: "BadRequest"},
		"OtherEnvironment":  {reason: "as a missing folder", parameters: []string{"environment", "none"}, status: 404, name: "SecretPathNotFound"},
		"OtherFolder":       {parameters: []string{"secretPath", "/none"}, status: 404, name: "SecretPathNotFound"},
		"OneOtherFolder":    {path: "/A", parameters: []string{"secretPath", "/none"}, status: 404, name: "GetSecretByName"},
		"OneMissing":        {path: "/NONE", status: 404, name: "NotFound"},
		"OneMissingVersion": {path: "/A", parameters: []string{"version", "9"}, status: 404, name: "NotFound"},
		"Number":            {path: "/A", parameters: []string{"version", "x"}, status: 422, name: "ValidationFailure"},
		"Boolean1":          {reason: "true and false alone", parameters: []string{"recursive", "1"}, status: 422, name: "ValidationFailure"},
		"BooleanTRUE":       {parameters: []string{"viewSecretValue", "TRUE"}, status: 422, name: "ValidationFailure"},
		"BooleanEmpty":      {parameters: []string{"expandSecretReferences", ""}, status: 422, name: "ValidationFailure"},
	}
	for version, api := range apis() {
		for name, tc := range cases {
			t.Run(version+name, func(t *testing.T) {
				parameters := append([]string{api.project, w.project.ID, "environment", "dev"}, tc.parameters...)
				refused := w.get(t, api.list+tc.path, parameters...)
				refused.is(t, tc.status, tc.name)
				if refused.body["statusCode"] != float64(tc.status) || len(refused.text(t, "reqId")) != len("req-")+14 {
					t.Errorf("%s: %s", tc.reason, refused.raw)
				}
				if _, list := refused.body["message"].([]any); list != (tc.status == 422) {
					t.Errorf("%s: the message is %s", tc.reason, refused.raw)
				}
			})
		}
	}
}

func TestInvalidAsTheRewriteHasIt(t *testing.T) {
	w := simulated(t, infisical.Options{Behavior: infisical.Behavior{InvalidIs400: true}})
	refused := w.list(t, "recursive", "1")
	refused.is(t, http.StatusBadRequest, "ValidationFailure")
	if _, ok := refused.at(t, "fieldErrors", "recursive").([]any); !ok {
		t.Errorf("%s", refused.raw)
	}
}

// TestDefaults is what is done about references and imports when nothing is said of them.
func TestDefaults(t *testing.T) {
	type told struct {
		Value   string
		Imports bool
	}
	cases := map[string]struct {
		behavior   infisical.Behavior
		api        string
		parameters []string
		want       told
	}{
		"V3":             {api: "V3", want: told{"<${A}>", false}},
		"V3Imports":      {api: "V3", parameters: []string{"include_imports", "true"}, want: told{"<${A}>", true}},
		"V3EmptySlug":    {api: "V3", parameters: []string{"workspaceSlug", ""}, want: told{"<${A}>", false}},
		"V4":             {api: "V4", want: told{"<1>", true}},
		"V4Said":         {api: "V4", parameters: []string{"expandSecretReferences", "false", "includeImports", "false"}, want: told{"<${A}>", false}},
		"V4OldSpelling":  {api: "V4", parameters: []string{"include_imports", "false"}, want: told{"<1>", false}},
		"V4TwoSpellings": {api: "V4", parameters: []string{"include_imports", "false", "includeImports", "false"}, want: told{"<1>", false}},
		"Early":          {behavior: infisical.Behavior{EarlyV4: true}, api: "V4", want: told{"<${A}>", false}},
		"EarlyNewSpelling": {
			behavior: infisical.Behavior{EarlyV4: true}, api: "V4", parameters: []string{"includeImports", "true"}, want: told{"<${A}>", false},
		},
		"EarlyOldSpelling": {
			behavior: infisical.Behavior{EarlyV4: true}, api: "V4", parameters: []string{"include_imports", "true"}, want: told{"<${A}>", true},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := simulated(t, infisical.Options{Behavior: tc.behavior})
			w.folder(t, "shared")
			w.create(t, "A", "1")
			w.create(t, "B", "<${A}>")
			must(w.Admin.Import(t.Context(), w.root(), w.project.At("dev", "/shared")))(t)
			api := apis()[tc.api]
			list := w.get(t, api.list, append([]string{api.project, w.project.ID, "environment", "dev"}, tc.parameters...)...)
			list.is(t, http.StatusOK, "")
			imports, _ := list.at(t, "imports").([]any)
			if diff := cmp.Diff(tc.want, told{list.values(t)["B"], len(imports) > 0}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOldServerHasNoVersion4(t *testing.T) {
	w := simulated(t, infisical.Options{Behavior: infisical.OldServer()})
	w.create(t, "A", "1")
	w.list(t).is(t, http.StatusNotFound, "Not Found")
	list := w.get(t, "/api/v3/secrets/raw", "workspaceSlug", w.project.Slug, "environment", "dev")
	if diff := cmp.Diff(map[string]string{"A": "1"}, list.values(t)); diff != "" {
		t.Error(diff)
	}
}

func TestImportsOnTheWire(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"first", "second"} {
		w.folder(t, name)
		w.create(t, "KEY", name, "/"+name)
	}
	for _, name := range []string{"first", "second"} {
		must(w.Admin.Import(t.Context(), w.root(), w.project.At("dev", "/"+name)))(t)
	}
	list := w.list(t, "includeImports", "true", "include_imports", "true")
	list.is(t, http.StatusOK, "")
	for i, want := range []string{"first", "second"} {
		if list.text(t, "imports", i, "secretPath") != "/"+want || list.text(t, "imports", i, "secrets", 0, "secretValue") != want {
			t.Errorf("import %d: %s", i, list.raw)
		}
		told, _ := list.at(t, "imports", i, "secrets", 0).(map[string]any)
		for _, field := range []string{"createdAt", "updatedAt", "secretPath"} {
			if _, there := told[field]; there {
				t.Errorf("an imported secret has a %s: %s", field, list.raw)
			}
		}
		if told["version"] != 1.0 || list.text(t, "imports", i, "environment") != "dev" || list.text(t, "imports", i, "folderId") == "" {
			t.Errorf("import %d: %s", i, list.raw)
		}
	}
	one := w.get(t, "/api/v4/secrets/KEY", append(w.v4(), "includeImports", "true")...)
	one.is(t, http.StatusOK, "")
	if one.text(t, "secret", "secretValue") != "second" {
		t.Errorf("the last import wins: %s", one.raw)
	}
}

// TestPermissionsOnTheWire is what a client sees of a change of its permissions.
func TestPermissionsOnTheWire(t *testing.T) {
	w := newWorld(t)
	w.folder(t, "deep")
	w.create(t, "A", "1")
	w.create(t, "B", "2")
	w.create(t, "DEEP", "3", "/deep")
	w.create(t, "REF", "${dev.A}", "/deep")
	ctx := t.Context()
	rule := func(conditions map[string]any, action ...string) admin.Rule {
		return admin.Rule{Subject: "secrets", Action: action, Conditions: conditions}
	}
	const describe, value = "describeSecret", "readValue"
	role := must(w.Admin.CreateRole(ctx, w.project.ID, "custom", rule(nil, describe, value)))(t)
	check(t, w.Admin.ChangeRoles(ctx, w.project.ID, w.reader.ID, "custom"))
	listed := func(parameters ...string) map[string]string {
		t.Helper()
		list := w.list(t, parameters...)
		list.is(t, http.StatusOK, "")
		return list.values(t)
	}
	if diff := cmp.Diff(map[string]string{"A": "1", "B": "2"}, listed()); diff != "" {
		t.Error(diff)
	}

	check(t, w.Admin.ChangeRole(ctx, w.project.ID, role, rule(map[string]any{"secretName": map[string]any{"$eq": "A"}}, describe, value)))
	if diff := cmp.Diff(map[string]string{"A": "1"}, listed()); diff != "" {
		t.Errorf("a list shrinks in silence: %s", diff)
	}

	check(t, w.Admin.ChangeRole(ctx, w.project.ID, role, rule(nil, describe)))
	refused := w.list(t)
	refused.is(t, http.StatusForbidden, "PermissionDenied")
	if refused.text(t, "details", 0, "subject") != "secrets" || refused.text(t, "details", 0, "action") == "" {
		t.Errorf("%s", refused.raw)
	}
	const hidden = "<hidden-by-infisical>"
	list := w.list(t, "viewSecretValue", "false")
	if diff := cmp.Diff(map[string]string{"A": hidden, "B": hidden}, list.values(t)); diff != "" {
		t.Error(diff)
	}
	if list.at(t, "secrets", 0, "secretValueHidden") != any(true) {
		t.Errorf("%s", list.raw)
	}
	w.get(t, "/api/v4/secrets/A", w.v4()...).is(t, http.StatusForbidden, "ForbiddenReadSecretError")

	inDeep := map[string]any{"secretPath": map[string]any{"$glob": "/deep"}}
	check(t, w.Admin.ChangeRole(ctx, w.project.ID, role, rule(inDeep, describe, value)))
	if diff := cmp.Diff(map[string]string{"DEEP": "3", "REF": "${dev.A}"}, listed("recursive", "true")); diff != "" {
		t.Errorf("deeper ones are left out or told one by one: %s", diff)
	}
	w.list(t, "secretPath", "/deep", "expandSecretReferences", "true").is(t, http.StatusForbidden, "")

	check(t, w.Admin.Leave(ctx, w.project.ID, w.reader.ID))
	if status := w.list(t).status; status != http.StatusForbidden && status != http.StatusNotFound {
		t.Errorf("who is not in the project gets %d", status)
	}
}

func TestForeignProject(t *testing.T) {
	for is404, status := range map[bool]int{true: http.StatusNotFound, false: http.StatusForbidden} {
		w := simulated(t, infisical.Options{Behavior: infisical.Behavior{ForeignProjectIs404: is404}})
		other := must(w.Admin.CreateProject(t.Context(), "other"))(t)
		w.list(t, "projectId", other.ID).is(t, status, "")
	}
}

func TestUnknownProject(t *testing.T) {
	for is403, status := range map[bool]int{true: http.StatusForbidden, false: http.StatusNotFound} {
		w := simulated(t, infisical.Options{Behavior: infisical.Behavior{UnknownProjectIs403: is403}})
		w.list(t, "projectId", "00000000-0000-0000-0000-000000000000").is(t, status, "")
	}
}

func TestFiltersOnTheWire(t *testing.T) {
	w := newWorld(t)
	tag := must(w.Admin.CreateTag(t.Context(), w.project.ID, "k8s"))(t)
	must(w.Admin.CreateSecret(t.Context(), w.root(), "TAGGED", "1", admin.Extra{"tagIds": []string{tag}}))(t)
	must(w.Admin.CreateSecret(t.Context(), w.root(), "OWNED", "2", admin.Extra{
		"secretMetadata": []map[string]any{{"key": "owner", "value": "core"}},
	}))(t)
	w.create(t, "PLAIN", "3")
	for filter, want := range map[string]map[string]string{
		"tagSlugs=k8s":                         {"TAGGED": "1"},
		"tagSlugs=none":                        {},
		"metadataFilter=key=owner,value=core":  {"OWNED": "2"},
		"metadataFilter=key=owner,value=other": {},
	} {
		name, value, _ := strings.Cut(filter, "=")
		if diff := cmp.Diff(want, w.list(t, name, value).values(t)); diff != "" {
			t.Errorf("%s: %s", filter, diff)
		}
	}
	tagged := w.list(t, "tagSlugs", "k8s")
	if tagged.text(t, "secrets", 0, "tags", 0, "slug") != "k8s" || tagged.text(t, "secrets", 0, "tags", 0, "id") != tag {
		t.Errorf("%s", tagged.raw)
	}
}

// TestRecursionKeepsThePaths: the same key in two folders comes twice, each with its path.
func TestRecursionKeepsThePaths(t *testing.T) {
	w := newWorld(t)
	w.folder(t, "deep")
	w.create(t, "KEY", "top")
	w.create(t, "KEY", "deep", "/deep")
	list := w.list(t, "recursive", "true")
	list.is(t, http.StatusOK, "")
	got := map[string]string{}
	for i := range 2 {
		got[list.text(t, "secrets", i, "secretPath")] = list.text(t, "secrets", i, "secretValue")
	}
	if diff := cmp.Diff(map[string]string{"/": "top", "/deep": "deep"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestKeysInPaths: a key that is escaped is found, and a path that is none answers as no route.
func TestKeysInPaths(t *testing.T) {
	w := newWorld(t)
	for _, key := range []string{"A?B", "A#B", "A%41", "ä b", "A.B"} {
		made := w.create(t, key, "1")
		if made.Key != key {
			t.Errorf("made %q, want %q", made.Key, key)
		}
	}
	list := w.list(t)
	if got := len(list.values(t)); got != 5 {
		t.Errorf("%d keys: %s", got, list.raw)
	}
	w.get(t, "/api/v4/secrets/../secrets", w.v4()...).is(t, http.StatusNotFound, "")
	w.get(t, "/api/v4/nothing").is(t, http.StatusNotFound, "")
	w.get(t, "/api/v4/secrets/", w.v4()...).is(t, http.StatusOK, "")
}

func TestRenamedEnvironment(t *testing.T) {
	w := newWorld(t)
	w.create(t, "A", "1")
	check(t, w.Admin.RenameEnvironment(t.Context(), w.project.ID, w.project.Environments[0].ID, "development"))
	w.list(t).is(t, http.StatusNotFound, "SecretPathNotFound")
	w.list(t, "environment", "development").is(t, http.StatusOK, "")
}

func TestProjects(t *testing.T) {
	w := newWorld(t)
	for path, steps := range map[string][]any{
		"/api/v1/projects/slug/" + w.project.Slug: {"id"},
		"/api/v1/projects/" + w.project.ID:        {"project", "id"},
		"/api/v1/workspace/" + w.project.ID:       {"workspace", "id"},
		"/api/v2/workspace/" + w.project.Slug:     {"id"},
	} {
		found := w.get(t, path)
		found.is(t, http.StatusOK, "")
		if found.text(t, steps...) != w.project.ID {
			t.Errorf("%s: %s", path, found.raw)
		}
	}
	w.get(t, "/api/v1/projects/slug/none-such").is(t, http.StatusNotFound, "NotFound")
	var slugs []string
	for _, e := range w.project.Environments {
		slugs = append(slugs, e.Slug)
	}
	if diff := cmp.Diff([]string{"dev", "staging", "prod"}, slugs); diff != "" {
		t.Error(diff)
	}
}

func TestStatus(t *testing.T) {
	w := newWorld(t)
	status := w.do(t, asked{method: http.MethodGet, path: "/api/status"})
	status.is(t, http.StatusOK, "")
	if status.text(t, "message") != "Ok" {
		t.Errorf("%s", status.raw)
	}
}
