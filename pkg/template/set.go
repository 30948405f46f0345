// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"text/template"
	"text/template/parse"

	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Text is one template.
type Text struct {
	// Place says in messages where the text is written, such as spec.template.object.
	Place string
	// Key is the key of the Secret that the output is the value of. Empty, the output is an
	// object in YAML or JSON, whose members are the keys.
	Key string
	// Text of the template.
	Text string
}

// Set is a number of templates that were read and can be rendered. It is not changed by that.
type Set struct {
	parsed []parsed
	// used are the functions that any of them calls.
	used map[string]struct{}
}

// parsed is a template whose tree counts what it costs.
type parsed struct {
	Text

	// trees of the template and of those that it defines, by name.
	trees map[string]*parse.Tree
	// nodes is how many words of the template have been counted.
	nodes int
	// literals are the names and texts that the template itself says, and errors may repeat.
	literals map[string]struct{}
}

// Names are those of the object that is rendered for.
type Names struct {
	// Namespace and Name of the SecretSync, Target of its Secret.
	Namespace, Name, Target string
}

// Parse reads templates. Errors: InvalidSpec, naming place and line.
func Parse(texts []Text) (*Set, error) {
	if len(texts) > maxTexts {
		return nil, invalidSpec("spec.template: there are %d templates, keys of ConfigMaps among them, and at most %d are read", len(texts), maxTexts)
	}
	set := &Set{used: map[string]struct{}{}}
	places := map[string]string{}
	for _, text := range texts {
		if first, ok := places[text.Key]; ok && text.Key != "" {
			return nil, invalidSpec("%s: key %q is made by %s, too; a key has one template", text.Place, text.Key, first)
		}
		places[text.Key] = text.Place
		p, err := read(text)
		if err != nil {
			return nil, err
		}
		set.parsed = append(set.parsed, p)
		maps.Copy(set.used, p.literals)
	}
	return set, nil
}

func read(text Text) (parsed, error) {
	if len(text.Text) > maxText {
		return parsed{}, invalidSpec("%s: the template has %d bytes, at most %d are read", text.Place, len(text.Text), maxText)
	}
	trees, err := parse.Parse(rootName, text.Text, "", "", known())
	if err != nil {
		return parsed{}, unparsable(text.Place, err)
	}
	p := parsed{Text: text, trees: trees, literals: map[string]struct{}{}}
	for _, name := range slices.Sorted(maps.Keys(trees)) { // So that of two errors it is always the same.
		if err := p.count(trees[name]); err != nil {
			return parsed{}, err
		}
	}
	return p, nil
}

// Render returns what the templates make of values. Errors: InvalidContent, naming place, line
// and what is missing, never a value.
func (s *Set) Render(names Names, values map[string]sensitive.Value) (map[string]sensitive.Value, error) {
	return s.render(newRun(names, maxCost, maxOutput), values)
}

// render is Render within what an execution may still cost.
func (s *Set) render(r *run, values map[string]sensitive.Value) (map[string]sensitive.Value, error) {
	functions, dot := r.functions(s.used), texts(values)
	made, origin := map[string]sensitive.Value{}, map[string]string{}
	for _, p := range s.parsed {
		output, err := p.render(r, functions, dot)
		if err != nil {
			return nil, err
		}
		members := map[string]string{p.Key: output}
		if p.Key == "" {
			if members, err = membersOf(output); err != nil {
				return nil, failed(p.Place, 0, messageOf(err))
			}
		}
		for _, key := range slices.Sorted(maps.Keys(members)) {
			if first, ok := origin[key]; ok {
				return nil, failed(p.Place, 0, fmt.Sprintf("it makes %s, which %s makes, too", s.shownKey(key), first))
			}
			origin[key], made[key] = p.Place, sensitive.FromString(members[key])
		}
	}
	return made, nil
}

// shownKey names a key if it is written in a specification; another may be made of a value.
func (s *Set) shownKey(key string) string {
	if slices.ContainsFunc(s.parsed, func(p parsed) bool { return p.Key == key }) {
		return fmt.Sprintf("the key %q", cut(key))
	}
	return "a key"
}

// render executes one template. Its trees are not changed by that, so many can at once.
func (p *parsed) render(r *run, functions template.FuncMap, values map[string]any) (string, error) {
	t := template.New(rootName).Option("missingkey=error").Funcs(functions)
	for name, tree := range p.trees {
		if _, err := t.AddParseTree(name, tree); err != nil {
			return "", failed(p.Place, 0, "it cannot be executed")
		}
	}
	r.literals, r.depth = p.literals, 0
	r.output.text.Reset()
	if err := execute(t, &r.output, values); err != nil {
		return "", p.explain(err)
	}
	return r.output.text.String(), nil
}

// execute turns a panic of the engine into an error: what it says may hold values.
func execute(t *template.Template, output *bounded, values map[string]any) (err error) {
	defer func() {
		if recover() != nil {
			err = refusal("the template cannot be executed")
		}
	}()
	return t.Execute(output, values) //nolint:wrapcheck // explained by the caller
}

// texts returns values as templates see them.
func texts(values map[string]sensitive.Value) map[string]any {
	result := make(map[string]any, len(values))
	for key, value := range values {
		result[key] = string(value.Reveal())
	}
	return result
}

// bounded collects output until there is too much of it.
type bounded struct {
	text       bytes.Buffer
	most, left int
}

// Write adds p to the output. Errors: there is too much.
func (b *bounded) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, refusal("the output is larger than %d bytes, which is the most that can be kept", b.most)
	}
	b.left -= len(p)
	return b.text.Write(p) //nolint:wrapcheck // never fails
}
