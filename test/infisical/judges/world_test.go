// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package judges

import (
	"testing"

	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
	"github.com/secretsync/secretsync/test/infisical/target"
)

// world is a server with what the judges ask about:
//
//	dev:/          PLAIN (third version), COMPOSED (refers to PLAIN)
//	dev:/api       DIRECT, LOG; imports /first, then /second
//	dev:/api/deep  DEEP
//	dev:/first     LOG, ONLY_FIRST, BOTH
//	dev:/second    LOG, BOTH
type world struct {
	*target.Server

	project  admin.Project
	identity admin.Identity
	login    admin.Universal
}

func newWorld(t *testing.T, o infisical.Options) *world {
	t.Helper()
	ctx := t.Context()
	w := &world{Server: target.ForTest(t, o)}
	var err error
	if w.project, err = w.Admin.CreateProject(ctx, "judged"); err != nil {
		t.Fatal(err)
	}
	if w.identity, err = w.Admin.CreateIdentity(ctx, "judge"); err != nil {
		t.Fatal(err)
	}
	check(t, w.Admin.Join(ctx, w.project.ID, w.identity.ID, "member"))
	if w.login, err = w.Admin.AllowUniversal(ctx, w.identity.ID, admin.Tokens{TTL: 600, MaxTTL: 1200}); err != nil {
		t.Fatal(err)
	}
	w.seed(t)
	return w
}

func (w *world) seed(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	for _, path := range []string{"/api", "/api/deep", "/first", "/second"} {
		in, name := "/", path[1:]
		if name == "api/deep" {
			in, name = "/api", "deep"
		}
		_, err := w.Admin.CreateFolder(ctx, w.at(in), name)
		check(t, err)
	}
	for path, values := range map[string]map[string]string{
		"/":         {"PLAIN": "one", "COMPOSED": "<${PLAIN}>"},
		"/api":      {"DIRECT": "direct", "LOG": "own"},
		"/api/deep": {"DEEP": "deep"},
		"/first":    {"LOG": "first", "ONLY_FIRST": "first", "BOTH": "first"},
		"/second":   {"LOG": "second", "BOTH": "second"},
	} {
		check(t, w.Admin.CreateSecrets(ctx, w.at(path), values))
	}
	for _, value := range []string{"two", "three"} {
		_, err := w.Admin.SetSecret(ctx, w.at("/"), "PLAIN", value)
		check(t, err)
	}
	for _, from := range []string{"/first", "/second"} {
		_, err := w.Admin.Import(ctx, w.at("/api"), w.at(from))
		check(t, err)
	}
}

func (w *world) at(path string) admin.Place { return w.project.At("dev", path) }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
