// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package status owns how the outcome of a reconcile is told: error class to condition,
// to event, to requeue, and the one patch of the status subresource. It must not read a
// backend or a Secret.
package status
