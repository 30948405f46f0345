// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package protect owns keeping this process's memory to itself: no core dump, for its children
// neither, and no other process of the same user that looks into it. It must not know what is
// in that memory.
package protect
