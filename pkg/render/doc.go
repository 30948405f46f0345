// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package render owns the way from the entries of a backend to the content of a
// Secret: which entries a specification reads (Wants), and what they render to
// (Render). It is pure: the same inputs give the same bytes or the same error in every
// release, which the golden files under testdata prove. It must not know a client, a
// clock or a log, and no error of it holds a byte of a value: the errors of strconv,
// encoding/json and encoding/base64 quote their input, so they are never passed on.
package render
