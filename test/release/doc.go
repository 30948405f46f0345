// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package release tests what is shipped: that the Dockerfile builds one static binary, the same
// one wherever it is built. Beside the tests lie the scripts behind `make image`, `make
// image-check` and `make release-snapshot`. It must not know what the operator does.
package release
