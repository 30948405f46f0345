// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package rollback tests going back: what is served and held when somebody asks for an
// older revision, what is refused, what is told of it, and what is forgotten for good.
package rollback
