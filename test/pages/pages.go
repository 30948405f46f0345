// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/cli/convert"
)

// Page is a page of the documentation.
type Page struct {
	// Name is its path below the repository's top level.
	Name string
	// Text is all of it.
	Text string
}

// Block is a fenced block of a page.
type Block struct {
	// Page and Line are where its text begins, the line counted from 1.
	Page string
	Line int
	// Language is what stands behind the fence.
	Language string
	// Text is what it shows.
	Text string
}

// Where names the block for people.
func (b Block) Where() string { return fmt.Sprintf("%s:%d", b.Page, b.Line) }

// IsPlan reports whether the block shows a plan of the bootstrap helper, which no API server
// knows.
func (b Block) IsPlan() bool { return strings.HasPrefix(b.Text, "apiVersion: "+plan.APIVersion+"\n") }

// IsPeers reports whether the block shows objects of another operator, which an API server knows
// only where that is installed.
func (b Block) IsPeers() bool {
	for _, group := range []string{convert.GroupExternalSecrets, convert.GroupVaultSecrets, convert.GroupInfisical} {
		if strings.HasPrefix(b.Text, "apiVersion: "+group+"/") {
			return true
		}
	}
	return false
}

// All reads README.md and every page below docs. root is the repository's top level.
func All(root string) ([]Page, error) {
	var found []Page
	add := func(path string) error {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("reading a page: %w", err)
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return fmt.Errorf("naming a page: %w", err)
		}
		found = append(found, Page{Name: filepath.ToSlash(name), Text: string(text)})
		return nil
	}
	if err := add(filepath.Join(root, "README.md")); err != nil {
		return nil, err
	}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		return add(path)
	})
	if err != nil {
		return nil, fmt.Errorf("looking for pages: %w", err)
	}
	return found, nil
}

const fence = "```"

// Blocks returns the fenced blocks of a page.
func (p Page) Blocks() []Block {
	blocks, _ := p.split()
	return blocks
}

// split tells the blocks of a page from its prose.
func (p Page) split() (blocks []Block, prose string) {
	var open *Block
	var words strings.Builder
	line := 0
	for text := range strings.Lines(p.Text) {
		line++
		language, fenced := strings.CutPrefix(strings.TrimSpace(text), fence)
		switch {
		case fenced && open == nil:
			open = &Block{Page: p.Name, Line: line + 1, Language: language}
		case fenced:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.Text += text
		default:
			words.WriteString(text)
		}
	}
	return blocks, words.String()
}

// span is code within prose; it may go on in the next line.
var span = regexp.MustCompile("`([^`]+)`")

// Commands returns, in words, the commands of a page that begin with a prefix: those behind the
// prompt of a block for the console, and those in the prose.
func (p Page) Commands(prefix string) [][]string {
	blocks, prose := p.split()
	var commands [][]string
	add := func(line string) {
		words := Words(line)
		if begins := strings.Fields(prefix); len(words) >= len(begins) && strings.Join(words[:len(begins)], " ") == prefix {
			commands = append(commands, words[len(begins):])
		}
	}
	for _, block := range blocks {
		if block.Language != "console" {
			continue
		}
		for line := range strings.Lines(strings.ReplaceAll(block.Text, "\\\n", " ")) {
			if command, typed := strings.CutPrefix(line, "$ "); typed {
				add(command)
			}
		}
	}
	for _, match := range span.FindAllStringSubmatch(prose, -1) {
		add(match[1])
	}
	return commands
}
