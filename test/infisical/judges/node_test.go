// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package judges

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/test/binaries"
)

// refused stands for an answer in which the SDK passes on a refusal with that status.
type refused int

func TestNodeSDK(t *testing.T) {
	modules, err := binaries.NodeModules(t.Context(), "test/infisical/judges/node", os.Stderr)
	check(t, err)
	for name, options := range generations() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options)
			judge(t, w.askNode(t, modules), w.project.Slug+"-node")
		})
	}
}

// askNode runs judge.mjs and returns its answers by question.
func (w *world) askNode(t *testing.T, modules string) map[string]any {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("node is missing: %v", binaries.ErrNoNode)
	}
	dir := t.TempDir()
	script, err := os.ReadFile(filepath.Join("node", "judge.mjs"))
	check(t, err)
	check(t, os.WriteFile(filepath.Join(dir, "judge.mjs"), script, 0o600))
	check(t, os.Symlink(modules, filepath.Join(dir, "node_modules")))
	cmd := exec.CommandContext(t.Context(), node, "judge.mjs")
	cmd.Dir = dir
	if len(w.CA) > 0 {
		ca := filepath.Join(dir, "ca.pem")
		check(t, os.WriteFile(ca, w.CA, 0o600))
		cmd.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+ca)
	}
	input, err := json.Marshal(map[string]string{
		"address": w.Address, "clientId": w.login.ClientID, "clientSecret": w.login.ClientSecret,
		"adminToken": w.Admin.Token, "project": w.project.ID, "unique": w.project.Slug + "-node",
	})
	check(t, err)
	var complaints bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), &complaints
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("running the SDK for Node: %v\n%s", err, &complaints)
	}
	var answers map[string]any
	check(t, json.Unmarshal(output, &answers))
	return answers
}

func judge(t *testing.T, answers map[string]any, madeProject string) {
	t.Helper()
	got := func(value string, version int, path string) map[string]any {
		return map[string]any{"value": value, "version": float64(version), "path": path, "hidden": false}
	}
	written := func(key, value string, version int) map[string]any {
		return map[string]any{"key": key, "value": value, "version": float64(version), "comment": "why"}
	}
	const hidden = "<hidden-by-infisical>"
	want := map[string]any{
		"login":          true,
		"renew":          true,
		"list":           map[string]any{"PLAIN": "three", "COMPOSED": "<${PLAIN}>"},
		"list expanded":  map[string]any{"PLAIN": "three", "COMPOSED": "<three>"},
		"list recursive": map[string]any{"DIRECT": "direct", "LOG": "own", "DEEP": "deep"},
		"list hidden":    map[string]any{"LOG": hidden, "ONLY_FIRST": hidden, "BOTH": hidden},
		// As the SDK for Go, this one takes the first import that has a key; the server means the last.
		"list with imports": map[string]any{"DIRECT": "direct", "LOG": "own", "ONLY_FIRST": "first", "BOTH": "first"},
		"list nowhere":      refused(404),
		"get":               got("three", 3, "/"),
		"get version 1":     got("one", 1, "/"),
		"get version 2":     got("two", 2, "/"),
		"get version 3":     got("three", 3, "/"),
		"get version 9":     refused(404),
		"get expanded":      got("<three>", 1, "/"),
		"get imported":      got("second", 1, "/second"),
		"get nothing":       refused(404),
		"create":            written("MADE", "1", 1),
		"create again":      refused(400),
		"update":            written("MADE", "2", 2),
		"rename":            written("RENAMED", "2", 3),
		"delete":            written("RENAMED", "2", 3),
		"get deleted":       refused(404),
		"create folder":     "made",
		"list folders":      []any{"deep", "made"},
		"login wrongly":     refused(401),
		"create project":    map[string]any{"slug": madeProject, "environment": "preview"},
	}
	for question, wanted := range want {
		status, isRefusal := wanted.(refused)
		if !isRefusal {
			if diff := cmp.Diff(wanted, answers[question]); diff != "" {
				t.Errorf("%s (-want +got): %s", question, diff)
			}
			continue
		}
		answer, _ := answers[question].(map[string]any)
		words, _ := answer["refused"].(string)
		if mark := "[StatusCode=" + strconv.Itoa(int(status)) + "]"; !strings.Contains(words, mark) {
			t.Errorf("%s: %v, want a refusal with %s", question, answers[question], mark)
		}
	}
	if len(answers) != len(want) {
		t.Errorf("%d answers to %d questions", len(answers), len(want))
	}
}
