// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/secretsync/secretsync/pkg/fault"
)

// enter follows a JSON pointer (RFC 6901) from node. A field that holds JSON as a text,
// as many tools store it, is entered as if it were that JSON; texts further inside are not.
func enter(node any, pointer string) (any, error) {
	if !pointerSyntax.MatchString(pointer) {
		return nil, fault.New(fault.InvalidSpec, ReasonInvalidPointer, "jsonPointer %q: a pointer starts with / and writes ~ as ~0 and / as ~1, as in /tls/key", pointer)
	}
	if text, ok := node.(string); ok {
		inner, err := parse([]byte(text))
		if err != nil || !isContainer(inner) {
			return nil, invalid(ReasonPointerNotFound, "jsonPointer %q needs an object or a list, or a text that is one in JSON; the value is another text", pointer)
		}
		node = inner
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, token := range tokens {
		next, ok := step(node, unescape.Replace(token))
		if !ok {
			return nil, invalid(ReasonPointerNotFound, "jsonPointer %q leads nowhere: %s at %q has no %q",
				pointer, kindOf(node), "/"+strings.Join(tokens[:i], "/"), token)
		}
		node = next
	}
	return node, nil
}

// pointerSyntax is the grammar of RFC 6901, section 3, without the empty pointer.
var pointerSyntax = regexp.MustCompile(`^(/([^~/]|~[01])*)+$`)

// unescape turns a reference token into the name it stands for. The replacer looks at
// each position once, so ~01 is ~1 as RFC 6901 wants it.
var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// step returns the member or item of node that name names.
func step(node any, name string) (any, bool) {
	switch n := node.(type) {
	case map[string]any:
		next, ok := n[name]
		return next, ok
	case []any:
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(n) || strconv.Itoa(i) != name {
			return nil, false
		}
		return n[i], true
	default:
		return nil, false
	}
}

func isContainer(node any) bool {
	switch node.(type) {
	case map[string]any, []any:
		return true
	default:
		return false
	}
}

// kindOf says what a node is, for messages.
func kindOf(node any) string {
	switch node.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a text"
	case []any:
		return "a list"
	default:
		return "an object"
	}
}
