// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package binaries

// The names of the development tools, as Build and Path take them.
const (
	GolangciLint  = "golangci-lint"
	ControllerGen = "controller-gen"
	CRDRefDocs    = "crd-ref-docs"
	GoReleaser    = "goreleaser"
	GoTestSum     = "gotestsum"
	HelmDocs      = "helm-docs"
	Kubeconform   = "kubeconform"
)

// tools lists the modules of the development tools; each is built when something needs it.
func tools() []module {
	const (
		controllerTools = "sigs.k8s.io/controller-tools"
		crdRefDocs      = "github.com/elastic/crd-ref-docs"
		goReleaser      = "github.com/goreleaser/goreleaser/v2"
		goTestSum       = "gotest.tools/gotestsum"
		helmDocs        = "github.com/norwoodj/helm-docs"
		kubeAPILinter   = "sigs.k8s.io/kube-api-linter"
		kubeconform     = "github.com/yannh/kubeconform"
	)
	return []module{
		{folder: "tools/controller-gen", binaries: []binary{
			{name: ControllerGen, pkg: controllerTools + "/cmd/controller-gen", source: controllerTools},
		}},
		{folder: "tools/crd-ref-docs", binaries: []binary{{name: CRDRefDocs, pkg: crdRefDocs, source: crdRefDocs}}},
		{folder: "tools/goreleaser", binaries: []binary{{name: GoReleaser, pkg: goReleaser, source: goReleaser}}},
		{folder: "tools/gotestsum", binaries: []binary{{name: GoTestSum, pkg: goTestSum, source: goTestSum}}},
		{folder: "tools/helm-docs", binaries: []binary{{name: HelmDocs, pkg: helmDocs + "/cmd/helm-docs", source: helmDocs}}},
		{folder: "tools/kubeconform", binaries: []binary{{name: Kubeconform, pkg: kubeconform + "/cmd/kubeconform", source: kubeconform}}},
		// The API linter's own program is golangci-lint with one linter more.
		{folder: "tools/golangci-lint", binaries: []binary{{
			name: GolangciLint, pkg: kubeAPILinter + "/cmd/golangci-lint-kube-api-linter",
			source: "github.com/golangci/golangci-lint/v2",
		}}},
	}
}
