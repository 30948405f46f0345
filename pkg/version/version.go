// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package version knows which version of SecretSync a program was built from. It must not know
// which program that is.
package version

import "runtime/debug"

// linked is set by the linker where the build knows better than its own record, as in an image,
// whose build sees no repository.
var linked string //nolint:gochecknoglobals // the linker sets nothing but variables

// Running returns the version of the program that runs: what the linker was told, else what Go
// recorded of the main module, else "unknown".
func Running() string {
	info, _ := debug.ReadBuildInfo()
	return of(linked, info)
}

// of chooses between what the linker was told and what Go recorded, which may be nothing.
func of(linked string, info *debug.BuildInfo) string {
	switch {
	case linked != "":
		return linked
	case info != nil && info.Main.Version != "":
		return info.Main.Version
	default:
		return "unknown"
	}
}
