// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"slices"
	"strconv"
	"text/template/parse"
)

// Names that no user writes: of the template as a whole, and of the functions that are put into
// its tree.
const (
	rootName  = "_root"
	stepName  = "_step"
	enterName = "_enter"
	leaveName = "_leave"
	textName  = "_text"
	overName  = "_over"
)

// failName is the function whose argument is shown, so that it must be said by the template.
const failName = "fail"

// count checks a tree and rewrites it so that it pays for what it does: each round of a loop
// and each use of a template costs what stands in it, a loop costs the length of what it goes
// over, what is printed goes through a function that knows texts and numbers only, and templates
// know how deep they are in each other.
func (p *parsed) count(tree *parse.Tree) error {
	if tree.Root == nil {
		return nil
	}
	before := p.nodes
	if err := p.countList(tree, tree.Root); err != nil {
		return err
	}
	tree.Root.Nodes = slices.Concat([]parse.Node{calling(tree, tree.Root.Pos, enterName, number(p.nodes-before))}, tree.Root.Nodes, []parse.Node{calling(tree, tree.Root.Pos, leaveName)})
	return nil
}

func (p *parsed) countList(tree *parse.Tree, list *parse.ListNode) error {
	if list == nil {
		return nil
	}
	for _, node := range list.Nodes {
		if err := p.countNode(tree, node); err != nil {
			return err
		}
	}
	return nil
}

func (p *parsed) countNode(tree *parse.Tree, node parse.Node) error {
	p.nodes++
	switch n := node.(type) {
	case *parse.ActionNode:
		if err := p.countPipe(tree, n.Pipe); err != nil {
			return err
		}
		if len(n.Pipe.Decl) == 0 {
			n.Pipe.Cmds = append(n.Pipe.Cmds, command(tree, n.Pos, textName))
		}
		return nil
	case *parse.IfNode:
		return p.countBranch(tree, &n.BranchNode)
	case *parse.WithNode:
		return p.countBranch(tree, &n.BranchNode)
	case *parse.RangeNode:
		before := p.nodes
		if err := p.countBranch(tree, &n.BranchNode); err != nil {
			return err
		}
		n.Pipe.Cmds = append(n.Pipe.Cmds, command(tree, n.Pos, overName))
		n.List.Nodes = slices.Insert(n.List.Nodes, 0, parse.Node(calling(tree, n.Pos, stepName, number(p.nodes-before))))
		return nil
	case *parse.TemplateNode:
		if _, ok := p.trees[n.Name]; !ok {
			return invalidSpec("%s, line %d: there is no template %q; each text has those that it defines itself", p.Place, lineAt(tree, n), cut(n.Name))
		}
		return p.countPipe(tree, n.Pipe)
	default:
		return nil
	}
}

func (p *parsed) countBranch(tree *parse.Tree, n *parse.BranchNode) error {
	if err := p.countPipe(tree, n.Pipe); err != nil {
		return err
	}
	if err := p.countList(tree, n.List); err != nil {
		return err
	}
	return p.countList(tree, n.ElseList)
}

func (p *parsed) countPipe(tree *parse.Tree, pipe *parse.PipeNode) error {
	if pipe == nil {
		return nil
	}
	for i, command := range pipe.Cmds {
		for _, argument := range command.Args {
			if err := p.countArgument(tree, argument); err != nil {
				return err
			}
		}
		if f, ok := command.Args[0].(*parse.IdentifierNode); ok && f.Ident == failName && (i > 0 || !literal(command)) {
			return invalidSpec("%s, line %d: fail takes one literal text, because everybody who sees the SecretSync reads it", p.Place, lineAt(tree, f))
		}
	}
	return nil
}

// literal reports whether the only argument of a command is a text that the template says.
func literal(command *parse.CommandNode) bool {
	if len(command.Args) != 2 {
		return false
	}
	_, ok := command.Args[1].(*parse.StringNode)
	return ok
}

func (p *parsed) countArgument(tree *parse.Tree, node parse.Node) error {
	p.nodes++
	switch n := node.(type) {
	case *parse.IdentifierNode:
		p.literals[n.Ident] = struct{}{}
	case *parse.StringNode:
		p.literals[n.Text] = struct{}{}
	case *parse.FieldNode:
		p.say(n.Ident)
	case *parse.VariableNode:
		p.say(n.Ident)
	case *parse.ChainNode:
		p.say(n.Field)
		return p.countArgument(tree, n.Node)
	case *parse.PipeNode:
		return p.countPipe(tree, n)
	}
	return nil
}

func (p *parsed) say(names []string) {
	for _, name := range names {
		p.literals[name] = struct{}{}
	}
}

func calling(tree *parse.Tree, at parse.Pos, name string, arguments ...parse.Node) *parse.ActionNode {
	return &parse.ActionNode{NodeType: parse.NodeAction, Pos: at, Pipe: &parse.PipeNode{
		NodeType: parse.NodePipe, Pos: at, Cmds: []*parse.CommandNode{command(tree, at, name, arguments...)},
	}}
}

func command(tree *parse.Tree, at parse.Pos, name string, arguments ...parse.Node) *parse.CommandNode {
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: at, Args: append([]parse.Node{
		parse.NewIdentifier(name).SetTree(tree).SetPos(at),
	}, arguments...)}
}

func number(n int) parse.Node {
	return &parse.NumberNode{NodeType: parse.NodeNumber, IsInt: true, Int64: int64(n), Text: strconv.Itoa(n)}
}

// lineAt returns the line of a node.
func lineAt(tree *parse.Tree, node parse.Node) int {
	location, _ := tree.ErrorContext(node)
	line, _ := lineOf(refusal("template: %s: ", location))
	return line
}
