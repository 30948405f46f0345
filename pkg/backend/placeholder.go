// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"strings"

	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of errors about placeholders, all InvalidSpec.
const (
	// ReasonInvalidPlaceholder: a text has a placeholder that there is none of, or becomes
	// something that it cannot be.
	ReasonInvalidPlaceholder = "InvalidPlaceholder"
	// ReasonLabelMissing: a text names a label that the namespace does not have.
	ReasonLabelMissing = "LabelMissing"
	// ReasonLabelsUnreadable: a text names a label, and the operator may not read namespaces.
	ReasonLabelsUnreadable = "LabelsUnreadable"
)

// Placeholders is what {namespace} and {label:KEY} stand for in one namespace. They are
// replaced literally: what replaces one is never taken for a placeholder, a wildcard or the
// end of a segment.
type Placeholders struct {
	// Namespace is its name.
	Namespace string
	// Labels of the namespace; one without a value is as none.
	Labels map[string]string
	// NoLabels says that they cannot be read, so that none may be named.
	NoLabels bool
}

// HasPlaceholder reports whether a text has to be resolved.
func HasPlaceholder(text string) bool { return strings.Contains(text, "{") }

// NamesLabel reports whether a text has a placeholder for a label.
func NamesLabel(text string) bool { return strings.Contains(text, "{label:") }

// Path returns a path with its placeholders replaced. What comes out is segments, as many as
// were there: a path is never cleaned. Errors: InvalidSpec, naming the placeholder or segment.
func (p Placeholders) Path(path string) (string, error) {
	if !HasPlaceholder(path) {
		return path, nil
	}
	parts := splitPattern(path)
	for i, part := range parts {
		literal, _, err := expand(part, p.lookup)
		if err != nil {
			return "", err.in("path", path)
		}
		if !isSegment(literal) {
			return "", fault.New(fault.InvalidSpec, ReasonInvalidPlaceholder,
				"path %q: its segment %q becomes %q in namespace %q; a segment is made of [A-Za-z0-9_.@ -], and neither empty nor . or ..", path, part, literal, p.Namespace)
		}
		parts[i] = literal
	}
	return strings.Join(parts, "/"), nil
}

// Text returns a text that is no path with its placeholders replaced; what it may be is the
// caller's to check. Errors: InvalidSpec, naming the placeholder.
func (p Placeholders) Text(text string) (string, error) {
	literal, _, err := expand(text, p.lookup)
	if err != nil {
		return "", err.in("text", text)
	}
	return literal, nil
}

// lookup returns what a placeholder stands for.
func (p Placeholders) lookup(name string) (string, *placeholderError) {
	if name == "namespace" {
		return p.Namespace, nil
	}
	key, ok := strings.CutPrefix(name, "label:")
	switch {
	case !ok:
		return "", &placeholderError{ReasonInvalidPlaceholder, "unknown placeholder {" + name + "}; {namespace} and {label:KEY} are valid"}
	case p.NoLabels:
		return "", &placeholderError{ReasonLabelsUnreadable, "{" + name + "}: this operator serves some namespaces only and may not read their labels; {namespace} is valid"}
	case p.Labels[key] == "":
		return "", &placeholderError{ReasonLabelMissing, "{" + name + "}: namespace \"" + p.Namespace + "\" has no label \"" + key + "\", or an empty one"}
	}
	return p.Labels[key], nil
}

// placeholderError is what is wrong with a placeholder, wherever it stands.
type placeholderError struct{ reason, message string }

// in returns the error with the text that the placeholder stands in.
func (e *placeholderError) in(what, text string) error {
	return fault.New(fault.InvalidSpec, e.reason, "%s %q: %s", what, text, e.message)
}

// expand replaces the placeholders of a text by what lookup makes of their names. sample is
// the text with an x for each, to check the rest by.
func expand(text string, lookup func(name string) (string, *placeholderError)) (literal, sample string, err *placeholderError) {
	for rest := text; rest != ""; {
		before, after, open := strings.Cut(rest, "{")
		literal, sample = literal+before, sample+before
		if !open {
			break
		}
		name, behind, closed := strings.Cut(after, "}")
		if !closed {
			return "", "", &placeholderError{ReasonInvalidPlaceholder, "{ without }"}
		}
		value, err := lookup(name)
		if err != nil {
			return "", "", err
		}
		literal, sample = literal+value, sample+"x"
		rest = behind
	}
	return literal, sample, nil
}
