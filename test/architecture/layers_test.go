// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

const module = "github.com/secretsync/secretsync"

// outside is the layer of what is not part of the product's stack.
const outside = -1

// layers is the stack: the row of each package, where * stands for any one folder name. A folder
// below a package belongs to it. Imports point to a lower row only, and packages of one row
// never import each other.
func layers() map[string]int {
	return map[string]int{
		"cmd/*": 5,

		"pkg/operator":  4,
		"pkg/bootstrap": 4,
		"pkg/cli":       4,

		"pkg/controllers/*": 3,

		"pkg/target":               2,
		"pkg/history":              2,
		"pkg/restart":              2,
		"pkg/status":               2,
		"pkg/poll":                 2,
		"pkg/credentials":          2,
		"pkg/backend/vault":        2,
		"pkg/backend/infisical":    2,
		"pkg/backend/fake":         2,
		"pkg/backend/instrumented": 2,
		"pkg/backend/backendtest":  2,

		"pkg/backend":        1,
		"pkg/backend/remote": 1,
		"pkg/render":         1,
		"pkg/revision":       1,
		"pkg/events":         1,
		"pkg/fieldowner":     1,
		"pkg/metrics":        1,
		"pkg/template":       1,
		"pkg/workload":       1,

		"pkg/apis/*":     0,
		"pkg/sensitive":  0,
		"pkg/fault":      0,
		"pkg/privatekey": 0,
		"pkg/version":    0,
	}
}

// unitOf returns the package of the stack that a folder belongs to and its row; ok is false for
// a folder below cmd or pkg that the stack does not know.
func unitOf(dir string) (unit string, row int, ok bool) {
	if !inProduct(dir) {
		return dir, outside, true
	}
	stack := layers()
	for at := dir; at != "."; at = path.Dir(at) {
		row, known := stack[at]
		if !known {
			row, known = stack[path.Dir(at)+"/*"]
		}
		if known && (at == dir || !holdsOthers(at)) {
			return at, row, true
		}
	}
	return "", 0, false
}

// holdsOthers reports whether packages of the stack lie below the given one, so that a folder
// below it must be one of them.
func holdsOthers(unit string) bool {
	for other := range layers() {
		if strings.HasPrefix(other, unit+"/") {
			return true
		}
	}
	return false
}

func inProduct(dir string) bool {
	return dir == "cmd" || dir == "pkg" || strings.HasPrefix(dir, "cmd/") || strings.HasPrefix(dir, "pkg/")
}

// testSupport may be imported by the tests of its own row and above.
func testSupport() []string {
	return []string{"pkg/backend/fake", "pkg/backend/backendtest"}
}

// imports visits each import with the beginning of a finding about it.
func (s *source) imports(visit func(importPath, violation string)) {
	for _, spec := range s.file.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			visit(importPath, s.finding(spec, "imports %s", importPath))
		}
	}
}

func importsPointDown(s *source) []string {
	unit, row, ok := unitOf(s.dir())
	if !ok {
		return []string{s.finding(s.file, "package %s is not in the stack of layers", s.dir())}
	}
	if row == outside {
		return nil
	}
	var found []string
	s.imports(func(importPath, violation string) {
		dir, own := strings.CutPrefix(importPath, module+"/")
		if !own {
			return
		}
		to, toRow, known := unitOf(dir)
		switch {
		case !known:
			found = append(found, violation+", which is not in the stack of layers")
		case toRow == outside:
			found = append(found, violation+", which is no part of the product")
		case to == unit:
		case s.isTest() && row >= toRow && slices.Contains(testSupport(), to):
		case toRow >= row:
			found = append(found, violation+" from row "+strconv.Itoa(row)+", but it is in row "+strconv.Itoa(toRow))
		}
	})
	return found
}

// sdksStayInTheirBackend keeps each backend's SDK behind one package, so that nothing else can
// depend on its types, its retries or its reading of the environment.
func sdksStayInTheirBackend(s *source) []string {
	if !inProduct(s.dir()) {
		return nil
	}
	homes := map[string]string{
		"github.com/hashicorp/vault":  "pkg/backend/vault",
		"github.com/infisical/go-sdk": "pkg/backend/infisical",
	}
	var found []string
	s.imports(func(importPath, violation string) {
		for sdk, home := range homes {
			if below(importPath, sdk) && !below(s.dir(), home) {
				found = append(found, violation+": only "+home+" may")
			}
		}
	})
	return found
}

// purePackages are those whose result depends on their arguments alone.
func purePackages() []string {
	return []string{
		"pkg/render", "pkg/revision", "pkg/workload",
		"pkg/bootstrap/check", "pkg/bootstrap/distinct", "pkg/bootstrap/plan", "pkg/bootstrap/snippet",
	}
}

// purePackagesStayPure keeps clients, clocks, logs, chance and the environment out of the
// packages whose result must depend on their arguments alone.
func purePackagesStayPure(s *source) []string {
	if s.isTest() || !slices.Contains(purePackages(), s.dir()) {
		return nil
	}
	impure := []string{
		"k8s.io/client-go", "sigs.k8s.io/controller-runtime", "k8s.io/klog", "k8s.io/utils/clock",
		"github.com/go-logr", "go.uber.org/zap", "github.com/prometheus",
		"log", "net", "os", "crypto/rand", "math/rand",
	}
	var found []string
	s.imports(func(importPath, violation string) {
		for _, banned := range impure {
			if below(importPath, banned) && importPath != "net/url" { // which parses, and asks nobody
				found = append(found, violation+": "+s.dir()+" is pure")
			}
		}
	})
	return found
}

// below reports whether a path is the given one or lies beneath it.
func below(p, parent string) bool { return p == parent || strings.HasPrefix(p, parent+"/") }

func layerCases() map[string]ruleCase {
	imports := func(importPath string) string { return "package p\n\nimport _ \"" + importPath + "\"\n" }
	own := func(dir string) string { return imports(module + "/" + dir) }
	return map[string]ruleCase{
		"Down":              {rule: "ImportsPointDown", files: map[string]string{"pkg/poll/a.go": own("pkg/backend")}},
		"DownSeveralRows":   {rule: "ImportsPointDown", files: map[string]string{"cmd/secretsync/a.go": own("pkg/fault")}},
		"OwnInternal":       {rule: "ImportsPointDown", files: map[string]string{"pkg/poll/a.go": own("pkg/poll/internal/heap")}},
		"BackendToContract": {rule: "ImportsPointDown", files: map[string]string{"pkg/backend/vault/a.go": own("pkg/backend")}},
		"FakeInTest":        {rule: "ImportsPointDown", files: map[string]string{"pkg/poll/a_test.go": own("pkg/backend/fake")}},
		"TestImportsAny":    {rule: "ImportsPointDown", files: map[string]string{"test/demo/a.go": own("pkg/operator")}},
		"Up":                {rule: "ImportsPointDown", files: map[string]string{"pkg/render/a.go": own("pkg/target")}, want: "from row 1"},
		"UpInTest":          {rule: "ImportsPointDown", files: map[string]string{"pkg/render/a_test.go": own("pkg/target")}, want: "from row 1"},
		"Sibling":           {rule: "ImportsPointDown", files: map[string]string{"pkg/target/a.go": own("pkg/history")}, want: "in row 2"},
		"SiblingController": {
			rule:  "ImportsPointDown",
			files: map[string]string{"pkg/controllers/secretsync/a.go": own("pkg/controllers/secretbackend")}, want: "in row 3",
		},
		"SiblingCommand":    {rule: "ImportsPointDown", files: map[string]string{"cmd/a/a.go": own("cmd/b")}, want: "in row 5"},
		"ContractToBackend": {rule: "ImportsPointDown", files: map[string]string{"pkg/backend/a.go": own("pkg/backend/vault")}, want: "in row 2"},
		"BackendToBackend":  {rule: "ImportsPointDown", files: map[string]string{"pkg/backend/vault/a.go": own("pkg/backend/infisical")}, want: "in row 2"},
		"FakeInProduct":     {rule: "ImportsPointDown", files: map[string]string{"pkg/poll/a.go": own("pkg/backend/fake")}, want: "in row 2"},
		"FakeInLowTest":     {rule: "ImportsPointDown", files: map[string]string{"pkg/backend/a_test.go": own("pkg/backend/fake")}, want: "in row 2"},
		"TestFolder":        {rule: "ImportsPointDown", files: map[string]string{"pkg/poll/a_test.go": own("test/cluster")}, want: "no part of the product"},
		"UnknownImporter":   {rule: "ImportsPointDown", files: map[string]string{"pkg/thing/a.go": "package p"}, want: "not in the stack"},
		"UnknownBackend":    {rule: "ImportsPointDown", files: map[string]string{"pkg/backend/x/a.go": "package p"}, want: "not in the stack"},
		"UnknownImported":   {rule: "ImportsPointDown", files: map[string]string{"pkg/poll/a.go": own("pkg/thing")}, want: "not in the stack"},
		"SDKAtHome":         {rule: "SDKsStayInTheirBackend", files: map[string]string{"pkg/backend/vault/a.go": imports("github.com/hashicorp/vault/api")}},
		"SDKInTest":         {rule: "SDKsStayInTheirBackend", files: map[string]string{"test/demo/a.go": imports("github.com/hashicorp/vault/api")}},
		"VaultAbroad":       {rule: "SDKsStayInTheirBackend", files: map[string]string{"pkg/poll/a.go": imports("github.com/hashicorp/vault/api")}, want: "only pkg/backend/vault"},
		"InfisicalAbroad":   {rule: "SDKsStayInTheirBackend", files: map[string]string{"pkg/operator/a.go": imports("github.com/infisical/go-sdk")}, want: "only pkg/backend/infisical"},
		"PureImportsTypes":  {rule: "PurePackagesStayPure", files: map[string]string{"pkg/render/a.go": imports("k8s.io/api/core/v1")}},
		"ImpureElsewhere":   {rule: "PurePackagesStayPure", files: map[string]string{"pkg/target/a.go": imports("k8s.io/client-go/rest")}},
		"PureParsesURLs":    {rule: "PurePackagesStayPure", files: map[string]string{"pkg/render/a.go": imports("net/url")}},
		"PureImportsNet":    {rule: "PurePackagesStayPure", files: map[string]string{"pkg/bootstrap/plan/a.go": imports("net/http")}, want: "is pure"},
		"PureImportsClient": {rule: "PurePackagesStayPure", files: map[string]string{"pkg/render/a.go": imports("k8s.io/client-go/rest")}, want: "is pure"},
		"PureImportsLog":    {rule: "PurePackagesStayPure", files: map[string]string{"pkg/revision/a.go": imports("log/slog")}, want: "is pure"},
		"PureImportsClock":  {rule: "PurePackagesStayPure", files: map[string]string{"pkg/revision/a.go": imports("k8s.io/utils/clock")}, want: "is pure"},
	}
}
