// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package architecture

import (
	"strings"
	"testing"
)

// rule returns one line for each violation in a package.
type rule func(goPackage) []string

// eachFile makes a rule of a check that looks at one file at a time.
func eachFile(check func(*source) []string) rule {
	return func(p goPackage) []string {
		var found []string
		for _, s := range p.files {
			found = append(found, check(s)...)
		}
		return found
	}
}

// rules is every rule about Go code, by the name its violations are reported under.
func rules() map[string]rule {
	return map[string]rule{
		"ImportsPointDown":       eachFile(importsPointDown),
		"SDKsStayInTheirBackend": eachFile(sdksStayInTheirBackend),
		"PurePackagesStayPure":   eachFile(purePackagesStayPure),
		"StatusIsWrittenOnce":    eachFile(statusIsWrittenOnce),
		"OneReconcilePerPackage": oneReconcilePerPackage,
		"FilesAreSmall":          eachFile(filesAreSmall),
		"FunctionsAreSmall":      eachFile(functionsAreSmall),
		"ParametersAreFew":       eachFile(parametersAreFew),
		"InterfacesAreSmall":     eachFile(interfacesAreSmall),
		"PackagesAreDocumented":  packagesAreDocumented,
		"PackageNamesSaySubject": packageNamesSaySubject,
		"ExportsAreDocumented":   eachFile(exportsAreDocumented),
		"FilesAreLicensed":       eachFile(filesAreLicensed),
		"NothingInits":           eachFile(nothingInits),
		"NoMutableGlobals":       eachFile(noMutableGlobals),
		"TimeIsInjected":         eachFile(timeIsInjected),
		"NothingSleeps":          eachFile(nothingSleeps),
		"ErrorsAreWrapped":       eachFile(errorsAreWrapped),
		"NolintIsExplained":      eachFile(nolintIsExplained),
	}
}

func TestRepositoryKeepsTheRules(t *testing.T) {
	packages := repositoryPackages(t)
	for name, check := range rules() {
		t.Run(name, func(t *testing.T) {
			for _, p := range packages {
				for _, violation := range check(p) {
					t.Error(violation)
				}
			}
		})
	}
}

// ruleCase is a small package and what one rule says of it.
type ruleCase struct {
	reason string
	rule   string
	// files maps paths to code; a path decides the layer the code claims to live in.
	files map[string]string
	// want is a part of the one expected violation, or empty where the code is fine.
	want string
}

// TestRulesFire proves of every rule that it finds what it is there for and nothing else: a
// rule that cannot fail is a defect.
func TestRulesFire(t *testing.T) {
	all, fired := rules(), map[string]bool{}
	for _, group := range []map[string]ruleCase{
		layerCases(), sizeCases(), documentationCases(), stateCases(), errorCases(),
	} {
		for name, tc := range group {
			check, known := all[tc.rule]
			if !known {
				t.Fatalf("case %s is about rule %q, which does not exist", name, tc.rule)
			}
			if tc.want != "" {
				fired[tc.rule] = true
			}
			t.Run(tc.rule+"/"+name, func(t *testing.T) { tc.run(t, check) })
		}
	}
	for name := range all {
		if !fired[name] {
			t.Errorf("rule %s has no case that proves it fires", name)
		}
	}
}

func (tc ruleCase) run(t *testing.T, check rule) {
	t.Helper()
	var p goPackage
	for name, code := range tc.files {
		s, err := parse(name, []byte(code))
		if err != nil {
			t.Fatal(err)
		}
		p.dir = s.dir()
		p.files = append(p.files, s)
	}
	got := check(p)
	switch {
	case tc.want == "" && len(got) > 0:
		t.Errorf("%s: rule fires without reason: %q", tc.reason, got)
	case tc.want != "" && len(got) != 1:
		t.Errorf("%s: want one violation with %q, got %q", tc.reason, tc.want, got)
	case tc.want != "" && !strings.Contains(got[0], tc.want):
		t.Errorf("%s: want a violation with %q, got %q", tc.reason, tc.want, got[0])
	}
}
