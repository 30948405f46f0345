// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/fieldowner"
	"github.com/secretsync/secretsync/pkg/target"
)

// hand is who sets the annotation: its column in the tables, and its field manager.
type hand struct{ column, manager string }

// page is a table of docs/integrations: who applies the object, and who sets the annotation.
type page struct {
	file  string
	rows  []row
	hands []hand
}

type row struct {
	name  string
	apply tool
	// drops names the field managers whose annotation does not survive; all is every one.
	drops []string
	// blamed is the field manager that then shows as the last to write.
	blamed string
}

const all = "*"

func pages() []page {
	plugin := hand{"plugin, or `kubectl annotate --field-manager=secretsync-cli`", "secretsync-cli"}
	annotate := hand{"`kubectl annotate`", "kubectl-annotate"}
	edit := hand{"`kubectl edit`", "kubectl-edit"}
	return []page{
		{
			file:  "argocd.md",
			hands: []hand{plugin, annotate, edit, {"action in Argo CD", "argocd-server"}},
			rows: []row{
				{name: "client-side apply (the default)", apply: clientSide},
				{name: "server-side apply (`ServerSideApply=true`)", apply: serverSide},
				{name: "replace (`Replace=true`, `argocd app sync --replace`)", apply: replace, drops: []string{all}, blamed: "kubectl-replace"},
			},
		},
		{
			file:  "flux.md",
			hands: []hand{plugin, annotate, edit},
			rows: []row{
				{name: "Flux", apply: flux, drops: []string{"kubectl-annotate", "kubectl-edit"}, blamed: "kustomize-controller"},
				{name: "Flux, the object annotated `kustomize.toolkit.fluxcd.io/ssa: Merge` in Git", apply: fluxMerging},
			},
		},
	}
}

func (r row) keeps(h hand) bool {
	for _, manager := range r.drops {
		if manager == all || manager == h.manager {
			return false
		}
	}
	return true
}

// TestGitOps runs everything against one API server, because starting one takes seconds.
func TestGitOps(t *testing.T) {
	w := newWorld(t)
	for _, p := range pages() {
		t.Run(p.file, func(t *testing.T) { p.test(t, w) })
	}
}

func (p page) test(t *testing.T, w *world) {
	text, err := os.ReadFile(filepath.Join("../../../docs/integrations", p.file))
	if err != nil {
		t.Fatal(err)
	}
	head := "| applied by"
	for _, h := range p.hands {
		head += " | " + h.column
	}
	wantLine(t, p.file, string(text), head+" |")
	for i, r := range p.rows {
		line := "| " + r.name
		for j, h := range p.hands {
			t.Run(fmt.Sprintf("%s/%s", r.name, h.manager), func(t *testing.T) {
				r.testHold(t, w, h, fmt.Sprintf("%s-%d-%d", strings.TrimSuffix(p.file, ".md"), i, j))
			})
			line += " | " + map[bool]string{true: "stays", false: "is dropped"}[r.keeps(h)]
		}
		wantLine(t, p.file, string(text), line+" |")
		t.Run(r.name+"/InGit", func(t *testing.T) {
			r.testHoldInGit(t, w, fmt.Sprintf("%s-%d-git", strings.TrimSuffix(p.file, ".md"), i))
		})
	}
}

// wantLine keeps a page true to what was measured.
func wantLine(t *testing.T, file, text, line string) {
	t.Helper()
	if !strings.Contains(text, "\n"+line+"\n") {
		t.Errorf("%s does not have the line\n%s", file, line)
	}
}

// testHold sets the annotation by hand, and has Git applied again: as it was, and edited.
func (r row) testHold(t *testing.T, w *world, h hand, name string) {
	for suffix, next := range map[string]func(commit) commit{
		"same": func(c commit) commit { return c }, "edited": commit.edited,
	} {
		first := commit{name: name + "-" + suffix, interval: "1m"}
		second := next(first)
		r.apply(t, w, first.manifest(t))
		w.ask(t, first.name, h.manager, new("3"))
		if got := w.hold(t, first.name); got != "3" {
			t.Fatalf("%s: the annotation is %q right after it was set", suffix, got)
		}
		r.apply(t, w, second.manifest(t))
		want := ""
		if r.keeps(h) {
			want = "3"
		}
		if got := w.hold(t, first.name); got != want {
			t.Errorf("%s: the annotation is %q, want %q", suffix, got, want)
		}
		// Who takes something away and writes nothing leaves no trace, so only the edit tells.
		last := fieldowner.Last(w.live(t, first.name).ManagedFields, target.FieldManager)
		if want == "" && suffix == "edited" && last != r.blamed {
			t.Errorf("%s: the event HoldEnded would name %s, want %s", suffix, last, r.blamed)
		}
		w.wantInterval(t, second)
		r.apply(t, w, second.manifest(t))
		if got := w.hold(t, first.name); got != want {
			t.Errorf("%s, applied once more: the annotation is %q, want %q", suffix, got, want)
		}
	}
}

// testHoldInGit keeps a hold in Git: it comes back when somebody ends it by hand, follows what
// Git says, and ends with a commit.
func (r row) testHoldInGit(t *testing.T, w *world, name string) {
	c := commit{name: name, interval: "1m"}
	r.apply(t, w, c.holding("3").manifest(t))
	w.ask(t, name, "secretsync-cli", nil)
	if got := w.hold(t, name); got != "" {
		t.Fatalf("the annotation is %q right after it was removed", got)
	}
	for _, step := range []struct {
		commit commit
		want   string
	}{{c.holding("3"), "3"}, {c.holding("5"), "5"}, {c.edited(), ""}} {
		r.apply(t, w, step.commit.manifest(t))
		if got := w.hold(t, name); got != step.want {
			t.Errorf("the annotation is %q, want %q", got, step.want)
		}
		w.wantInterval(t, step.commit)
	}
}

// wantInterval makes sure that what was applied arrived.
func (w *world) wantInterval(t *testing.T, c commit) {
	t.Helper()
	want, err := time.ParseDuration(c.interval)
	w.must(t, err)
	if got := w.live(t, c.name).Spec.Refresh.IntervalOrDefault(); got != want {
		t.Errorf("the interval is %v, want %v of the commit", got, want)
	}
}
