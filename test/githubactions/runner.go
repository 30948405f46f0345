// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package githubactions

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// Workflow is what a runner needs of one.
type Workflow struct {
	Jobs map[string]WorkflowJob
}

// WorkflowJob is a job of a workflow.
type WorkflowJob struct {
	// Needs are the jobs that come before; GitHub takes one name or a list of them.
	Needs       any
	Environment string
	Steps       []Step
}

// Waits returns the jobs that come before.
func (j WorkflowJob) Waits() []string {
	switch needs := j.Needs.(type) {
	case string:
		return []string{needs}
	case []any:
		var names []string
		for _, name := range needs {
			if text, ok := name.(string); ok {
				names = append(names, text)
			}
		}
		return names
	default:
		return nil
	}
}

// Step is one of a workflow, or of a composite action.
type Step struct {
	Uses, Run, If string
	Env, With     map[string]string
}

// Runner imitates GitHub's: it fills in expressions, and runs each script with bash. It knows
// checkout, which finds all there already, the cache, and the composite actions that it is told of.
type Runner struct {
	// Dir is the folder that is checked out.
	Dir string
	// Env is the environment of every step.
	Env map[string]string
	// Expressions are what stands between ${{ and }}, with what it means.
	Expressions map[string]string
	// Actions are the folders of composite actions, by their names without a version; Inputs of
	// them that no step gives.
	Actions, Inputs map[string]string
	// Cache is GitHub's, in the order in which it was saved.
	Cache []Cached
	// Output is all that the steps said.
	Output strings.Builder
}

// Cached is a file in the cache.
type Cached struct {
	Key, Path string
	Text      []byte
}

// Job runs the steps of a job and returns the exit code of the first that fails; after it, only
// those run that always do.
func (r *Runner) Job(tb testing.TB, steps []Step) int {
	tb.Helper()
	path := r.Env["PATH"]
	defer func() { r.Env["PATH"] = path }()
	failed := 0
	for _, s := range steps {
		if failed != 0 && s.If != "always()" {
			continue
		}
		if code := r.Step(tb, s); code != 0 && failed == 0 {
			failed = code
		}
	}
	return failed
}

// Step runs a step and returns its exit code.
func (r *Runner) Step(tb testing.TB, s Step) int {
	tb.Helper()
	name, version, _ := strings.Cut(s.Uses, "@")
	switch folder := r.Actions[name]; {
	case s.Uses == "":
		return r.script(tb, s)
	case name == "actions/checkout":
		return 0
	case name == "actions/cache/restore":
		return r.restore(tb, s.With)
	case name == "actions/cache/save":
		return r.save(tb, s.With)
	case folder != "":
		r.Expressions["github.action_ref"] = version
		return r.Action(tb, folder, s.With)
	default:
		tb.Fatalf("there is no action %s", s.Uses)
		return 1
	}
}

var expression = regexp.MustCompile(`\$\{\{ *([^ }]+) *\}\}`)

func (r *Runner) fill(tb testing.TB, text string) string {
	tb.Helper()
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		name := expression.FindStringSubmatch(found)[1]
		value, known := r.Expressions[name]
		if !known {
			tb.Errorf("nothing is known of %s", name)
		}
		return value
	})
}

func (r *Runner) script(tb testing.TB, s Step) int {
	tb.Helper()
	env := maps.Clone(r.Env)
	for name, text := range s.Env {
		env[name] = r.fill(tb, text)
	}
	// A real runner keeps its scripts elsewhere, too.
	script := filepath.Join(tb.TempDir(), "script.sh")
	must(tb, os.WriteFile(script, []byte(r.fill(tb, s.Run)), 0o600))
	command := exec.CommandContext(tb.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
	command.Dir = r.Dir
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	output, err := command.CombinedOutput()
	r.Output.Write(output)
	if _, ran := errors.AsType[*exec.ExitError](err); err != nil && !ran {
		tb.Fatal(err)
	}
	if err != nil {
		tb.Logf("%s\n%s", s.Run, output)
	}
	if added, err := os.ReadFile(r.Env["GITHUB_PATH"]); err == nil && len(added) > 0 {
		r.Env["PATH"] = strings.Join(append(strings.Fields(string(added)), r.Env["PATH"]), ":")
		must(tb, os.Remove(r.Env["GITHUB_PATH"]))
	}
	return command.ProcessState.ExitCode()
}

// Action runs the composite action in a folder.
func (r *Runner) Action(tb testing.TB, folder string, inputs map[string]string) int {
	tb.Helper()
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct{ Steps []Step }
	}
	text, err := os.ReadFile(filepath.Join(folder, "action.yml"))
	must(tb, err)
	must(tb, yaml.Unmarshal(text, &action))
	r.Expressions["github.action_path"] = folder
	for name, input := range action.Inputs {
		r.Expressions["inputs."+name] = r.fill(tb, input.Default)
	}
	for _, given := range []map[string]string{r.Inputs, inputs} {
		for name, value := range given {
			r.Expressions["inputs."+name] = value
		}
	}
	for _, s := range action.Runs.Steps {
		if s.If == "inputs.args != ''" && r.Expressions["inputs.args"] == "" {
			continue
		}
		if code := r.Step(tb, s); code != 0 {
			return code
		}
	}
	return 0
}

// restore fetches the newest file whose key begins with the one asked for, or else with one of
// the others, as https://github.com/actions/cache does.
func (r *Runner) restore(tb testing.TB, with map[string]string) int {
	tb.Helper()
	for key := range strings.FieldsSeq(r.fill(tb, with["key"]) + "\n" + r.fill(tb, with["restore-keys"])) {
		for _, kept := range slices.Backward(r.Cache) {
			if strings.HasPrefix(kept.Key, key) && kept.Path == with["path"] {
				must(tb, os.WriteFile(filepath.Join(r.Dir, kept.Path), kept.Text, 0o600))
				return 0
			}
		}
	}
	if with["fail-on-cache-miss"] == "true" {
		r.Output.WriteString("Failed to restore cache entry\n")
		return 1
	}
	return 0
}

// save keeps a file under a key that is new; under an old one it only warns.
func (r *Runner) save(tb testing.TB, with map[string]string) int {
	tb.Helper()
	key := r.fill(tb, with["key"])
	text, err := os.ReadFile(filepath.Join(r.Dir, with["path"]))
	if err != nil || slices.ContainsFunc(r.Cache, func(kept Cached) bool { return kept.Key == key }) {
		r.Output.WriteString("Warning: Cache save failed\n")
		return 0
	}
	r.Cache = append(r.Cache, Cached{Key: key, Path: with["path"], Text: text})
	return 0
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
