// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package marker owns values that must never show, and the search for them: a test writes
// them wherever a secret may stand, gathers everything the product emits, and asks which of
// them show there and in which encoding. It must not know the product.
package marker
