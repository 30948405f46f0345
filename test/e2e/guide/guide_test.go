// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package guide

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/pages"
)

const (
	root = "../../.."
	page = "docs/guides/bootstrap.md"
)

// suite is of the whole cluster, for which the page installs.
var suite = harness.NewInstalledSuite(cluster.AuditMetadata).WithNewVault().OfOneScope() //nolint:gochecknoglobals // One world serves the package.

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == kubectl {
		os.Exit(kubectlMain(os.Args[1:]))
	}
	os.Exit(suite.Main(m))
}

// TestGuide does the page, from its top to its end.
func TestGuide(t *testing.T) {
	steps := parse(t)
	r := newReader(t)
	todo := r.elsewhere()
	for _, s := range steps {
		t.Logf("%s:%d", page, s.line)
		switch {
		case s.mark != "":
			do, known := todo[s.mark]
			if !known {
				t.Fatalf("%s:%d: nobody knows how %q is done, or it was done already", page, s.line, s.mark)
			}
			delete(todo, s.mark)
			do(t)
		case s.file != "":
			r.write(t, s)
		default:
			for _, line := range commands(t, s) {
				r.typeIn(t, s, line)
			}
		}
	}
	for mark := range todo {
		t.Errorf("the page does not say any more: %s", mark)
	}
	r.wantRunning(t)
}

// step is one thing that the page tells to do: to write a file, to type commands, or what a
// person does elsewhere.
type step struct {
	line             int
	file, text, mark string
}

var (
	// marked begins a paragraph about what is done elsewhere.
	marked = regexp.MustCompile(`^\*\*((?:On|In) [^*]+)\.\*\*`)
	// named is the name of the file that a block shows: the last code before it.
	named = regexp.MustCompile("(?s)`([a-z.-]+)`[^`]*$")
)

// parse returns the steps of the page in their order. Each block is one, or the test fails.
func parse(t *testing.T) []step {
	t.Helper()
	all, err := pages.All(root)
	harness.Must(t, err)
	i := slices.IndexFunc(all, func(p pages.Page) bool { return p.Name == page })
	if i < 0 {
		t.Fatalf("there is no page %s", page)
	}
	lines := strings.SplitAfter(all[i].Text, "\n")
	var steps []step
	for n, line := range lines {
		if match := marked.FindStringSubmatch(line); match != nil {
			steps = append(steps, step{line: n + 1, mark: match[1]})
		}
	}
	for _, block := range all[i].Blocks() {
		s := step{line: block.Line, text: block.Text}
		if block.Language != "console" {
			match := named.FindStringSubmatch(strings.Join(lines[:block.Line-2], ""))
			if match == nil {
				t.Fatalf("%s: nothing says which file this is", block.Where())
			}
			s.file = match[1]
		}
		steps = append(steps, s)
	}
	slices.SortFunc(steps, func(a, b step) int { return a.line - b.line })
	if len(steps) < 20 {
		t.Fatalf("the page has %d steps only", len(steps))
	}
	return steps
}

// commands returns what a block tells to type. It shows nothing else.
func commands(t *testing.T, s step) []string {
	t.Helper()
	var typed []string
	for line := range strings.Lines(strings.ReplaceAll(s.text, "\\\n", "")) {
		command, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "$ ")
		if !ok {
			t.Fatalf("%s:%d: %q is no command", page, s.line, line)
		}
		typed = append(typed, command)
	}
	return typed
}

// write writes a file of the page, with what is the reader's own in the place of the example's.
func (r *reader) write(t *testing.T, s step) {
	t.Helper()
	text := s.text
	for name, example := range r.examples {
		text = strings.ReplaceAll(text, example, r.own[name])
	}
	harness.Must(t, os.WriteFile(filepath.Join(r.dir, s.file), []byte(text), 0o600))
}

// setting is what the page has the reader set to something of their own.
var setting = regexp.MustCompile(`^export ([A-Z_]+)=(\S+)$`)

// typeIn types a command at the reader's terminal, and answers it.
func (r *reader) typeIn(t *testing.T, s step, line string) {
	t.Helper()
	if match := setting.FindStringSubmatch(line); match != nil {
		own, known := r.own[match[1]]
		if !known {
			t.Fatalf("%s:%d: the reader has no %s", page, s.line, match[1])
		}
		r.examples[match[1]], r.env[match[1]] = match[2], own
		return
	}
	command := exec.CommandContext(t.Context(), "bash", "-c", line)
	command.Dir = r.dir
	for name, value := range r.env {
		command.Env = append(command.Env, name+"="+value)
	}
	shown := terminal(t, command, r.answer(line))
	if code := command.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("%s:%d: %s: ends with %d\n%s", page, s.line, line, code, shown)
	}
	r.saw(t, line, shown)
}
