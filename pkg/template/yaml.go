// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxYAML is how many bytes of YAML are read and written: its trees take many times as much.
const maxYAML = 256 << 10

// fromYAML reads one document of YAML, without anchors and aliases.
func fromYAML(s string) (any, error) {
	node, err := parseYAML(s)
	if err != nil {
		return nil, err
	}
	left := maxItems
	return nodeOf(node, &left, 0)
}

// parseYAML returns the tree of the only document of a text.
func parseYAML(s string) (*yaml.Node, error) {
	if len(s) > maxYAML {
		return nil, refusal("YAML of more than %d bytes is not read", maxYAML)
	}
	decoder := yaml.NewDecoder(strings.NewReader(s))
	var document, next yaml.Node
	if decoder.Decode(&document) != nil || len(document.Content) != 1 {
		return nil, refusal("the text is not YAML")
	}
	if !errors.Is(decoder.Decode(&next), io.EOF) {
		return nil, refusal("the text is more than one document of YAML")
	}
	return document.Content[0], nil
}

// nodeOf returns what a node stands for in the kinds that templates know.
func nodeOf(node *yaml.Node, left *int, depth int) (any, error) {
	*left--
	if *left < 0 {
		return nil, tooMany()
	}
	if depth > maxNesting {
		return nil, refusal("lists and maps lie more than %d deep in each other", maxNesting)
	}
	switch node.Kind {
	case yaml.ScalarNode:
		return scalarOf(node), nil
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range node.Content {
			v, err := nodeOf(item, left, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		m := map[string]any{}
		err := pairsOf(node, func(key string, value *yaml.Node) (err error) {
			m[key], err = nodeOf(value, left, depth+1)
			return err
		})
		return m, err
	default:
		return nil, refusal("YAML with aliases is not read")
	}
}

// pairsOf goes through the members of a mapping, whose keys are texts, each there once.
func pairsOf(node *yaml.Node, each func(key string, value *yaml.Node) error) error {
	seen := map[string]struct{}{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			return refusal("the keys of a map must be texts in YAML, and nothing is merged into it")
		}
		if _, ok := seen[key.Value]; ok {
			return refusal("a map has the same key twice in YAML")
		}
		seen[key.Value] = struct{}{}
		if err := each(key.Value, node.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// scalarOf returns null, truths, whole numbers, and all else as it is written.
func scalarOf(node *yaml.Node) any {
	switch node.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var b bool
		if node.Decode(&b) == nil {
			return b
		}
	case "!!int", "!!float":
		if json.Valid([]byte(node.Value)) {
			n := json.Number(node.Value)
			if i, ok := numberOf(n).(int); ok {
				return i
			}
			return n
		}
		var i int
		if node.ShortTag() == "!!int" && node.Decode(&i) == nil {
			return i
		}
	}
	return node.Value
}

// membersOf reads an object in YAML or JSON whose members become keys of a Secret: texts,
// numbers and truths as they are written, lists and maps as JSON.
func membersOf(text string) (map[string]string, error) {
	node, err := parseYAML(text)
	if err != nil {
		return nil, refusal("the output is not an object in YAML or JSON")
	}
	if node.Kind != yaml.MappingNode {
		return nil, refusal("the output is not an object in YAML or JSON, but something else")
	}
	members, left := map[string]string{}, maxItems
	err = pairsOf(node, func(key string, value *yaml.Node) error {
		if value.Kind == yaml.ScalarNode && value.ShortTag() != "!!null" {
			members[key] = value.Value
			return nil
		}
		v, err := nodeOf(value, &left, 1)
		if err == nil && v == nil {
			err = refusal("a member of the output is null, which a Secret cannot hold; write \"\" for an empty text")
		}
		if err == nil {
			members[key], err = toJSON(v)
		}
		return err
	})
	return members, err
}

// toYAML writes YAML with sorted keys, indented by two spaces, and without a line end at the
// end unless it is that of a text.
func toYAML(v any) (string, error) {
	if size, err := measured(v, 0); err != nil {
		return "", err
	} else if size > maxYAML {
		return "", refusal("YAML of more than %d bytes is not written", maxYAML)
	}
	node, err := treeOf(v)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if encoder.Encode(node) != nil || encoder.Close() != nil {
		return "", refusal("the value cannot be written as YAML")
	}
	if endsInBlock(node) {
		return text.String(), nil // The last line end is the text's own.
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}

// endsInBlock reports whether the last thing in a tree is a text of lines.
func endsInBlock(node *yaml.Node) bool {
	for len(node.Content) > 0 {
		node = node.Content[len(node.Content)-1]
	}
	return node.Style&yaml.LiteralStyle != 0
}

// treeOf returns the tree of YAML for a value that was measured.
func treeOf(v any) (*yaml.Node, error) {
	switch n := v.(type) {
	case []any:
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range n {
			node, err := treeOf(item)
			if err != nil {
				return nil, err
			}
			list.Content = append(list.Content, node)
		}
		return list, nil
	case map[string]any:
		m := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, key := range slices.Sorted(maps.Keys(n)) {
			node, err := treeOf(n[key])
			if err != nil {
				return nil, err
			}
			m.Content = append(m.Content, textNode(key), node)
		}
		return m, nil
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	case string:
		return textNode(n), nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(n)}, nil
	default:
		return digits(v)
	}
}

func textNode(text string) *yaml.Node {
	node := &yaml.Node{}
	// Encode knows which texts older readers take for something else, as yes, and quotes them.
	if !inBlock(text) || node.Encode(text) != nil || node.Value != text {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: text}
	}
	return node
}

// inBlock reports whether a text, if it has lines, can stand as a block, whose white space at
// either end writers and readers do not agree about.
func inBlock(text string) bool {
	lines := strings.TrimSuffix(text, "\n")
	return !strings.ContainsAny(text, "\n\r") || strings.TrimSpace(lines) == lines && !strings.ContainsAny(lines, "\r\t") && lines != ""
}

// digits returns a number that keeps how it is written.
func digits(v any) (*yaml.Node, error) {
	text, err := textOf(v)
	tag := "!!int"
	if strings.ContainsAny(text, ".eE") {
		tag = "!!float"
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text}, err
}
