// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template/parse"
)

// secretsAsDot rewrites a template that finds its values as members of .Secrets into one
// that finds them in . itself. Its error says what else of the input it uses.
func secretsAsDot(text string) (string, error) {
	return rewritten(text, func(names []string) ([]string, error) {
		if names[0] != "Secrets" {
			return nil, fmt.Errorf("the template reads .%s, and there are values only", names[0])
		}
		return names[1:], nil
	})
}

// valuesAsDot rewrites a template in which each value is an object with the member Value
// into one in which it is the value.
func valuesAsDot(text string) (string, error) {
	return rewritten(text, func(names []string) ([]string, error) {
		if len(names) != 2 || names[1] != "Value" {
			return nil, fmt.Errorf("the template reads .%s, and there are values only", strings.Join(names, "."))
		}
		return names[:1], nil
	})
}

// printedAsDot is like valuesAsDot, of values that print as their text, so that .Value may be
// left out.
func printedAsDot(text string) (string, error) {
	return rewritten(text, func(names []string) ([]string, error) {
		if len(names) > 1 && (len(names) > 2 || names[1] != "Value") {
			return nil, fmt.Errorf("the template reads .%s, and there are values only", strings.Join(names, "."))
		}
		return names[:1], nil
	})
}

// rewritten returns a template with each field of its input, as a list of names, changed.
func rewritten(text string, change func([]string) ([]string, error)) (string, error) {
	tree := parse.New("template")
	tree.Mode = parse.SkipFuncCheck
	parsed, err := tree.Parse(text, "", "", map[string]*parse.Tree{})
	if err != nil {
		return "", errors.New("the template cannot be parsed")
	}
	rewrite := rewriter{change: change}
	rewrite.list(parsed.Root)
	return parsed.Root.String(), rewrite.err
}

// rewriter walks a template. Inside with and range the dot is another one, so what is read
// of it there stays.
type rewriter struct {
	change func([]string) ([]string, error)
	inner  bool
	err    error
}

func (r *rewriter) list(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		r.node(node)
	}
}

func (r *rewriter) node(node parse.Node) {
	switch n := node.(type) {
	case *parse.ActionNode:
		r.pipe(n.Pipe)
	case *parse.IfNode:
		r.pipe(n.Pipe)
		r.list(n.List)
		r.list(n.ElseList)
	case *parse.RangeNode:
		r.branch(&n.BranchNode)
	case *parse.WithNode:
		r.branch(&n.BranchNode)
	case *parse.TemplateNode:
		r.pipe(n.Pipe)
	}
}

func (r *rewriter) branch(n *parse.BranchNode) {
	r.pipe(n.Pipe)
	outer := r.inner
	r.inner = true
	r.list(n.List)
	r.inner = outer
	r.list(n.ElseList)
}

func (r *rewriter) pipe(pipe *parse.PipeNode) {
	if pipe == nil {
		return
	}
	for _, command := range pipe.Cmds {
		for i, argument := range command.Args {
			command.Args[i] = r.argument(argument)
		}
	}
}

// argument returns what stands in for one argument of a command.
func (r *rewriter) argument(argument parse.Node) parse.Node {
	switch n := argument.(type) {
	case *parse.PipeNode:
		r.pipe(n)
	case *parse.ChainNode:
		n.Node = r.argument(n.Node)
	case *parse.FieldNode:
		if !r.inner {
			return r.field(n)
		}
	case *parse.VariableNode:
		if n.Ident[0] == "$" && len(n.Ident) > 1 {
			n.Ident = append([]string{"$"}, r.names(n.Ident[1:])...)
		}
	}
	return argument
}

func (r *rewriter) field(n *parse.FieldNode) parse.Node {
	n.Ident = r.names(n.Ident)
	if len(n.Ident) == 0 {
		return &parse.DotNode{NodeType: parse.NodeDot, Pos: n.Pos}
	}
	return n
}

func (r *rewriter) names(names []string) []string {
	changed, err := r.change(slices.Clone(names))
	if err != nil {
		r.err = errors.Join(r.err, err)
		return names
	}
	return changed
}
