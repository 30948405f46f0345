// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxReferenceDepth is how deep references of references are followed.
const maxReferenceDepth = 10

var reference = regexp.MustCompile(`\$\{([a-zA-Z0-9-_.]+)\}`) //nolint:gochecknoglobals // compiled once, never changed

// resolver replaces references by what they refer to.
type resolver struct {
	store *Store
	who   Ability
	// throughImports looks for what a folder does not have in its imports.
	throughImports bool
}

// expandAll replaces the references in the values. If who may not read one of what is referred to,
// nothing is told but that.
func (r resolver) expandAll(secrets []Secret) error {
	var refused []string
	for i := range secrets {
		value, err := r.expand(secrets[i])
		if err != nil {
			refused = append(refused, err.Error())
			continue
		}
		secrets[i].Value = value
	}
	if len(refused) == 0 {
		return nil
	}
	err := Forbidden("ForbiddenError", "Failed to expand one or more secret references")
	err.Details = refused
	return err
}

func (r resolver) expand(s Secret) (string, error) {
	if s.Hidden || !reference.MatchString(s.Value) {
		return s.Value, nil
	}
	at := Place{ProjectID: s.ProjectID, Environment: s.Environment, Path: s.Path}
	value, err := r.walk(at, s.Value, []string{name(at, s.Key)})
	if err != nil {
		return "", err
	}
	if s.SkipMultiline && strings.Contains(value, "\n") {
		value = `"` + strings.ReplaceAll(value, "\n", `\n`) + `"`
	}
	return value, nil
}

// walk replaces the references in text, which stands in that place; trail is what led there.
func (r resolver) walk(at Place, text string, trail []string) (string, error) {
	var failed error
	expanded := reference.ReplaceAllStringFunc(text, func(whole string) string {
		parts := strings.Split(whole[2:len(whole)-1], ".")
		from, key := at, parts[len(parts)-1]
		if len(parts) > 1 {
			from.Environment = parts[0]
			from.Path = CleanPath("/" + strings.Join(parts[1:len(parts)-1], "/"))
		}
		value, err := r.follow(from, key, trail, whole)
		if err != nil && failed == nil {
			failed = err
		}
		return value
	})
	return expanded, failed
}

func (r resolver) follow(from Place, key string, trail []string, whole string) (string, error) {
	id := name(from, key)
	if slices.Contains(trail, id) || len(trail) > maxReferenceDepth {
		return whole, nil
	}
	target, ok := r.find(from, key)
	if !ok {
		if r.store.rules.MissingReferenceIsEmpty {
			return "", nil
		}
		return whole, nil
	}
	if !r.who.Reads(ActionReadValue, target.object()) {
		return "", fmt.Errorf("You do not have permission to read secret '%s' in environment '%s' at path '%s', which is referenced by another secret", //nolint:revive,staticcheck // the server's words
			key, from.Environment, from.Path)
	}
	return r.walk(from, target.Value, append(slices.Clone(trail), id))
}

func (r resolver) find(from Place, key string) (Secret, bool) {
	f := r.store.find(from)
	if f == nil {
		return Secret{}, false
	}
	if found := f.secret(key); found != nil {
		return found.tell(from), true
	}
	if !r.throughImports {
		return Secret{}, false
	}
	for _, i := range slices.Backward(f.imports) {
		how := readImports{who: r.who, projectID: from.ProjectID, view: true, describedIsEnough: true}
		for _, told := range r.store.gather(i, how, map[*folder]bool{}, 0) {
			if told.Key == key {
				return told, true
			}
		}
	}
	return Secret{}, false
}

func name(at Place, key string) string { return at.Environment + ":" + at.Path + ":" + key }
