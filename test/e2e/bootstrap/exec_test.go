// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// TestExec: the command has what the plan gives it, and nothing of what the plan is made of.
func TestExec(t *testing.T) {
	w := newWorld(t)
	w.plan(
		t,
		"{name: aws, stage: infra, from: {env: R2_KEY}, to: [{processEnv: AWS_ACCESS_KEY_ID}]}",
		"{name: hcloud, stage: infra, from: {terraformVariable: given}, to: [{terraformVariable: hcloud_token}]}",
		"{name: other, stage: infra, from: {env: NOT_FOR_IT}, to: [{kubernetesSecret: NS/other, key: k}]}",
		"{name: url, stage: infra, from: {template: \"https://x:{value:aws|url}@h\"}, to: [{processEnv: URL}]}",
	)
	w.env["R2_KEY"], w.env["TF_VAR_given"], w.env["NOT_FOR_IT"] = w.marks.Token("aws"), w.marks.Text("hcloud"), w.marks.Token("other")
	w.env["PLAIN"] = "stays"

	r := w.runQuietly(t, "", "exec", "-e", "prod", "--no-oidc", "--", "/bin/sh", "-c",
		`printf '%s|%s|%s|%s' "$AWS_ACCESS_KEY_ID" "$TF_VAR_hcloud_token" "$URL" "$PLAIN"`).want(t, 0)
	if want := w.env["R2_KEY"] + "|" + w.env["TF_VAR_given"] + "|https://x:" + w.env["R2_KEY"] + "@h|stays"; r.stdout != want {
		t.Errorf("the command got %q", r.stdout)
	}
	r = w.runQuietly(t, "", "exec", "-e", "prod", "--no-oidc", "--", "/usr/bin/env").want(t, 0)
	for _, name := range []string{"R2_KEY=", "TF_VAR_given=", "NOT_FOR_IT=", "VAULT_TOKEN="} {
		if strings.Contains("\n"+r.stdout, "\n"+name) {
			t.Errorf("the command has %s", name)
		}
	}
	w.run(t, "exec", "-e", "prod", "--no-oidc", "--", "/bin/sh", "-c", "exit 42").want(t, 42)
	w.run(t, "exec", "-e", "prod", "--no-oidc", "--", "no-such-command").want(t, 3, "no-such-command")
	w.run(t, "exec", "-e", "prod", "--no-oidc", "--", "/bin/sh", "-c", "ulimit -c").want(t, 0, "0\n")
}

// TestExecTakesGeneratedValuesFromTheirAnchor, and makes none.
func TestExecTakesGeneratedValuesFromTheirAnchor(t *testing.T) {
	w := newWorld(t)
	w.plan(t, "{name: db, stage: infra, generate: {password: 32}, to: [{kubernetesSecret: NS/db, key: password}, {processEnv: DB}]}")
	w.run(t, "exec", "-e", "prod", "--no-oidc", "--", "/bin/true").want(t, 1, "value db has no value yet", "apply")
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0)
	r := w.runQuietly(t, "", "exec", "-e", "prod", "--no-oidc", "--", "/bin/sh", "-c", `printf %s "$DB"`).want(t, 0)
	if r.stdout == "" || r.stdout != w.secret(t, "db", "password") {
		t.Errorf("the command got %d bytes", len(r.stdout))
	}
}

// TestExecMasksWhatATemplateIsMadeOf: the command may show a part of what it was given.
func TestExecMasksWhatATemplateIsMadeOf(t *testing.T) {
	w := newWorld(t)
	w.plan(
		t,
		"{name: db, stage: infra, generate: {password: 32}, to: [{kubernetesSecret: NS/db, key: password}]}",
		"{name: dsn, stage: infra, from: {template: \"postgres://app:{value:db}@db\"}, to: [{processEnv: DSN}]}",
	)
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0)
	w.onGitHub(t, "push", "{}")
	password := w.secret(t, "db", "password")
	r := w.runQuietly(t, "", "exec", "-e", "prod", "--no-oidc", "--", "/bin/sh", "-c", `printf %s "$DSN"`).want(t, 0)
	if r.stdout != "postgres://app:"+password+"@db" || strings.Count(r.stderr, "::add-mask::"+password+"\n") != 1 {
		t.Error("the command has the password, and nothing masks it")
	}
}

// TestStagesOfOneVariable: a command that plans may get a lesser value than one that applies.
func TestStagesOfOneVariable(t *testing.T) {
	w := newWorld(t)
	w.plan(
		t,
		"{name: read, stage: infra, from: {env: READ}, to: [{processEnv: KEY}]}",
		"{name: write, stage: cluster, from: {env: WRITE}, to: [{processEnv: KEY}]}",
	)
	w.env["READ"], w.env["WRITE"] = w.marks.Token("read"), w.marks.Token("write")
	exec := []string{"exec", "-e", "prod", "--no-oidc", "--stage", "infra", "--", "/bin/sh", "-c", `printf %s "$KEY$WRITE"`}
	if r := w.runQuietly(t, "", exec...).want(t, 0); r.stdout != w.env["READ"] {
		t.Error("the command got another value")
	}
	w.run(t, "exec", "-e", "prod", "--no-oidc", "--", "/bin/true").want(t, 3, "environment variable KEY", "--stage")
}

// TestStdinIsForTheValue: a command gets nothing of it then.
func TestStdinIsForTheValue(t *testing.T) {
	w := newWorld(t)
	w.plan(t, "{name: typed, stage: infra, from: {stdin: true}, to: [{processEnv: TYPED}]}")
	value := w.marks.Token("typed")
	r := w.runQuietly(t, value, "exec", "-e", "prod", "--no-oidc", "--", "/bin/sh", "-c", `printf '%s|' "$TYPED"; cat`).want(t, 0)
	if r.stdout != value+"|" {
		t.Errorf("the command got %q", r.stdout)
	}
}

// TestNobodyElseGetsTheValues: neither the program that a kubeconfig names, nor the argument
// list of any process, nor a file.
func TestNobodyElseGetsTheValues(t *testing.T) {
	w := newWorld(t)
	w.plan(
		t,
		"{name: vcs, stage: cluster, from: {env: GH}, to: [{kubernetesSecret: NS/vcs, key: token}, {processEnv: GH_TOKEN}]}",
		"{name: stripe, stage: vault, from: {env: STRIPE}, to: [{vault: NS/stripe, field: key}]}",
	)
	w.env["GH"], w.env["STRIPE"] = w.marks.Token("github"), w.marks.Token("stripe")
	w.env["TMPDIR"] = filepath.Join(w.dir, "tmp")
	must(t, os.Mkdir(w.env["TMPDIR"], 0o700))
	seen := filepath.Join(w.dir, "seen")
	token := filepath.Join(w.dir, "token.json")
	must(t, os.WriteFile(token, []byte(`{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"`+w.Config().BearerToken+`"}}`), 0o600))
	plugin := filepath.Join(w.dir, "plugin")
	must(t, os.WriteFile(plugin, []byte("#!/bin/sh\n{ cat /proc/$$/environ; cat /proc/[0-9]*/cmdline; } >>"+seen+" 2>/dev/null\ncat "+token+"\n"), 0o700))
	config, err := clientcmd.LoadFromFile(w.Kubeconfig())
	must(t, err)
	for _, user := range config.AuthInfos {
		*user = clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{
			APIVersion: "client.authentication.k8s.io/v1", Command: plugin, InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
		}}
	}
	w.env["KUBECONFIG"] = filepath.Join(w.dir, "kubeconfig")
	must(t, clientcmd.WriteToFile(*config, w.env["KUBECONFIG"]))

	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0, "2 created")
	text, err := os.ReadFile(seen)
	if err != nil || !strings.Contains(string(text), "apply") {
		t.Fatalf("the plugin saw nothing: %v", err)
	}
	for _, finding := range w.marks.Find(string(text)) {
		t.Error(finding)
	}
	// What exec runs looks at all argument lists, too.
	r := w.run(t, "exec", "-e", "prod", "--no-oidc", "--", "/bin/sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null; true").want(t, 0, "exec")
	if !strings.Contains(r.stdout, "exec") {
		t.Error("the argument lists were not read")
	}
	left, err := exec.CommandContext(t.Context(), "find", w.env["TMPDIR"], "-type", "f").Output()
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %s, %v", left, err)
	}
}
