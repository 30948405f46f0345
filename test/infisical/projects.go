// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"github.com/secretsync/secretsync/test/infisical/store"
)

func projectRoutes() []route {
	return []route{
		{"POST /api/v1/projects", writeClass, admins, (*call).createProject},
		{"DELETE /api/v1/projects/{id}", writeClass, admins, (*call).deleteProject},
		{"GET /api/v1/projects/{id}", readClass, bearers, (*call).getProject},
		{"GET /api/v1/projects/slug/{slug}", readClass, bearers, (*call).getProjectBySlug},
		{"GET /api/v1/workspace/{id}", readClass, bearers, (*call).getWorkspace},
		{"GET /api/v2/workspace/{slug}", readClass, bearers, (*call).getProjectBySlug},
		{"POST /api/v2/workspace", writeClass, admins, (*call).createProject},
		{"POST /api/v1/workspace/{id}/environments", writeClass, bearers, (*call).createEnvironment},
		{"POST /api/v1/projects/{id}/environments", writeClass, bearers, (*call).createEnvironment},
		{"PATCH /api/v1/projects/{id}/environments/{env}", writeClass, bearers, (*call).renameEnvironment},
		{"POST /api/v1/projects/{id}/tags", writeClass, bearers, (*call).createTag},
		{"POST /api/v1/projects/{id}/roles", writeClass, bearers, (*call).createRole},
		{"PATCH /api/v1/projects/{id}/roles/{role}", writeClass, bearers, (*call).changeRole},
		{"POST /api/v1/projects/{id}/memberships/identities/{identity}", writeClass, bearers, (*call).join},
		{"PATCH /api/v1/projects/{id}/memberships/identities/{identity}", writeClass, bearers, (*call).join},
		{"DELETE /api/v1/projects/{id}/memberships/identities/{identity}", writeClass, bearers, (*call).leave},
	}
}

func (c *call) createProject() (any, error) {
	var body struct {
		Name string `json:"projectName"`
		Slug string `json:"slug"`
	}
	if err := c.body(&body); err != nil {
		return nil, err
	}
	if err := need("projectName", body.Name); err != nil {
		return nil, err
	}
	if body.Slug == "" {
		body.Slug = body.Name
	}
	made, err := c.store.CreateProject(body.Name, body.Slug, c.caller.OrgID)
	if err != nil {
		return nil, err
	}
	if !c.caller.User {
		if err := c.registry.SetRoles(c.caller.ID, made.ID, []string{"admin"}); err != nil {
			return nil, err
		}
	}
	return map[string]any{"project": tellProject(made)}, nil
}

func (c *call) deleteProject() (any, error) {
	gone, err := c.store.DeleteProject(c.path("id"))
	if err != nil {
		return nil, err
	}
	return map[string]any{"project": tellProject(gone)}, nil
}

func (c *call) getProject() (any, error)   { return c.wrappedProject("project") }
func (c *call) getWorkspace() (any, error) { return c.wrappedProject("workspace") }

func (c *call) wrappedProject(as string) (any, error) {
	found, err := c.store.Project(c.path("id"), false)
	if err != nil {
		return nil, err
	}
	if _, err := c.ability(found.ID); err != nil {
		return nil, err
	}
	return map[string]any{as: tellProject(found)}, nil
}

func (c *call) getProjectBySlug() (any, error) {
	found, err := c.store.Project(c.path("slug"), true)
	if err != nil {
		return nil, err
	}
	if _, err := c.ability(found.ID); err != nil {
		return nil, err
	}
	return tellProject(found), nil
}

// manage is the check for what only administrators of a project may do.
func (c *call) manage(subject string) error {
	return c.must(c.path("id"), store.ActionCreate, subject, store.Place{})
}

func (c *call) createEnvironment() (any, error) {
	if err := c.manage("environments"); err != nil {
		return nil, err
	}
	var body struct{ Slug, Name string }
	if err := c.body(&body); err != nil {
		return nil, err
	}
	if err := need("slug", body.Slug, "name", body.Name); err != nil {
		return nil, err
	}
	made, err := c.store.CreateEnvironment(c.path("id"), body.Slug, body.Name)
	return environmentAnswer(made, err)
}

func (c *call) renameEnvironment() (any, error) {
	if err := c.manage("environments"); err != nil {
		return nil, err
	}
	var body struct{ Slug, Name string }
	if err := c.body(&body); err != nil {
		return nil, err
	}
	changed, err := c.store.RenameEnvironment(c.path("id"), c.path("env"), body.Slug, body.Name)
	return environmentAnswer(changed, err)
}

func environmentAnswer(e store.Environment, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return map[string]any{"environment": importEnvJSON{ID: e.ID, Name: e.Name, Slug: e.Slug}}, nil
}

func (c *call) createTag() (any, error) {
	if err := c.manage("tags"); err != nil {
		return nil, err
	}
	var body struct{ Slug, Name, Color string }
	if err := c.body(&body); err != nil {
		return nil, err
	}
	if err := need("slug", body.Slug); err != nil {
		return nil, err
	}
	made, err := c.store.CreateTag(c.path("id"), body.Slug, body.Name, body.Color)
	if err != nil {
		return nil, err
	}
	return map[string]any{"tag": made}, nil
}

// roleBody is a role of a project, whose id is its slug here.
type roleBody struct {
	ID          string       `json:"id"`
	Slug        string       `json:"slug"`
	Name        string       `json:"name"`
	Permissions []store.Rule `json:"permissions"`
}

func (c *call) createRole() (any, error) {
	var body roleBody
	if err := c.body(&body); err != nil {
		return nil, err
	}
	if err := need("slug", body.Slug); err != nil {
		return nil, err
	}
	return c.setRole(body)
}

func (c *call) changeRole() (any, error) {
	body := roleBody{Slug: c.path("role")}
	if err := c.body(&body); err != nil {
		return nil, err
	}
	return c.setRole(body)
}

func (c *call) setRole(body roleBody) (any, error) {
	if err := c.manage("role"); err != nil {
		return nil, err
	}
	if err := c.store.SetRole(c.path("id"), body.Slug, body.Permissions); err != nil {
		return nil, err
	}
	body.ID = body.Slug
	return map[string]any{"role": body}, nil
}

// join gives an identity its roles in a project.
func (c *call) join() (any, error) {
	var body struct {
		Roles []struct {
			Role string `json:"role"`
		} `json:"roles"`
	}
	if err := c.body(&body); err != nil {
		return nil, err
	}
	if err := c.manage("identity"); err != nil {
		return nil, err
	}
	var roles []string
	for _, r := range body.Roles {
		if _, err := c.store.Role(c.path("id"), r.Role); err != nil {
			return nil, err
		}
		roles = append(roles, r.Role)
	}
	if len(roles) == 0 {
		return nil, &invalid{[]issue{{Code: "too_small", Path: []string{"roles"}, Message: "Array must contain at least 1 element(s)"}}}
	}
	return c.setMembership(roles)
}

func (c *call) leave() (any, error) {
	if err := c.manage("identity"); err != nil {
		return nil, err
	}
	return c.setMembership(nil)
}

func (c *call) setMembership(roles []string) (any, error) {
	if err := c.registry.SetRoles(c.path("identity"), c.path("id"), roles); err != nil {
		return nil, err
	}
	return map[string]any{"identityMembership": map[string]any{
		"id": c.path("identity"), "projectId": c.path("id"), "identityId": c.path("identity"),
	}}, nil
}
