// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package binaries

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// The names of the binaries, as Path takes them.
const (
	Etcd                  = "etcd"
	KubeAPIServer         = "kube-apiserver"
	KubeControllerManager = "kube-controller-manager"
	Vault                 = "vault"
	VaultPluginKubernetes = "kubernetes" // Vault calls a plugin by the name of its file.
	VaultPluginJWT        = "jwt"
	Helm                  = "helm"
	Terraform             = "terraform"
)

// ErrMissing is returned, wrapped, when a binary has not been built yet.
var ErrMissing = errors.New("run `make binaries`")

// module is a folder below test with a go.mod that pins the programs built in it.
type module struct {
	folder   string
	binaries []binary
}

// binary is one program: which main package it is and how it is compiled.
type binary struct {
	name   string
	pkg    string
	source string // the upstream module, whose version is the program's
	tags   string
	stamp  string // a package whose version variables the linker sets, where the program needs that
}

// modules is every module that Build and Path know.
func modules() []module { return slices.Concat(servers(), tools()) }

// servers is every module whose programs the tests run.
func servers() []module { return slices.Concat(cluster(), monitoring()) }

// cluster lists the modules in the order in which they are built: what most tests need comes first. Helm is one
// of them, as the operator is tested with what the chart gives it.
func cluster() []module {
	const (
		etcd       = "go.etcd.io/etcd/server/v3"
		kubernetes = "k8s.io/kubernetes"
		vault      = "github.com/hashicorp/vault"
		helm       = "helm.sh/helm/v4"
		terraform  = "github.com/hashicorp/terraform"
		pluginK8s  = "github.com/hashicorp/vault-plugin-auth-kubernetes"
		pluginJWT  = "github.com/hashicorp/vault-plugin-auth-jwt"
		// Without a stamp the servers report v0.0.0, which clients refuse to parse.
		version = "k8s.io/component-base/version"
	)
	return []module{
		{folder: "binaries/etcd", binaries: []binary{{name: Etcd, pkg: etcd, source: etcd}}},
		{folder: "binaries/kubernetes", binaries: []binary{
			{name: KubeAPIServer, pkg: kubernetes + "/cmd/kube-apiserver", source: kubernetes, stamp: version},
			{name: KubeControllerManager, pkg: kubernetes + "/cmd/kube-controller-manager", source: kubernetes, stamp: version},
		}},
		{folder: "binaries/vault-plugins", binaries: []binary{
			{name: VaultPluginKubernetes, pkg: pluginK8s + "/cmd/vault-plugin-auth-kubernetes", source: pluginK8s},
			{name: VaultPluginJWT, pkg: pluginJWT + "/cmd/vault-plugin-auth-jwt", source: pluginJWT},
		}},
		{folder: "binaries/vault", binaries: []binary{{name: Vault, pkg: vault, source: vault, tags: "minimal"}}},
		{folder: "tools/helm", binaries: []binary{{name: Helm, pkg: helm + "/cmd/helm", source: helm}}},
		{folder: "binaries/terraform", binaries: []binary{{name: Terraform, pkg: terraform, source: terraform}}},
	}
}

// Path returns the path of the cached binary of that name; the plugins of Vault lie together in one folder.
// The error wraps ErrMissing if it has not been built. Path needs a working directory inside the project, which
// every test and every `go run` of it has.
func Path(name string) (string, error) {
	root, err := projectRoot()
	if err != nil {
		return "", err
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	for _, m := range modules() {
		if !m.builds(name) {
			continue
		}
		pins, err := m.readPins(root)
		if err != nil {
			return "", err
		}
		path := filepath.Join(cache, m.folder, pins.key(m), name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%s is not built: %w", name, ErrMissing)
		} else if err != nil {
			return "", fmt.Errorf("looking for %s: %w", name, err)
		}
		return path, nil
	}
	return "", fmt.Errorf("no binary is called %q", name)
}

// builds reports whether a binary of that name is built in the module.
func (m module) builds(name string) bool {
	return slices.ContainsFunc(m.binaries, func(b binary) bool { return b.name == name })
}

// cacheDir is $SECRETSYNC_CACHE, or the folder secretsync in the user's cache.
func cacheDir() (string, error) {
	if dir := os.Getenv("SECRETSYNC_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the cache folder: %w", err)
	}
	return filepath.Join(dir, "secretsync"), nil
}

// projectRoot is the nearest folder above the working directory that holds this package's modules.
func projectRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the project: %w", err)
	}
	for start := dir; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "test", "binaries", "etcd", "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("finding the project: %q is not inside it", start)
		}
	}
}
