// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestApply: values go where the plan says, a second run writes nothing, and what was altered
// by hand is found.
func TestApply(t *testing.T) {
	w := newWorld(t)
	w.plan(
		t,
		"{name: github, stage: cluster, from: {env: GH}, to: [{kubernetesSecret: NS/vcs, key: token}]}",
		"{name: stripe, stage: vault, from: {env: STRIPE}, to: [{vault: NS/payments/stripe, field: key}]}",
		"{name: db, stage: vault, generate: {password: 32}, to: [{vault: NS/db, field: password}, {kubernetesSecret: NS/db, key: password}]}",
	)
	w.env["GH"], w.env["STRIPE"] = w.marks.Text("github"), w.marks.Token("stripe")

	w.run(t, "validate").want(t, 0)
	w.run(t, "plan", "-e", "prod", "--no-oidc", "--detailed-exitcode").want(t, 2, "4 created", "WARNING: --no-oidc")
	if w.entry(t, "payments/stripe", "key") != "" || w.secret(t, "vcs", "token") != "" {
		t.Error("plan wrote something")
	}
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0, "4 created")
	password := w.entry(t, "db", "password")
	w.marks.Add("password", password)
	if w.secret(t, "vcs", "token") != w.env["GH"] || w.entry(t, "payments/stripe", "key") != w.env["STRIPE"] || w.secret(t, "db", "password") != password {
		t.Error("a value is not where it belongs")
	}

	w.run(t, "plan", "-e", "prod", "--no-oidc", "--detailed-exitcode").want(t, 0, "0 created, 0 changed, 4 kept")
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0, "0 created, 0 changed, 4 kept")
	w.run(t, "verify", "-e", "prod", "--no-oidc").want(t, 0, "4 same")
	w.put(t.Context(), t, "payments/stripe", "key", w.marks.Token("by hand"))
	w.run(t, "verify", "-e", "prod", "--no-oidc").want(t, 5, "payments/stripe field key", "Differs")
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0, "write: IfAbsent leaves it")
}

// TestAccessIsLeftToPeople who are told all that it takes, the auth method included.
func TestAccessIsLeftToPeople(t *testing.T) {
	w := newWorld(t)
	w.plan(t, "{name: a, stage: vault, generate: {password: 32}, to: [{vault: NS/a, field: f}]}")
	plan := filepath.Join(w.dir, "bootstrap.yaml")
	text, err := os.ReadFile(plan)
	must(t, err)
	access := strings.ReplaceAll("operatorAccess: {vault: {auth: kubernetes, mount: NS-auth, serviceAccount: a/b, policy: NS, paths: [NS/**]}}\n", "NS", w.name)
	must(t, os.WriteFile(plan, append(text, access...), 0o600))
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0, "vault policy write "+w.name, "vault auth enable -path="+w.name+"-auth kubernetes", "vault write auth/"+w.name+"-auth/role/secretsync")
}
