// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import "time"

// Project is a project with its environments, as it is told.
type Project struct {
	ID, Name, Slug, OrgID string
	Environments          []Environment
	CreatedAt, UpdatedAt  time.Time
}

// Environment is an environment of a project.
type Environment struct{ ID, Name, Slug string }

// Folder is a folder, as it is told.
type Folder struct {
	ID, Name, ParentID, EnvironmentID, Description string
	// Path is absolute.
	Path string
	// Relative is the path below the folder whose content was asked for.
	Relative             string
	CreatedAt, UpdatedAt time.Time
	Version              int
	// LastSecretModified is zero if the folder never held a secret.
	LastSecretModified time.Time
}

// Metadata is a named remark at a secret.
type Metadata struct {
	Key         string `json:"key"`
	Value       string `json:"value"`
	IsEncrypted bool   `json:"isEncrypted"`
}

// Tag is a tag of a project.
type Tag struct {
	ID    string `json:"id"`
	Slug  string `json:"slug"`
	Color string `json:"color"`
	Name  string `json:"name"`
}

// Actor is who writes: an identity or a user.
type Actor struct{ ID, Type, Name string }

// Secret is a secret, or a version of one, as it is told.
type Secret struct {
	ID, ProjectID, Environment, Path, Key string
	Value, Comment                        string
	Version                               int
	SkipMultiline                         bool
	CreatedAt, UpdatedAt                  time.Time
	Actor                                 Actor
	Hidden                                bool
	// Metadata is nil where the server does not tell it.
	Metadata []Metadata
	Tags     []Tag
	// FromVersion says that this is a row of the history and not the secret itself.
	FromVersion bool
}

// ImportBlock is what one import of a folder brings.
type ImportBlock struct {
	Environment, Path, FolderID string
	Secrets                     []Secret
}

// Import is an import of a folder, as it is told.
type Import struct {
	ID, FolderID         string
	Environment          Environment
	Path                 string
	Position             int
	CreatedAt, UpdatedAt time.Time
}

// Change is something that happened to the secrets of a folder.
type Change struct {
	// Kind says what happened.
	Kind ChangeKind
	// ProjectID, Environment and Path tell the folder.
	ProjectID, Environment, Path string
	// Keys are the names of the secrets, if it is about secrets.
	Keys []string
	By   Actor
}

// ChangeKind is what kind of a change it is.
type ChangeKind string

// The kinds of changes, by their names in event subscriptions.
const (
	Created        ChangeKind = "secret:create"
	Updated        ChangeKind = "secret:update"
	Deleted        ChangeKind = "secret:delete"
	ImportMutation ChangeKind = "secret:import-mutation"
	// Restructured is a change of folders or environments, of which no subscription tells.
	Restructured ChangeKind = "restructured"
)

// HiddenValue stands where the reader may not see a value.
const HiddenValue = "<hidden-by-infisical>"

// Place is a folder: project, environment by its slug, absolute path.
type Place struct{ ProjectID, Environment, Path string }
