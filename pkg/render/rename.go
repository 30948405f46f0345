// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// maxName bounds in bytes what a rule makes of a name, so that rules which double it do not
// grow it without end. A key is shorter; a rule that follows may shorten it.
const maxName = 4096

// renaming is one rule, compiled.
type renaming struct {
	field string // of the specification
	steps int    // for a byte
	apply func(name string) string
}

// newRenaming compiles the rule that a field of the specification holds. Errors: InvalidSpec.
func newRenaming(field string, rule *v1alpha1.RenameRule) (renaming, error) {
	switch {
	case rule.Regexp != nil:
		expression, err := compile(field+".regexp.match", rule.Regexp.Match)
		if err != nil {
			return renaming{}, err
		}
		replace := rule.Regexp.Replace
		if err := checkReplacement(field+".regexp.replace", expression.Regexp, replace); err != nil {
			return renaming{}, err
		}
		return renaming{field, expression.steps, func(name string) string { return expression.ReplaceAllString(name, replace) }}, nil
	case rule.Case == v1alpha1.CaseUpper:
		return renaming{field, 0, func(name string) string { return turned(name, 'a', 'z') }}, nil
	case rule.Case == v1alpha1.CaseLower:
		return renaming{field, 0, func(name string) string { return turned(name, 'A', 'Z') }}, nil
	case rule.Invalid != "":
		return renaming{field, 0, func(name string) string { return replaceInvalid(name, rule.Invalid) }}, nil
	default:
		return renaming{}, fault.New(fault.InvalidSpec, ReasonInvalidRule, "%s: give exactly one member: regexp, case (Upper or Lower) or invalid", field)
	}
}

// turned changes the case of the letters from first to last. Others than A to Z are no part of
// a key, and what they are turned into depends on the version of Unicode.
func turned(name string, first, last byte) string {
	turned := []byte(name)
	for i, c := range turned {
		if c >= first && c <= last {
			turned[i] = c ^ ('a' - 'A')
		}
	}
	return string(turned)
}

// replaceInvalid puts a text in the place of each character that no key of a Secret can hold.
func replaceInvalid(name, replacement string) string {
	var out strings.Builder
	for _, c := range name {
		if c == '-' || c == '.' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			out.WriteRune(c)
		} else {
			out.WriteString(replacement)
		}
	}
	return out.String()
}

// reference matches what regexp.Expand takes for the name of a group, and the two dollar signs
// that it takes for one. What remains of dollar signs is none of both.
var reference = regexp.MustCompile(`\$(?:\$|([\pL\p{Nd}_]+)|\{([\pL\p{Nd}_]+)\})`)

// checkReplacement refuses a replacement that names no group, as $1_x does: it means a group
// 1_x, and would silently be nothing.
func checkReplacement(field string, expression *regexp.Regexp, replace string) error {
	for _, found := range reference.FindAllStringSubmatch(replace, -1) {
		group := found[1] + found[2]
		if group == "" {
			continue
		}
		number, err := strconv.Atoi(group)
		if err == nil && number <= expression.NumSubexp() || err != nil && slices.Contains(expression.SubexpNames(), group) {
			continue
		}
		return fault.New(fault.InvalidSpec, ReasonInvalidRule,
			"%s: %q has no group %q; a group's number or name that letters, digits or _ follow is written in braces, as in ${1}_X", field, cut(expression.String()), cut(group))
	}
	if strings.Contains(reference.ReplaceAllLiteralString(replace, ""), "$") {
		return fault.New(fault.InvalidSpec, ReasonInvalidRule, "%s: a $ stands before the number or name of a group; for a dollar sign write $$", field)
	}
	return nil
}
