// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Command golangci-lint is golangci-lint with the Kubernetes API linter compiled in as a
// module plugin, so that one binary serves both configurations of this repository. It adds
// nothing of its own: the versions are the ones of its go.mod.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"

	_ "sigs.k8s.io/kube-api-linter" // registers the plugin "kubeapilinter"
)

const linterModule = "github.com/golangci/golangci-lint/v2"

func main() {
	if err := commands.Execute(buildInfo()); err != nil {
		fmt.Fprintln(os.Stderr, "golangci-lint:", err)
		os.Exit(exitcodes.Failure)
	}
}

// buildInfo reports the linked golangci-lint's version, which it compares with its
// configuration file's.
func buildInfo() commands.BuildInfo {
	info := commands.BuildInfo{Version: "unknown", GoVersion: "unknown", Commit: "module", Date: "unknown"}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return info
	}
	info.GoVersion = build.GoVersion
	for _, dep := range build.Deps {
		if dep.Path == linterModule {
			info.Version = strings.TrimPrefix(dep.Version, "v")
		}
	}
	return info
}
