// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package peers owns what is known of the operators that people come from: the
// CustomResourceDefinitions of External Secrets and of the Vault Secrets Operator, read of the
// modules that they publish, and those of Infisical's operator, which no module holds and which
// are written by hand below infisical. Its tests hold the plugin's conversion against every
// field of these definitions. Nothing of the other operators is linked or run.
package peers
