// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package architecture owns the rules that the compiler cannot enforce: which package may
// import which, how large things may grow, what must be documented, and that docs/dir.md
// describes the tree as it is. It holds tests only, reads the repository's own files and
// must not import the product. Every rule has a case that proves it fires.
package architecture
