// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"time"

	"github.com/secretsync/secretsync/test/infisical/store"
)

// stamp is a time as JavaScript writes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

type actorJSON struct {
	ID           string  `json:"actorId"`
	Type         string  `json:"actorType"`
	Name         string  `json:"name"`
	MembershipID *string `json:"membershipId"`
	GroupID      *string `json:"groupId"`
}

// importedJSON is a secret as an import tells it, and the beginning of every other.
type importedJSON struct {
	ID          string            `json:"id"`
	OldID       string            `json:"_id"`
	Workspace   string            `json:"workspace"`
	Environment string            `json:"environment"`
	Version     int               `json:"version"`
	Type        string            `json:"type"`
	Key         string            `json:"secretKey"`
	Value       string            `json:"secretValue"`
	Comment     string            `json:"secretComment"`
	Hidden      bool              `json:"secretValueHidden"`
	Metadata    *[]store.Metadata `json:"secretMetadata,omitempty"`
	Tags        []store.Tag       `json:"tags"`
}

type secretJSON struct {
	importedJSON

	ReminderNote *string    `json:"secretReminderNote"`
	ReminderDays *int       `json:"secretReminderRepeatDays"`
	Skip         bool       `json:"skipMultilineEncoding"`
	CreatedAt    string     `json:"createdAt"`
	UpdatedAt    string     `json:"updatedAt"`
	Actor        *actorJSON `json:"actor"`
	Rotated      bool       `json:"isRotatedSecret"`
	RotationID   *string    `json:"rotationId"`
	Path         string     `json:"secretPath"`
}

func tellImported(s store.Secret) importedJSON {
	told := importedJSON{
		ID: s.ID, OldID: s.ID, Workspace: s.ProjectID, Environment: s.Environment, Version: s.Version, Type: "shared",
		Key: s.Key, Value: s.Value, Comment: s.Comment, Hidden: s.Hidden, Tags: s.Tags,
	}
	if !s.FromVersion {
		told.Metadata = &s.Metadata
	}
	return told
}

func tell(s store.Secret) secretJSON {
	return secretJSON{
		importedJSON: tellImported(s), Skip: s.SkipMultiline, CreatedAt: stamp(s.CreatedAt), UpdatedAt: stamp(s.UpdatedAt),
		Actor: &actorJSON{ID: s.Actor.ID, Type: s.Actor.Type, Name: s.Actor.Name}, Path: s.Path,
	}
}

func tellAll(secrets []store.Secret) []secretJSON {
	told := make([]secretJSON, len(secrets))
	for i := range secrets {
		told[i] = tell(secrets[i])
	}
	return told
}

type blockJSON struct {
	Path        string         `json:"secretPath"`
	Environment string         `json:"environment"`
	FolderID    string         `json:"folderId"`
	Secrets     []importedJSON `json:"secrets"`
}

// listJSON is the answer to a list.
type listJSON struct {
	Secrets []secretJSON `json:"secrets"`
	Imports []blockJSON  `json:"imports"`
}

func tellList(secrets []store.Secret, blocks []store.ImportBlock) listJSON {
	told := listJSON{Secrets: tellAll(secrets), Imports: make([]blockJSON, len(blocks))}
	for i, block := range blocks {
		told.Imports[i] = blockJSON{Path: block.Path, Environment: block.Environment, FolderID: block.FolderID, Secrets: []importedJSON{}}
		for _, s := range block.Secrets {
			told.Imports[i].Secrets = append(told.Imports[i].Secrets, tellImported(s))
		}
	}
	return told
}

type folderJSON struct {
	ID                 string  `json:"id"`
	Name               string  `json:"name"`
	Version            int     `json:"version"`
	CreatedAt          string  `json:"createdAt"`
	UpdatedAt          string  `json:"updatedAt"`
	EnvID              string  `json:"envId"`
	ParentID           *string `json:"parentId"`
	IsReserved         bool    `json:"isReserved"`
	Description        *string `json:"description"`
	LastSecretModified *string `json:"lastSecretModified"`
	Path               string  `json:"path,omitempty"`
	RelativePath       string  `json:"relativePath,omitempty"`
}

func tellFolder(f store.Folder) folderJSON {
	told := folderJSON{
		ID: f.ID, Name: f.Name, Version: f.Version, CreatedAt: stamp(f.CreatedAt), UpdatedAt: stamp(f.UpdatedAt),
		EnvID: f.EnvironmentID, Path: f.Path,
	}
	if f.ParentID != "" {
		told.ParentID = &f.ParentID
	}
	if f.Description != "" {
		told.Description = &f.Description
	}
	if !f.LastSecretModified.IsZero() {
		at := stamp(f.LastSecretModified)
		told.LastSecretModified = &at
	}
	return told
}

type importEnvJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Slug string `json:"slug"`
}

type importJSON struct {
	ID            string        `json:"id"`
	Path          string        `json:"importPath"`
	Env           importEnvJSON `json:"importEnv"`
	Position      int           `json:"position"`
	FolderID      string        `json:"folderId"`
	IsReplication bool          `json:"isReplication"`
	IsReserved    bool          `json:"isReserved"`
	Version       int           `json:"version"`
	CreatedAt     string        `json:"createdAt"`
	UpdatedAt     string        `json:"updatedAt"`
}

func tellImport(i store.Import) importJSON {
	return importJSON{
		ID: i.ID, Path: i.Path, Position: i.Position, FolderID: i.FolderID, Version: 1,
		Env:       importEnvJSON{ID: i.Environment.ID, Name: i.Environment.Name, Slug: i.Environment.Slug},
		CreatedAt: stamp(i.CreatedAt), UpdatedAt: stamp(i.UpdatedAt),
	}
}

type projectJSON struct {
	ID                 string          `json:"id"`
	OldID              string          `json:"_id"`
	Name               string          `json:"name"`
	Slug               string          `json:"slug"`
	OrgID              string          `json:"orgId"`
	AutoCapitalization bool            `json:"autoCapitalization"`
	CreatedAt          string          `json:"createdAt"`
	UpdatedAt          string          `json:"updatedAt"`
	Version            int             `json:"version"`
	UpgradeStatus      *string         `json:"upgradeStatus"`
	Environments       []importEnvJSON `json:"environments"`
}

func tellProject(p store.Project) projectJSON {
	told := projectJSON{
		ID: p.ID, OldID: p.ID, Name: p.Name, Slug: p.Slug, OrgID: p.OrgID, Version: 3,
		CreatedAt: stamp(p.CreatedAt), UpdatedAt: stamp(p.UpdatedAt), Environments: []importEnvJSON{},
	}
	for _, e := range p.Environments {
		told.Environments = append(told.Environments, importEnvJSON{ID: e.ID, Name: e.Name, Slug: e.Slug})
	}
	return told
}
