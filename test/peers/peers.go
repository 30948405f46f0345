// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"context"
	"path/filepath"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/secretsync/secretsync/test/published"
)

// peer is another operator, and where its CustomResourceDefinitions are.
type peer struct {
	// module that has them; the zero one means that the folder is below this package.
	module published.Module
	folder string
	// files are the definitions that are wanted, by group and plural.
	files []string
}

// known lists the peers, each of the newest version that the module registry has.
func known() []peer {
	return []peer{{
		module: published.Module{Path: "github.com/external-secrets/external-secrets", Version: "v1.3.2", Sum: "h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ="},
		folder: "config/crds/bases",
		files: []string{
			"external-secrets.io_externalsecrets", "external-secrets.io_clusterexternalsecrets",
			"external-secrets.io_secretstores", "external-secrets.io_clustersecretstores",
		},
	}, {
		module: published.Module{Path: "github.com/hashicorp/vault-secrets-operator", Version: "v0.10.0", Sum: "h1:BjOTBJRqx1SLo7NeyqNJWRPDyfRscbqPtGU1U2LzArg="},
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
		if p.module != (published.Module{}) {
			var err error
			if top, err = p.module.Download(ctx, scratch); err != nil {
				return nil, err //nolint:wrapcheck // complete
			}
		}
		for _, file := range p.files {
			definition, err := published.Definition(filepath.Join(top, p.folder, file+".yaml"))
			if err != nil {
				return nil, err //nolint:wrapcheck // complete
			}
			all = append(all, definition)
		}
	}
	return all, nil
}
