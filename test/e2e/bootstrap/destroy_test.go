// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import "testing"

// TestDestroy: a preview instance goes, without any source value, and only that.
func TestDestroy(t *testing.T) {
	w := newWorld(t)
	w.plan(
		t,
		"{name: shared, stage: vault, from: {env: SHARED}, to: [{vault: NS/shared, field: key}]}",
		"{name: db, stage: vault, generate: {password: 32}, only: [test], to: [{vault: \"NS/preview/{instance}/db\", field: password}, {kubernetesSecret: \"NS/db-{instance}\", key: password}]}",
	)
	w.env["SHARED"] = w.marks.Token("shared")
	w.run(t, "apply", "-e", "test", "--no-oidc").want(t, 0, "1 created")
	for _, instance := range []string{"pr-7", "pr-70"} {
		w.run(t, "apply", "-e", "test", "--no-oidc", "--instance", instance).want(t, 0, "2 created, 0 changed, 0 kept")
	}
	for name, text := range map[string]string{"7": w.entry(t, "preview/pr-7/db", "password"), "70": w.entry(t, "preview/pr-70/db", "password")} {
		w.marks.Add(name, text)
	}
	delete(w.env, "SHARED")

	w.run(t, "destroy", "-e", "test", "--no-oidc", "--instance", "pr-7", "--dry-run").want(t, 0, "preview/pr-7/db")
	w.run(t, "destroy", "-e", "test", "--no-oidc", "--older-than", "1d").want(t, 0, "0 removed")
	if w.entry(t, "preview/pr-7/db", "password") == "" {
		t.Fatal("removed too much")
	}
	w.run(t, "destroy", "-e", "test", "--no-oidc", "--instance", "pr-7").want(t, 0, "2 removed")
	if w.entry(t, "preview/pr-7/db", "password") != "" || w.secret(t, "db-pr-7", "password") != "" {
		t.Error("the instance is still there")
	}
	if w.entry(t, "preview/pr-70/db", "password") == "" || w.secret(t, "db-pr-70", "password") == "" || w.entry(t, "shared", "key") == "" {
		t.Error("more than the instance is gone")
	}
	w.run(t, "destroy", "-e", "test", "--no-oidc", "--instance", "pr-7").want(t, 0, "0 removed")
	for _, args := range [][]string{{}, {"--instance", "main"}, {"--instance", "../x"}, {"--older-than", "soon"}, {"--instance", "pr-7", "--older-than", "1d"}} {
		w.run(t, append([]string{"destroy", "-e", "test", "--no-oidc"}, args...)...).want(t, 3)
	}
	w.run(t, "destroy", "-e", "prod", "--no-oidc", "--instance", "pr-7").want(t, 3, "has no instances")
}
