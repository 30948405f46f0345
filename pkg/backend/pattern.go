// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/fault"
)

// pathPattern is one item of spec.allow.paths, compiled for one namespace.
type pathPattern struct {
	// text is the pattern with everything replaced, for messages.
	text     string
	segments []segmentPattern
	// never is set if the namespace lacks a label that the pattern names.
	never bool
}

// segmentPattern matches one segment, or with deep any number of them.
type segmentPattern struct {
	deep    bool   // **
	any     bool   // *
	literal string // else exactly this
}

// matches reports whether the pattern covers all the segments of a path. It goes back to
// the last ** only, which is enough and keeps the time below segments times patterns.
func (p pathPattern) matches(path []string) bool {
	if p.never {
		return false
	}
	at, retry, retryFrom := 0, -1, 0
	for i := 0; i < len(path); {
		switch {
		case at < len(p.segments) && p.segments[at].deep:
			retry, retryFrom = at, i
			at++
		case at < len(p.segments) && (p.segments[at].any || p.segments[at].literal == path[i]):
			at++
			i++
		case retry >= 0:
			retryFrom++
			at, i = retry+1, retryFrom
		default:
			return false
		}
	}
	for at < len(p.segments) && p.segments[at].deep {
		at++
	}
	return at == len(p.segments)
}

// patternScope is what placeholders are replaced from.
type patternScope struct {
	namespace string
	labels    map[string]string
	trusted   []string
}

// compile parses a pattern. What replaces a placeholder is compared literally: it is put
// in after the pattern was taken apart, so it is never a wildcard and never adds a slash.
func (s patternScope) compile(text string) (pathPattern, *fault.Error) {
	if text == Root {
		return pathPattern{text: Root}, nil
	}
	var pattern pathPattern
	var shown []string
	for _, part := range splitPattern(text) {
		switch part {
		case "**":
			pattern.segments = append(pattern.segments, segmentPattern{deep: true})
			shown = append(shown, part)
			continue
		case "*":
			pattern.segments = append(pattern.segments, segmentPattern{any: true})
			shown = append(shown, part)
			continue
		}
		literal, known, err := s.segment(part)
		if err != nil {
			return pathPattern{}, err
		}
		if !known {
			pattern.never = true
			literal = part
		}
		pattern.segments = append(pattern.segments, segmentPattern{literal: literal})
		shown = append(shown, literal)
	}
	pattern.text = strings.Join(shown, "/")
	return pattern, nil
}

// splitPattern cuts a pattern at its slashes, except those in the key of a label.
func splitPattern(text string) []string {
	var parts []string
	start, inside := 0, false
	for i := range len(text) {
		switch text[i] {
		case '{':
			inside = true
		case '}':
			inside = false
		case '/':
			if !inside {
				parts = append(parts, text[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, text[start:])
}

// segment replaces the placeholders of one segment. known is false if the namespace has
// no such label, or one that cannot be a segment of a path.
func (s patternScope) segment(part string) (literal string, known bool, err *fault.Error) {
	known = true
	literal, sample, wrong := expand(part, func(name string) (string, *placeholderError) {
		value, wrong := s.lookup(name)
		known = known && value != ""
		return value, wrong
	})
	if wrong != nil {
		return "", false, invalidAllow("%q: %s", part, wrong.message)
	}
	if !isSegment(sample) {
		return "", false, invalidAllow("%q: a segment is *, ** or made of [A-Za-z0-9_.@ -], {namespace} and {label:KEY}; it is not empty, . or ..", part)
	}
	return literal, known && isSegment(literal), nil
}

// lookup returns what a placeholder stands for; empty if the namespace has no such label.
// Of labels the backend must trust those that it decides by.
func (s patternScope) lookup(name string) (string, *placeholderError) {
	if key, ok := strings.CutPrefix(name, "label:"); ok && !slices.Contains(s.trusted, key) {
		return "", &placeholderError{ReasonInvalidAllow,
			fmt.Sprintf("{%s} needs %q in spec.allow.trustedLabels, which is for labels that tenants cannot set", name, key)}
	}
	value, wrong := Placeholders{Namespace: s.namespace, Labels: s.labels}.lookup(name)
	if wrong != nil && wrong.reason == ReasonLabelMissing {
		return "", nil
	}
	return value, wrong
}

// maxPatterns bounds the list of patterns in a message.
const maxPatterns = 16

// listPatterns lists the first of some patterns, for messages.
func listPatterns(patterns []pathPattern) string {
	var shown []string
	for _, p := range patterns[:min(len(patterns), maxPatterns)] {
		text := fmt.Sprintf("%q", p.text)
		if p.never {
			text += " (not for this namespace, which lacks the label)"
		}
		shown = append(shown, text)
	}
	list := strings.Join(shown, ", ")
	if more := len(patterns) - len(shown); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}
