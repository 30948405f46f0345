// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package badreads proves end to end that no bad read of a backend destroys a working
// Secret: its bytes stay, the condition says why, and it recovers by itself when the cause
// goes. It has tests only.
package badreads
