// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// maxBytes is far more than a plan needs, and little enough to parse.
const maxBytes = 1 << 20

// maxNodes bounds what aliases may unfold to.
const maxNodes = 100_000

// Parse reads a plan, fills in the defaults, and checks it: the schema first, then what the
// schema cannot say. Every error is a Problems.
func Parse(text []byte) (*Plan, error) {
	root, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	where := &locator{root: root, left: maxNodes}
	value, problems := where.value(root, nil)
	if len(problems) > 0 {
		return nil, problems
	}
	if problems = violations(value, where); len(problems) > 0 {
		return nil, problems.sorted()
	}
	p, err := decode(value)
	if err != nil {
		return nil, Problems{{Line: 1, Message: err.Error()}}
	}
	p.fillIn()
	if problems = p.validate(where); len(problems) > 0 {
		return nil, problems.sorted()
	}
	return p, nil
}

// decode brings what satisfies the schema into the types.
func decode(value any) (*Plan, error) {
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encoding the plan: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	var p Plan
	if err := decoder.Decode(&p); err != nil {
		return nil, fmt.Errorf("decoding the plan: %w", err)
	}
	return &p, nil
}

// parseYAML returns the one document of a text.
func parseYAML(text []byte) (*yaml.Node, error) {
	if len(text) > maxBytes {
		return nil, Problems{{Line: 1, Message: fmt.Sprintf("the plan has %d bytes, at most %d", len(text), maxBytes)}}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, more yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, Problems{{Line: 1, Message: "the plan is empty"}}
		}
		return nil, Problems{syntax(err)}
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, Problems{{Line: max(more.Line, 1), Message: "there is a second document; a plan is one"}}
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		return nil, Problems{{Line: 1, Message: "the plan is empty"}}
	}
	return document.Content[0], nil
}

var syntaxError = regexp.MustCompile(`\Ayaml: (?:line ([0-9]+): )?(.*)`)

// syntax brings the parser's message into our form. It names no line for the first.
func syntax(err error) Problem {
	problem := Problem{Line: 1, Message: err.Error()}
	if parts := syntaxError.FindStringSubmatch(problem.Message); parts != nil {
		problem.Message = parts[2]
		if line, err := strconv.Atoi(parts[1]); err == nil {
			problem.Line = line
		}
	}
	return problem
}

// locator knows where in the text each field is.
type locator struct {
	root *yaml.Node
	left int
}

// value converts a node into what JSON has: objects, lists, texts, numbers, booleans, null.
func (l *locator) value(n *yaml.Node, path []string) (any, Problems) {
	l.left--
	if l.left < 0 {
		return nil, l.problem(n, path, "the plan unfolds to too much")
	}
	switch n.Kind {
	case yaml.AliasNode:
		return nil, l.problem(n, path, "aliases are not supported: write it out")
	case yaml.MappingNode:
		return l.object(n, path)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		var problems Problems
		for i, item := range n.Content {
			value, wrong := l.value(item, below(path, strconv.Itoa(i)))
			list, problems = append(list, value), append(problems, wrong...)
		}
		return list, problems
	case yaml.ScalarNode:
		return l.scalar(n, path)
	case yaml.DocumentNode:
	}
	return nil, l.problem(n, path, "this is no YAML that a plan is made of")
}

func (l *locator) object(n *yaml.Node, path []string) (any, Problems) {
	object := make(map[string]any, len(n.Content)/2)
	var problems Problems
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			problems = append(problems, l.problem(key, path, "a key must be plain text")...)
			continue
		}
		name := below(path, key.Value)
		if _, twice := object[key.Value]; twice {
			problems = append(problems, l.problem(key, name, "is there twice")...)
		}
		value, wrong := l.value(n.Content[i+1], name)
		object[key.Value], problems = value, append(problems, wrong...)
	}
	return object, problems
}

func (l *locator) scalar(n *yaml.Node, path []string) (any, Problems) {
	switch n.ShortTag() {
	case "!!str":
		return n.Value, nil
	case "!!null":
		return nil, nil
	case "!!bool":
		var flag bool
		if err := n.Decode(&flag); err == nil {
			return flag, nil
		}
	case "!!int":
		var number int64
		if err := n.Decode(&number); err == nil {
			return json.Number(strconv.FormatInt(number, 10)), nil
		}
	}
	return nil, l.problem(n, path, "is neither text, nor a whole number, nor true or false; put text in quotes")
}

func (l *locator) problem(n *yaml.Node, path []string, message string) Problems {
	return Problems{{Line: n.Line, Field: fieldName(path), Message: message}}
}

// line returns the line of a field, or of the nearest one above it that is there.
func (l *locator) line(path []string) int {
	n, line := l.root, l.root.Line
	for _, step := range path {
		key, value := child(n, step)
		if value == nil {
			break
		}
		n, line = value, key.Line
	}
	return line
}

// child returns the key and the value of a step below a node; for an item of a list the key
// is the item. Both are nil if there is none.
func child(n *yaml.Node, step string) (key, value *yaml.Node) {
	switch n.Kind { //nolint:exhaustive // the others have nothing below them
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i], n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i], n.Content[i]
		}
	}
	return nil, nil
}
