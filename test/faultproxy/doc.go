// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package faultproxy owns a proxy for tests that stands in front of a server, TLS on both
// sides, and can be told at any time to misbehave: hang, be slow, throttle, fail, reset,
// truncate, answer with something else, redirect, or not listen at all. It counts what it
// was asked. The package must not know the product or the server behind it.
package faultproxy
