// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package privatekey owns which private keys are safe to parse: Go's parsers calculate with the
// numbers of a key before they find that it is none, which takes hours if somebody made them for
// that. It must not calculate with them, nor show any.
package privatekey
