// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package convert owns how the objects of other operators read as ours: External Secrets,
// the Vault Secrets Operator and the operator of Infisical. It is pure: objects go in;
// objects, the Secrets to be handed over, and notes come out. Every field that is set and
// that nothing here reads becomes a note, so that nothing is lost without a word. What the
// fields mean is told by the documentation and the published API of each operator.
package convert
