// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package invariants tests what must hold whatever happens, of an operator that runs with
// the chart's command line and identity: no secret shows, digests are no oracle, statuses
// are still, the environment decides nothing, tenants do not meet, credentials have their
// owners' consent. It holds tests only.
package invariants
