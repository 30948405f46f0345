// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// peer is another operator, and where its CustomResourceDefinitions are.
type peer struct {
	// module, version and sum pin the published module; an empty module means that the folder
	// is below this package.
	module, version, sum string
	folder               string
	// files are the definitions that are wanted, by group and plural.
	files []string
}

// known lists the peers, each of the newest version that the module registry has.
func known() []peer {
	return []peer{{
		module: "github.com/external-secrets/external-secrets", version: "v1.3.2", sum: "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=",
		folder: "config/crds/bases",
		files: []string{
			"external-secrets.io_externalsecrets", "external-secrets.io_clusterexternalsecrets",
			"external-secrets.io_secretstores", "external-secrets.io_clustersecretstores",
		},
	}, {
		module: "github.com/hashicorp/vault-secrets-operator", version: "v0.10.0", sum: "h1:BjOTBJRqx1SLo7NeyqNJWRPDyfRscbqPtGU1U2LzArg=",
		folder: "chart/crds",
		files:  []string{"secrets.hashicorp.com_vaultstaticsecrets", "secrets.hashicorp.com_vaultauths", "secrets.hashicorp.com_vaultconnections"},
	}, {
		folder: "infisical",
		files: []string{
			"secrets.infisical.com_infisicalsecrets", "secrets.infisical.com_infisicalstaticsecrets",
			"secrets.infisical.com_infisicalauths", "secrets.infisical.com_infisicalconnections",
		},
	}}
}

// Definitions reads the CustomResourceDefinitions of the peers. here is the folder of this
// package, as the caller sees it; scratch is an empty folder outside of every module. Their
// webhooks, which translate between versions and run nowhere, are left out.
func Definitions(ctx context.Context, here, scratch string) ([]*apiextensionsv1.CustomResourceDefinition, error) {
	var all []*apiextensionsv1.CustomResourceDefinition
	for _, p := range known() {
		top := here
		if p.module != "" {
			var err error
			if top, err = p.download(ctx, scratch); err != nil {
				return nil, err
			}
		}
		for _, file := range p.files {
			definition, err := read(filepath.Join(top, p.folder, file+".yaml"))
			if err != nil {
				return nil, err
			}
			all = append(all, definition)
		}
	}
	return all, nil
}

func read(file string) (*apiextensionsv1.CustomResourceDefinition, error) {
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

// download returns where the module is on this machine. Its checksum is the pinned one.
func (p peer) download(ctx context.Context, scratch string) (string, error) {
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", p.module+"@"+p.version)
	command.Dir = scratch // Outside of our module, whose requirements this is none of.
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("downloading %s: %w\n%s%s", p.module, err, out, &complaints)
	}
	var module struct {
		Dir string `json:"Dir"`
		Sum string `json:"Sum"`
	}
	if err := json.Unmarshal(out, &module); err != nil {
		return "", fmt.Errorf("downloading %s: %w", p.module, err)
	}
	if module.Sum != p.sum {
		return "", fmt.Errorf("%s@%s has the checksum %s, not the pinned one", p.module, p.version, module.Sum)
	}
	return module.Dir, nil
}
