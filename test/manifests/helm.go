// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"

	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/test/binaries"
)

const (
	// ChartFolder is where the chart is in the repository.
	ChartFolder = "helm/secretsync"
	// Release is the name under which it is installed.
	Release = "secretsync"
)

// Helm runs Helm with these arguments and values, and returns what it prints. The error
// holds what it complains of, and wraps binaries.ErrMissing if it has not been built.
func Helm(ctx context.Context, values map[string]any, args ...string) ([]byte, error) {
	helm, err := binaries.Path(binaries.Helm)
	if err != nil {
		return nil, err
	}
	text, err := yaml.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("encoding the chart's values: %w", err)
	}
	if values != nil {
		args = append(args, "--values", "-")
	}
	var out, problems bytes.Buffer
	command := exec.CommandContext(ctx, helm, args...)
	command.Env = []string{"HOME=" + os.TempDir()} // so that nobody's plugins and settings count
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(text), &out, &problems
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("helm %s: %w: %s", args[0], err, problems.String())
	}
	return out.Bytes(), nil
}
