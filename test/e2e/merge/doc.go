// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package merge tests keys that go into a Secret that somebody else owns: whose each key is,
// what is put right and what is let alone, and what goes when a SecretSync leaves. It holds
// tests only.
package merge
