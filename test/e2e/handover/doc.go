// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package handover lives the whole life of a house: from the secrets of a GitHub repository
// and no server at all to an operator that syncs, and on through a rotation and the end of a
// preview. Vault, API server, Terraform and operator are real; GitHub is a stand-in whose
// signatures are. What people do is done here as they would, and never by the helper.
package handover
