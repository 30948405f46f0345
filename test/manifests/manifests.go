// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package manifests applies the project's own manifests to a test cluster. It must not
// contain any.
package manifests

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Root returns the folder of the module.
func Root(ctx context.Context) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("finding the module: %w", err)
	}
	return strings.TrimSpace(string(root)), nil
}

// File returns the content of a file of the repository, by its path in it.
func File(ctx context.Context, name string) ([]byte, error) {
	root, err := Root(ctx)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return nil, fmt.Errorf("reading %s of the repository: %w", name, err)
	}
	return text, nil
}

// ApplyCRDs installs the CRDs of crds/ and waits until their kinds are served.
func ApplyCRDs(ctx context.Context, c client.Client) error {
	root, err := Root(ctx)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(root, "crds", "*.yaml"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("finding CRDs in %s: %w", root, os.ErrNotExist)
	}
	for _, file := range files {
		object, err := read(file)
		if err != nil {
			return err
		}
		if err := apply(ctx, c, object); err != nil {
			return err
		}
	}
	return served(ctx, c)
}

func read(file string) (*unstructured.Unstructured, error) {
	text, err := os.ReadFile(file) //nolint:gosec // a file of this module
	if err != nil {
		return nil, fmt.Errorf("reading a manifest: %w", err)
	}
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal(text, &object.Object); err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return object, nil
}

func apply(ctx context.Context, c client.Client, object *unstructured.Unstructured) error {
	err := c.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("test"), client.ForceOwnership)
	if err != nil {
		return fmt.Errorf("applying %s %q: %w", object.GetKind(), object.GetName(), err)
	}
	return nil
}

// served waits until objects of every kind can be listed.
func served(ctx context.Context, c client.Client) error {
	lists := []client.ObjectList{&v1alpha1.SecretSyncList{}, &v1alpha1.SecretBackendList{}, &v1alpha1.ClusterSecretBackendList{}, &v1alpha1.ClusterSecretSyncList{}}
	for _, list := range lists {
		err := wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
			err := c.List(ctx, list, client.Limit(1))
			if meta.IsNoMatchError(err) || client.IgnoreNotFound(err) == nil && err != nil {
				return false, nil //nolint:nilerr // not yet
			}
			return err == nil, err
		})
		if err != nil {
			return fmt.Errorf("waiting for the CRDs: %w", err)
		}
	}
	return nil
}
