// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"maps"
	"net/http"
	"net/url"
)

// Secret is a secret as a write answers it.
type Secret struct {
	ID      string `json:"id"`
	Key     string `json:"secretKey"`
	Value   string `json:"secretValue"`
	Version int    `json:"version"`
}

// Extra is what else to write of a secret, by the names of the API: secretComment, tagIds,
// secretMetadata, skipMultilineEncoding, newSecretName.
type Extra map[string]any

// CreateSecret makes a secret in a folder.
func (c *Client) CreateSecret(ctx context.Context, at Place, key, value string, extra ...Extra) (Secret, error) {
	return c.writeSecret(ctx, http.MethodPost, at, key, append(extra, Extra{"secretValue": value}))
}

// SetSecret gives a secret another value, and so another version.
func (c *Client) SetSecret(ctx context.Context, at Place, key, value string, extra ...Extra) (Secret, error) {
	return c.writeSecret(ctx, http.MethodPatch, at, key, append(extra, Extra{"secretValue": value}))
}

// ChangeSecret changes of a secret what is given, its value not.
func (c *Client) ChangeSecret(ctx context.Context, at Place, key string, extra Extra) (Secret, error) {
	return c.writeSecret(ctx, http.MethodPatch, at, key, []Extra{extra})
}

// DeleteSecret removes a secret.
func (c *Client) DeleteSecret(ctx context.Context, at Place, key string) error {
	_, err := c.writeSecret(ctx, http.MethodDelete, at, key, nil)
	return err
}

// CreateSecrets makes several secrets in one write.
func (c *Client) CreateSecrets(ctx context.Context, at Place, values map[string]string) error {
	secrets := make([]map[string]any, 0, len(values))
	for key, value := range values {
		secrets = append(secrets, map[string]any{"secretKey": key, "secretValue": value})
	}
	path := "/api/v4/secrets/batch"
	if c.V3 {
		path = "/api/v3/secrets/batch/raw"
	}
	body := c.placed(at)
	body["secrets"] = secrets
	return c.Call(ctx, http.MethodPost, path, body, nil)
}

func (c *Client) writeSecret(ctx context.Context, method string, at Place, key string, extra []Extra) (Secret, error) {
	path := "/api/v4/secrets/" + url.PathEscape(key)
	if c.V3 {
		path = "/api/v3/secrets/raw/" + url.PathEscape(key)
	}
	body := c.placed(at)
	body["type"] = "shared"
	for _, more := range extra {
		maps.Copy(body, more)
	}
	var answer struct{ Secret Secret }
	err := c.Call(ctx, method, path, body, &answer)
	return answer.Secret, err
}

// placed is the beginning of a body: the folder, as both versions of the API call it.
func (*Client) placed(at Place) map[string]any {
	return map[string]any{
		"projectId": at.ProjectID, "workspaceId": at.ProjectID, "environment": at.Environment, "secretPath": at.Path,
	}
}

// CreateFolder makes a folder in a folder, and returns its id.
func (c *Client) CreateFolder(ctx context.Context, in Place, name string) (id string, err error) {
	var answer struct{ Folder struct{ ID string } }
	err = c.Call(ctx, http.MethodPost, "/api/v2/folders",
		map[string]any{"projectId": in.ProjectID, "environment": in.Environment, "path": in.Path, "name": name}, &answer)
	return answer.Folder.ID, err
}

// DeleteFolder removes the folder of that id from a folder, with all that is in it.
func (c *Client) DeleteFolder(ctx context.Context, in Place, id string) error {
	return c.Call(ctx, http.MethodDelete, "/api/v2/folders/"+id,
		map[string]any{"projectId": in.ProjectID, "environment": in.Environment, "path": in.Path}, nil)
}

// Import has a folder import another one of the project, after its other imports, and returns the
// id of the import.
func (c *Client) Import(ctx context.Context, into, from Place) (id string, err error) {
	var answer struct{ SecretImport struct{ ID string } }
	err = c.Call(ctx, http.MethodPost, "/api/v2/secret-imports", map[string]any{
		"projectId": into.ProjectID, "environment": into.Environment, "path": into.Path,
		"import": map[string]any{"environment": from.Environment, "path": from.Path},
	}, &answer)
	return answer.SecretImport.ID, err
}

// MoveImport gives an import another position, counted from 1; later ones win.
func (c *Client) MoveImport(ctx context.Context, into Place, id string, position int) error {
	return c.Call(ctx, http.MethodPatch, "/api/v2/secret-imports/"+id, map[string]any{
		"projectId": into.ProjectID, "environment": into.Environment, "path": into.Path, "import": map[string]any{"position": position},
	}, nil)
}

// DeleteImport takes an import from a folder.
func (c *Client) DeleteImport(ctx context.Context, into Place, id string) error {
	return c.Call(ctx, http.MethodDelete, "/api/v2/secret-imports/"+id,
		map[string]any{"projectId": into.ProjectID, "environment": into.Environment, "path": into.Path}, nil)
}
