// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package nostate stands in for the backends of Terraform that keep its state with a cloud.
// They are Go modules within Terraform's repository that are published nowhere, so that
// Terraform as a dependency comes without them; state in a file, which the tests use, is in
// Terraform's own module. It must not do anything.
package nostate

import "github.com/hashicorp/terraform/internal/backend"

// New is called only for a configuration that names one of these backends.
func New() backend.Backend { panic("the Terraform of the tests keeps its state in files alone") }
