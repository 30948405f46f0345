// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"time"

	"github.com/secretsync/secretsync/test/infisical/store"
)

func folderRoutes() []route {
	var routes []route
	for _, at := range []string{"/api/v2/folders", "/api/v1/folders"} {
		routes = append(routes,
			route{"GET " + at, readClass, bearers, (*call).listFolders},
			route{"POST " + at, writeClass, bearers, (*call).createFolder},
			route{"GET " + at + "/{id}", readClass, bearers, (*call).getFolder},
			route{"PATCH " + at + "/{id}", writeClass, bearers, (*call).renameFolder},
			route{"DELETE " + at + "/{id}", writeClass, bearers, (*call).deleteFolder},
		)
	}
	return routes
}

// folderBody is the body of every write of folders and imports; version 1 says workspaceId.
type folderBody struct {
	ProjectID   string `json:"projectId"`
	WorkspaceID string `json:"workspaceId"`
	Environment string `json:"environment"`
	Path        string `json:"path"`
	Directory   string `json:"directory"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Import      struct {
		Environment string `json:"environment"`
		Path        string `json:"path"`
		Position    int    `json:"position"`
	} `json:"import"`
}

func (b folderBody) place() store.Place {
	at := store.Place{ProjectID: b.ProjectID, Environment: b.Environment, Path: b.Path}
	if at.ProjectID == "" {
		at.ProjectID = b.WorkspaceID
	}
	if at.Path == "" {
		at.Path = b.Directory
	}
	at.Path = store.CleanPath(at.Path)
	return at
}

// folderWrite reads the body of a write after the check that the caller may make it.
func (c *call) folderWrite(action, subject string) (folderBody, store.Place, error) {
	var body folderBody
	if err := c.body(&body); err != nil {
		return body, store.Place{}, err
	}
	at := body.place()
	if err := need("projectId", at.ProjectID, "environment", at.Environment); err != nil {
		return body, at, err
	}
	return body, at, c.must(at.ProjectID, action, subject, at)
}

// folderRead reads the parameters of a read.
func (c *call) folderRead(q *query) (store.Place, error) {
	at := store.Place{
		ProjectID: q.text("projectId", "workspaceId"), Environment: q.text("environment"), Path: store.CleanPath(q.text("path", "directory")),
	}
	if err := need("projectId", at.ProjectID, "environment", at.Environment); err != nil {
		return at, err
	}
	_, err := c.ability(at.ProjectID) // any member may see what folders there are
	return at, err
}

func (c *call) listFolders() (any, error) {
	q := c.query()
	recursive := q.flag(false, "recursive")
	if err := q.err(); err != nil {
		return nil, err
	}
	at, err := c.folderRead(q)
	if err != nil {
		return nil, err
	}
	var since time.Time
	if text := q.text("lastSecretModified"); text != "" {
		if since, err = time.Parse(time.RFC3339, text); err != nil {
			return nil, &invalid{[]issue{{Code: "invalid_string", Path: []string{"lastSecretModified"}, Message: "Invalid datetime"}}}
		}
	}
	found, err := c.store.ListFolders(at, recursive, since)
	if err != nil {
		return nil, err
	}
	told := make([]folderJSON, len(found))
	for i, f := range found {
		told[i] = tellFolder(f)
		told[i].Path = ""
		if recursive {
			told[i].RelativePath = f.Relative
		}
	}
	return map[string]any{"folders": told}, nil
}

func (c *call) createFolder() (any, error) {
	body, at, err := c.folderWrite(store.ActionCreate, store.SubjectFolders)
	if err != nil {
		return nil, err
	}
	return folderAnswer(c.store.CreateFolder(at, body.Name, body.Description))
}

func (c *call) getFolder() (any, error) {
	found, projectID, err := c.store.Folder(c.path("id"))
	if err != nil {
		return nil, err
	}
	if _, err := c.ability(projectID); err != nil {
		return nil, err
	}
	return folderAnswer(found, nil)
}

func (c *call) renameFolder() (any, error) {
	body, at, err := c.folderWrite(store.ActionEdit, store.SubjectFolders)
	if err != nil {
		return nil, err
	}
	return folderAnswer(c.store.RenameFolder(at, c.path("id"), body.Name))
}

func (c *call) deleteFolder() (any, error) {
	_, at, err := c.folderWrite(store.ActionDelete, store.SubjectFolders)
	if err != nil {
		return nil, err
	}
	return folderAnswer(c.store.DeleteFolder(at, c.path("id")))
}

func folderAnswer(f store.Folder, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return map[string]any{"folder": tellFolder(f)}, nil
}

func importRoutes() []route {
	var routes []route
	for _, at := range []string{"/api/v2/secret-imports", "/api/v1/secret-imports"} {
		routes = append(routes,
			route{"GET " + at, readClass, bearers, (*call).listImports},
			route{"POST " + at, writeClass, bearers, (*call).createImport},
			route{"PATCH " + at + "/{id}", writeClass, bearers, (*call).moveImport},
			route{"DELETE " + at + "/{id}", writeClass, bearers, (*call).deleteImport},
		)
	}
	return routes
}

func (c *call) listImports() (any, error) {
	at, err := c.folderRead(c.query())
	if err != nil {
		return nil, err
	}
	if err := c.must(at.ProjectID, store.ActionRead, store.SubjectImports, at); err != nil {
		return nil, err
	}
	found, err := c.store.ListImports(at)
	if err != nil {
		return nil, err
	}
	told := make([]importJSON, len(found))
	for i, f := range found {
		told[i] = tellImport(f)
	}
	return map[string]any{"message": "Successfully fetched secret imports", "secretImports": told}, nil
}

func (c *call) createImport() (any, error) {
	body, at, err := c.folderWrite(store.ActionCreate, store.SubjectImports)
	if err != nil {
		return nil, err
	}
	return importAnswer(c.store.CreateImport(store.Writer{Actor: c.actor()}, at, body.Import.Environment, body.Import.Path))("Successfully created secret import")
}

func (c *call) moveImport() (any, error) {
	body, at, err := c.folderWrite(store.ActionEdit, store.SubjectImports)
	if err != nil {
		return nil, err
	}
	return importAnswer(c.store.MoveImport(store.Writer{Actor: c.actor()}, at, c.path("id"), body.Import.Position))("Successfully updated secret import")
}

func (c *call) deleteImport() (any, error) {
	_, at, err := c.folderWrite(store.ActionDelete, store.SubjectImports)
	if err != nil {
		return nil, err
	}
	return importAnswer(c.store.DeleteImport(store.Writer{Actor: c.actor()}, at, c.path("id")))("Successfully deleted secret import")
}

func importAnswer(i store.Import, err error) func(message string) (any, error) {
	return func(message string) (any, error) {
		if err != nil {
			return nil, err
		}
		return map[string]any{"message": message, "secretImport": tellImport(i)}, nil
	}
}
