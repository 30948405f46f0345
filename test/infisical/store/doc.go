// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package store is what the Infisical simulator remembers, without any HTTP: projects, environments,
// folders, secrets with their versions, imports, references, tags, and who may see what of them.
//
// It owns the rules of the server as far as they are known from its source: versions count per
// secret, a version is looked up by folder and name, later imports win over earlier ones and secrets
// of the folder over all imports, what may not be seen is left out or refused. What is doubtful is a
// field of Rules. It must not know of requests, tokens or time other than its clock's.
package store
