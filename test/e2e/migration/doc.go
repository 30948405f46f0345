// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package migration proves that a Secret changes hands without a byte of it changing, there
// and back: objects of other operators, accepted by the CustomResourceDefinitions of test/peers,
// are converted by the plugin, applied, and taken over by the operator. The other operators
// themselves do not run: what they leave behind, a Secret with an ownerReference, is made.
package migration
