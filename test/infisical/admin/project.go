// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"net/http"
)

// Project is a project.
type Project struct {
	ID           string        `json:"id"`
	Slug         string        `json:"slug"`
	Name         string        `json:"name"`
	Environments []Environment `json:"environments"`
}

// Environment is an environment of a project.
type Environment struct {
	ID   string `json:"id"`
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// Rule is a permission of a role.
type Rule struct {
	// Subject is what it is about: secrets, secret-folders, secret-imports and others.
	Subject string `json:"subject"`
	// Action lists what it allows: of secrets describeSecret, readValue, create, edit, delete.
	Action []string `json:"action"`
	// Conditions narrow it, as {"secretPath": {"$glob": "/api/**"}}.
	Conditions map[string]any `json:"conditions,omitempty"`
	// Inverted makes it a prohibition.
	Inverted bool `json:"inverted,omitempty"`
}

// Place is a folder: project, environment by its slug, absolute path.
type Place struct{ ProjectID, Environment, Path string }

// At is the folder of that path in an environment of the project.
func (p Project) At(environment, path string) Place {
	return Place{ProjectID: p.ID, Environment: environment, Path: path}
}

// CreateProject makes a project with the environments dev, staging and prod. Its slug begins with the
// name and was not used before.
func (c *Client) CreateProject(ctx context.Context, name string) (Project, error) {
	var answer struct{ Project Project }
	slug := unique(name)
	err := c.Call(ctx, http.MethodPost, "/api/v1/projects",
		map[string]any{"projectName": slug, "slug": slug, "type": "secret-manager"}, &answer)
	return answer.Project, err
}

// DeleteProject removes a project and everything in it.
func (c *Client) DeleteProject(ctx context.Context, id string) error {
	return c.Call(ctx, http.MethodDelete, "/api/v1/projects/"+id, nil, nil)
}

// CreateEnvironment adds an environment to a project.
func (c *Client) CreateEnvironment(ctx context.Context, projectID, slug string) (Environment, error) {
	var answer struct{ Environment Environment }
	err := c.Call(ctx, http.MethodPost, "/api/v1/projects/"+projectID+"/environments", map[string]any{"slug": slug, "name": slug}, &answer)
	return answer.Environment, err
}

// RenameEnvironment gives the environment of that id another slug.
func (c *Client) RenameEnvironment(ctx context.Context, projectID, id, slug string) error {
	return c.Call(ctx, http.MethodPatch, "/api/v1/projects/"+projectID+"/environments/"+id, map[string]any{"slug": slug}, nil)
}

// CreateTag adds a tag to a project and returns its id.
func (c *Client) CreateTag(ctx context.Context, projectID, slug string) (id string, err error) {
	var answer struct{ Tag struct{ ID string } }
	err = c.Call(ctx, http.MethodPost, "/api/v1/projects/"+projectID+"/tags",
		map[string]any{"slug": slug, "name": slug, "color": "#ffffff"}, &answer)
	return answer.Tag.ID, err
}

// CreateRole makes a role of a project's own and returns its id. Identities get it by its slug.
func (c *Client) CreateRole(ctx context.Context, projectID, slug string, rules ...Rule) (id string, err error) {
	var answer struct{ Role struct{ ID string } }
	err = c.Call(ctx, http.MethodPost, "/api/v1/projects/"+projectID+"/roles",
		map[string]any{"slug": slug, "name": slug, "permissions": rules}, &answer)
	return answer.Role.ID, err
}

// ChangeRole gives the role of that id other rules.
func (c *Client) ChangeRole(ctx context.Context, projectID, id string, rules ...Rule) error {
	return c.Call(ctx, http.MethodPatch, "/api/v1/projects/"+projectID+"/roles/"+id, map[string]any{"permissions": rules}, nil)
}

// Join gives an identity roles in a project: admin, member, viewer, no-access, or the project's own.
func (c *Client) Join(ctx context.Context, projectID, identityID string, roles ...string) error {
	return c.membership(ctx, http.MethodPost, projectID, identityID, roles)
}

// ChangeRoles gives an identity other roles in a project.
func (c *Client) ChangeRoles(ctx context.Context, projectID, identityID string, roles ...string) error {
	return c.membership(ctx, http.MethodPatch, projectID, identityID, roles)
}

// Leave takes an identity out of a project.
func (c *Client) Leave(ctx context.Context, projectID, identityID string) error {
	return c.membership(ctx, http.MethodDelete, projectID, identityID, nil)
}

func (c *Client) membership(ctx context.Context, method, projectID, identityID string, roles []string) error {
	given := make([]map[string]any, len(roles))
	for i, role := range roles {
		given[i] = map[string]any{"role": role}
	}
	return c.Call(ctx, method, "/api/v1/projects/"+projectID+"/memberships/identities/"+identityID, map[string]any{"roles": given}, nil)
}
