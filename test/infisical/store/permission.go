// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The actions on secrets, and on most other subjects read, create, edit and delete.
const (
	// ActionRead is the old action that holds both describing and reading.
	ActionRead      = "read"
	ActionDescribe  = "describeSecret"
	ActionReadValue = "readValue"
	ActionCreate    = "create"
	ActionEdit      = "edit"
	ActionDelete    = "delete"
)

// The subjects of permissions that the simulator checks.
const (
	SubjectSecrets = "secrets"
	SubjectFolders = "secret-folders"
	SubjectImports = "secret-imports"
)

// all stands for any action or any subject.
const all = "*"

// Rule is a permission as a role lists it. Later rules beat earlier ones.
type Rule struct {
	// Subject is what it is about, such as secrets; * is everything.
	Subject string `json:"subject"`
	// Action lists what it allows; * is everything.
	Action Actions `json:"action"`
	// Conditions narrow it: environment, secretPath, secretName, secretTags; each a value, or
	// operators ($eq, $ne, $in, $glob) with their operands, of which all must hold.
	Conditions map[string]any `json:"conditions,omitempty"`
	// Inverted makes it a prohibition.
	Inverted bool `json:"inverted,omitempty"`
}

// Actions is one action or several.
type Actions []string

// UnmarshalJSON takes a text or a list of texts.
func (a *Actions) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = Actions{one}
		return nil
	}
	var several []string
	if err := json.Unmarshal(text, &several); err != nil {
		return fmt.Errorf("parsing actions: %w", err)
	}
	*a = several
	return nil
}

// Object is what somebody wants to do something to.
type Object struct {
	Environment, Path, Name string
	Tags                    []string
}

// Ability is what somebody may do in one project: the rules of all their roles.
type Ability []Rule

// Can reports whether the action on the object is allowed: the last rule that applies decides.
func (a Ability) Can(action, subject string, object Object) bool {
	for _, rule := range slices.Backward(a) {
		if rule.covers(action, subject) && rule.applies(object) {
			return !rule.Inverted
		}
	}
	return false
}

// CanSome reports whether the action is allowed on some object, as far as can be told without one:
// conditions of prohibitions are not looked at.
func (a Ability) CanSome(action, subject string) bool {
	for _, rule := range slices.Backward(a) {
		if rule.covers(action, subject) && (!rule.Inverted || len(rule.Conditions) == 0) {
			return !rule.Inverted
		}
	}
	return false
}

// Reads is Can for describing secrets and reading their values, which the old action read holds, too.
func (a Ability) Reads(action string, object Object) bool {
	return a.Can(action, SubjectSecrets, object) || a.Can(ActionRead, SubjectSecrets, object)
}

// Fingerprint tells whether two abilities are the same.
func (a Ability) Fingerprint() string {
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Sprintf("%v", []Rule(a)) // conditions came from JSON, so this does not happen
	}
	return string(text)
}

// BuiltInRole returns the rules of a role that every project has; ok is false for any other name.
func BuiltInRole(name string) (rules []Rule, ok bool) {
	read := Actions{ActionRead, ActionDescribe, ActionReadValue}
	switch name {
	case "admin":
		return []Rule{{Subject: all, Action: Actions{all}}}, true
	case "member":
		write := Actions{ActionRead, ActionDescribe, ActionReadValue, ActionCreate, ActionEdit, ActionDelete}
		return []Rule{
			{Subject: SubjectSecrets, Action: write}, {Subject: SubjectFolders, Action: write}, {Subject: SubjectImports, Action: write},
		}, true
	case "viewer":
		return []Rule{{Subject: SubjectSecrets, Action: read}, {Subject: SubjectFolders, Action: read}, {Subject: SubjectImports, Action: read}}, true
	case "no-access":
		return nil, true
	default:
		return nil, false
	}
}

// SetRole makes or changes a role of the project's own.
func (s *Store) SetRole(projectID, slug string, rules []Rule) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[projectID]
	if p == nil {
		return noProject(projectID)
	}
	p.roles[slug] = slices.Clone(rules)
	return nil
}

// Role returns the rules of a role, the built-in ones included.
func (s *Store) Role(projectID, slug string) ([]Rule, error) {
	if rules, ok := BuiltInRole(slug); ok {
		return rules, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[projectID]
	if p == nil {
		return nil, noProject(projectID)
	}
	rules, ok := p.roles[slug]
	if !ok {
		return nil, NotFound("NotFound", "Project role with slug '%s' not found", slug)
	}
	return slices.Clone(rules), nil
}

func (r Rule) covers(action, subject string) bool {
	return (r.Subject == all || r.Subject == subject) && (slices.Contains(r.Action, all) || slices.Contains(r.Action, action))
}

func (r Rule) applies(object Object) bool {
	for field, condition := range r.Conditions {
		var values []string
		switch field {
		case "environment":
			values = []string{object.Environment}
		case "secretPath":
			values = []string{object.Path}
		case "secretName":
			values = []string{object.Name}
		case "secretTags":
			values = object.Tags
		}
		if !holds(condition, values) {
			return false
		}
	}
	return true
}

func holds(condition any, values []string) bool {
	operators, ok := condition.(map[string]any)
	if !ok {
		return slices.Contains(values, fmt.Sprint(condition))
	}
	for operator, operand := range operators {
		if !slices.ContainsFunc(values, func(value string) bool { return compare(operator, operand, value) }) {
			return false
		}
	}
	return true
}

func compare(operator string, operand any, value string) bool {
	switch operator {
	case "$eq":
		return value == operand
	case "$ne":
		return value != operand
	case "$glob":
		pattern, ok := operand.(string)
		return ok && Glob(pattern, value)
	case "$in":
		list, ok := operand.([]any)
		return ok && slices.Contains(list, any(value))
	default:
		return false
	}
}

// Glob reports whether text matches a pattern of picomatch, of which it knows **, * and ?.
func Glob(pattern, text string) bool {
	var expression strings.Builder
	expression.WriteString("^")
	for rest := pattern; rest != ""; {
		switch {
		case rest == "/**":
			expression.WriteString("(/.*)?")
			rest = ""
		case strings.HasPrefix(rest, "**/"):
			expression.WriteString("(.*/)?")
			rest = rest[3:]
		case strings.HasPrefix(rest, "**"):
			expression.WriteString(".*")
			rest = rest[2:]
		case rest[0] == '*':
			expression.WriteString("[^/]*")
			rest = rest[1:]
		case rest[0] == '?':
			expression.WriteString("[^/]")
			rest = rest[1:]
		default:
			expression.WriteString(regexp.QuoteMeta(rest[:1]))
			rest = rest[1:]
		}
	}
	expression.WriteString("$")
	matched, err := regexp.MatchString(expression.String(), text)
	return err == nil && matched
}
