// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"testing"

	"github.com/secretsync/secretsync/test/cluster"
)

func TestRotate(t *testing.T) {
	w := newWorld(t)
	w.plan(
		t,
		"{name: db, stage: vault, generate: {password: 32}, to: [{vault: NS/db, field: password}, {kubernetesSecret: NS/db, key: password}]}",
		"{name: dsn, stage: vault, from: {template: \"postgres://app:{value:db}@db\"}, to: [{vault: NS/db, field: dsn}]}",
		"{name: stripe, stage: vault, from: {env: STRIPE}, to: [{vault: NS/stripe, field: key}]}",
	)
	w.env["STRIPE"] = w.marks.Token("stripe")
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0, "4 created")
	old := w.entry(t, "db", "password")
	w.marks.Add("old", old)

	w.run(t, "rotate", "-e", "prod", "--no-oidc", "db").want(t, 0, "3 changed")
	now := w.entry(t, "db", "password")
	w.marks.Add("new", now)
	if now == old || w.secret(t, "db", "password") != now || w.entry(t, "db", "dsn") != "postgres://app:"+now+"@db" {
		t.Error("not every place has the new value")
	}
	w.run(t, "verify", "-e", "prod", "--no-oidc").want(t, 0, "4 same")

	w.run(t, "rotate", "-e", "prod", "--no-oidc", "stripe").want(t, 4, "change it where it comes from")
	w.env["STRIPE"] = w.marks.Token("stripe anew")
	w.run(t, "rotate", "-e", "prod", "--no-oidc", "stripe").want(t, 0, "1 changed")
	if w.entry(t, "stripe", "key") != w.env["STRIPE"] {
		t.Error("the new value is not in place")
	}
	w.run(t, "rotate", "-e", "prod", "--no-oidc", "moon").want(t, 3, "there is no value moon")
	w.run(t, "rotate", "-e", "prod", "--no-oidc", "--resume", "stripe").want(t, 3, "is not generated")
}

// TestRotateWhatVaultIssues: the new secret ID is in place before the old one ends.
func TestRotateWhatVaultIssues(t *testing.T) {
	w := newWorld(t)
	must(t, w.Vault().EnableAppRole(t.Context(), w.name))
	role, err := w.Vault().WriteAppRole(t.Context(), w.name, cluster.AppRole{Name: "operator"})
	must(t, err)
	w.plan(t, "{name: secret-id, stage: vault, generate: {vaultAppRole: {role: operator, mount: NS}}, to: [{kubernetesSecret: NS/approle, key: secretID}]}")
	logsIn := func(secretID string) bool {
		answer, err := w.Vault().Root().Logical().WriteWithContext(t.Context(), "auth/"+w.name+"/login", map[string]any{"role_id": role, "secret_id": secretID})
		return err == nil && answer.Auth != nil
	}

	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0, "1 created")
	first := w.secret(t, "approle", "secretID")
	w.marks.Add("first", first)
	w.run(t, "apply", "-e", "prod", "--no-oidc").want(t, 0, "1 kept")
	w.run(t, "rotate", "-e", "prod", "--no-oidc", "secret-id").want(t, 0, "1 changed")
	second := w.secret(t, "approle", "secretID")
	w.marks.Add("second", second)
	if first == second || !logsIn(second) || logsIn(first) {
		t.Errorf("new %v, old %v", logsIn(second), logsIn(first))
	}
}
