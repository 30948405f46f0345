// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package published owns access to files of other projects' published modules, such as the
// definitions of their kinds: the go command downloads a module, whose checksum is pinned. Nothing
// of them is linked or run.
package published

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// Module is one version of another project's module.
type Module struct {
	// Path, Version and Sum as in a go.sum.
	Path, Version, Sum string
}

// Download returns the folder in which the module is on this machine. scratch is an empty folder
// outside of every module, whose requirements it would be read as.
func (m Module) Download(ctx context.Context, scratch string) (string, error) {
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", m.Path+"@"+m.Version)
	command.Dir = scratch
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("downloading %s: %w\n%s%s", m.Path, err, out, &complaints)
	}
	var found struct {
		Dir string `json:"Dir"`
		Sum string `json:"Sum"`
	}
	if err := json.Unmarshal(out, &found); err != nil {
		return "", fmt.Errorf("downloading %s: %w", m.Path, err)
	}
	if found.Sum != m.Sum {
		return "", fmt.Errorf("%s@%s has the checksum %s, not the pinned one", m.Path, m.Version, found.Sum)
	}
	return found.Dir, nil
}

// Definition reads a CustomResourceDefinition, without the webhook that translates between its
// versions and runs nowhere.
func Definition(file string) (*apiextensionsv1.CustomResourceDefinition, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading a definition: %w", err)
	}
	definition := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.Unmarshal(text, definition); err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	definition.Spec.Conversion = nil
	return definition, nil
}
