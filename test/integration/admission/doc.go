// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package admission tries the chart's admission policies and its roles for people on the
// real API server, as users who may and who may not. It holds tests only.
package admission
