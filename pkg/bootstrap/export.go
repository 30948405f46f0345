// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import "github.com/spf13/cobra"

func (a *app) exportTemplateCommand() *cobra.Command { return &cobra.Command{Use: "export-template"} }
