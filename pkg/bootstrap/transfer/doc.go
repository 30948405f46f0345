// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package transfer owns what becomes of each value at each place: the decision, which is pure,
// and the few steps that look, write, rotate and remove. It must not know a kind of place, read
// the environment or a clock, or print.
package transfer
