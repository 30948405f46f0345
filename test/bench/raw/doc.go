// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package raw is the program without a controller that the operator is measured against:
// it replays the requests that the operator made, as fast as the servers answer. It must
// not decide anything: what it sends was captured before.
package raw
