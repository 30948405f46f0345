// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Command sbom writes the bill of materials of a Go program, as its linker recorded it, in
// CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json): sbom BINARY VERSION DOCUMENT.
package main

import (
	"cmp"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
)

// document is the part of CycloneDX that says what a program is made of. It holds neither a time
// nor a random number: the same program has the same bill.
type document struct {
	BOMFormat   string      `json:"bomFormat"`
	SpecVersion string      `json:"specVersion"`
	Version     int         `json:"version"`
	Metadata    metadata    `json:"metadata"`
	Components  []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	PURL       string     `json:"purl,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

var errUsage = errors.New("usage: sbom BINARY VERSION DOCUMENT")

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return errUsage
	}
	info, err := buildinfo.ReadFile(args[0])
	if err != nil {
		return fmt.Errorf("reading %s: %w", args[0], err)
	}
	text, err := json.MarshalIndent(describe(info, args[1]), "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the bill of %s: %w", args[0], err)
	}
	return os.WriteFile(args[2], append(text, '\n'), 0o644) //nolint:gosec // published
}

// describe makes the bill of a program: its modules, each as replaced, and the standard library.
// The linker does not know the program's own version.
func describe(info *debug.BuildInfo, version string) document {
	main := module(&debug.Module{Path: info.Main.Path, Version: version})
	main.Type, main.Name = "application", info.Path
	d := document{
		BOMFormat: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{Component: main},
		Components: []component{module(&debug.Module{
			Path: "std", Version: info.GoVersion,
		})},
	}
	for _, dependency := range info.Deps {
		if dependency.Replace != nil {
			dependency = dependency.Replace
		}
		d.Components = append(d.Components, module(dependency))
	}
	slices.SortFunc(d.Components, func(a, b component) int { return cmp.Compare(a.Ref, b.Ref) })
	return d
}

// module describes one Go module, with the hash that go.sum has of it.
func module(m *debug.Module) component {
	purl := "pkg:golang/" + m.Path
	if m.Version != "" {
		purl += "@" + m.Version
	}
	c := component{Type: "library", Ref: purl, Name: m.Path, Version: m.Version, PURL: purl}
	if m.Sum != "" {
		c.Properties = []property{{Name: "secretsync:go.sum", Value: m.Sum}}
	}
	return c
}
