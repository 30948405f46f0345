// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/test/infisical/store"
)

func secretRoutes() []route {
	routes := []route{
		{"GET /api/v4/secrets/id/{id}", secretsClass, bearers, (*call).getByID},
		{"GET /api/v1/secret/{id}/secret-versions", readClass, people, (*call).listVersions},
	}
	for _, at := range []struct {
		one, batch string
		version    int
	}{
		{one: "/api/v4/secrets", batch: "/api/v4/secrets/batch", version: 4},
		{one: "/api/v3/secrets/raw", batch: "/api/v3/secrets/batch/raw", version: 3},
	} {
		routes = append(routes,
			route{"GET " + at.one, secretsClass, bearers, listOf(at.version)},
			route{"GET " + at.one + "/{name}", secretsClass, bearers, getOf(at.version)},
			route{"POST " + at.one + "/{name}", writeClass, bearers, (*call).createSecret},
			route{"PATCH " + at.one + "/{name}", writeClass, bearers, (*call).updateSecret},
			route{"DELETE " + at.one + "/{name}", writeClass, bearers, (*call).deleteSecret},
			route{"POST " + at.batch, writeClass, bearers, (*call).createSecrets},
			route{"PATCH " + at.batch, writeClass, bearers, (*call).updateSecrets},
			route{"DELETE " + at.batch, writeClass, bearers, (*call).deleteSecrets},
		)
	}
	return routes
}

// defaults is what a version of the API makes of parameters that are not given.
type defaults struct {
	expand, imports bool
	// importNames are the spellings of the parameter that asks for imports.
	importNames []string
}

func (c *call) defaultsOf(version int) defaults {
	switch {
	case version == 3:
		return defaults{importNames: []string{"include_imports", "includeImports"}}
	case c.behavior.EarlyV4:
		return defaults{importNames: []string{"include_imports"}}
	default:
		return defaults{expand: true, imports: true, importNames: []string{"includeImports", "include_imports"}}
	}
}

// place reads which folder is meant. Version 3 takes a project's slug as well.
func (c *call) place(q *query, version int) (store.Place, error) {
	at := store.Place{ProjectID: q.text("projectId"), Environment: q.text("environment"), Path: store.CleanPath(q.text("secretPath"))}
	if version == 3 {
		at.ProjectID = q.text("workspaceId")
		if slug := q.text("workspaceSlug"); at.ProjectID == "" && slug != "" {
			project, err := c.store.Project(slug, true)
			if err != nil {
				return at, err
			}
			at.ProjectID = project.ID
		}
	}
	if at.ProjectID == "" || at.Environment == "" {
		return at, store.BadRequest("Missing project id or environment")
	}
	return at, nil
}

func listOf(version int) handler {
	return func(c *call) (any, error) {
		q, unset := c.query(), c.defaultsOf(version)
		want := store.Query{
			ViewValue: q.flag(true, "viewSecretValue"),
			Expand:    q.flag(unset.expand, "expandSecretReferences"),
			Recursive: q.flag(false, "recursive"),
			Imports:   q.flag(unset.imports, unset.importNames...),
			Metadata:  metadataFilter(q.text("metadataFilter")),
		}
		q.flag(false, "includePersonalOverrides")
		if tags := q.text("tagSlugs"); tags != "" {
			want.Tags = strings.Split(tags, ",")
		}
		if err := q.err(); err != nil {
			return nil, err
		}
		var err error
		if want.Place, err = c.place(q, version); err != nil {
			return nil, err
		}
		return c.list(want)
	}
}

// list answers from the cache of ETags if it can, before anything is read.
func (c *call) list(want store.Query) (any, error) {
	able, err := c.ability(want.ProjectID)
	if err != nil {
		return nil, err
	}
	field := fmt.Sprintf("%s\n%s\n%q", c.caller.ID, able.Fingerprint(), fmt.Sprintf("%+v", want))
	if !c.behavior.HashedETags {
		known := c.etags.get(want.ProjectID, field)
		if known != "" && known == c.request.Header.Get("If-None-Match") {
			c.etag = known
			return notModified{}, nil
		}
	}
	secrets, blocks, err := c.store.List(able, want)
	if err != nil {
		return nil, err
	}
	told := tellList(secrets, blocks)
	if !c.behavior.HashedETags {
		text, err := json.Marshal(told)
		if err != nil {
			return nil, err
		}
		c.etag = listETag(text)
		c.etags.put(want.ProjectID, field, c.etag)
	}
	return told, nil
}

func getOf(version int) handler {
	return func(c *call) (any, error) {
		q, unset := c.query(), c.defaultsOf(version)
		want := store.Reading{
			Key:       c.path("name"),
			Version:   q.number("version"),
			ViewValue: q.flag(true, "viewSecretValue"),
			Expand:    q.flag(unset.expand, "expandSecretReferences"),
			Imports:   q.flag(unset.imports, unset.importNames...),
		}
		if kind := q.text("type"); kind != "" && !slices.Contains([]string{"shared", "personal"}, kind) {
			q.issues = append(q.issues, issue{
				Code: "invalid_enum_value", Options: []string{"shared", "personal"}, Received: kind, Path: []string{"type"},
				Message: "Invalid enum value. Expected 'shared' | 'personal', received '" + kind + "'",
			})
		}
		if err := q.err(); err != nil {
			return nil, err
		}
		var err error
		if want.Place, err = c.place(q, version); err != nil {
			return nil, err
		}
		able, err := c.ability(want.ProjectID)
		if err != nil {
			return nil, err
		}
		found, err := c.store.Get(able, want)
		if err != nil {
			return nil, err
		}
		return map[string]any{"secret": tell(found)}, nil
	}
}

func (c *call) getByID() (any, error) {
	found, err := c.store.ByID(c.path("id"), c.ability)
	if err != nil {
		return nil, err
	}
	return map[string]any{"secret": tell(found)}, nil
}

// listVersions is for people alone, in every server that was read.
func (c *call) listVersions() (any, error) {
	q := c.query()
	offset, limit := q.number("offset"), q.number("limit")
	if err := q.err(); err != nil {
		return nil, err
	}
	if offset == nil || limit == nil {
		return nil, &invalid{[]issue{required("offset"), required("limit")}}
	}
	if !c.caller.User {
		if _, err := c.store.ByID(c.path("id"), c.ability); err != nil {
			return nil, err
		}
	}
	rows := c.store.Versions(c.path("id"))
	rows = rows[min(*offset, len(rows)):]
	return map[string]any{"secretVersions": tellAll(rows[:min(*limit, len(rows))])}, nil
}

// metadataFilter reads key=a,value=b|key=...
func metadataFilter(text string) []store.Metadata {
	var filter []store.Metadata
	for part := range strings.SplitSeq(text, "|") {
		var one store.Metadata
		for pair := range strings.SplitSeq(part, ",") {
			key, value, _ := strings.Cut(pair, "=")
			switch key {
			case "key":
				one.Key = value
			case "value":
				one.Value = value
			}
		}
		if one != (store.Metadata{}) {
			filter = append(filter, one)
		}
	}
	return filter
}
