// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package judges

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdk "github.com/infisical/go-sdk"

	"github.com/secretsync/secretsync/test/infisical"
)

// newSDK returns the SDK without what makes it unpredictable.
func (w *world) newSDK(t *testing.T) sdk.InfisicalClientInterface {
	t.Helper()
	return sdk.NewInfisicalClient(t.Context(), sdk.Config{
		SiteUrl: w.Address, CaCertificate: string(w.CA), SilentMode: true, LogWriter: io.Discard, AutoTokenRefresh: new(false),
	})
}

func (w *world) loggedIn(t *testing.T) sdk.InfisicalClientInterface {
	t.Helper()
	client := w.newSDK(t)
	if _, err := client.Auth().UniversalAuthLogin(w.login.ClientID, w.login.ClientSecret); err != nil {
		t.Fatal(err)
	}
	return client
}

func generations() map[string]infisical.Options {
	return map[string]infisical.Options{
		"New": {TLS: true},
		"Old": {Behavior: infisical.OldServer()},
	}
}

func TestGoSDKReads(t *testing.T) {
	for name, options := range generations() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options)
			client := w.loggedIn(t)
			t.Run("List", func(t *testing.T) { w.goLists(t, client) })
			t.Run("Retrieve", func(t *testing.T) { w.goRetrieves(t, client) })
			t.Run("ETag", func(t *testing.T) { w.goAsksAgain(t, client) })
			t.Run("Refusals", func(t *testing.T) { w.goIsRefused(t, client) })
		})
	}
}

func (w *world) goLists(t *testing.T, client sdk.InfisicalClientInterface) {
	cases := map[string]struct {
		options sdk.ListSecretsOptions
		want    map[string]string
	}{
		"Root": {
			options: sdk.ListSecretsOptions{SecretPath: "/"},
			want:    map[string]string{"PLAIN": "three", "COMPOSED": "<${PLAIN}>"},
		},
		"Expanded": {
			options: sdk.ListSecretsOptions{SecretPath: "/", ExpandSecretReferences: true},
			want:    map[string]string{"PLAIN": "three", "COMPOSED": "<three>"},
		},
		"Folder": {options: sdk.ListSecretsOptions{SecretPath: "/api"}, want: map[string]string{"DIRECT": "direct", "LOG": "own"}},
		"Recursive": {
			options: sdk.ListSecretsOptions{SecretPath: "/api", Recursive: true},
			want:    map[string]string{"DIRECT": "direct", "LOG": "own", "DEEP": "deep"},
		},
		// The SDK takes the first import that has a key; the server means the last.
		"Imports": {
			options: sdk.ListSecretsOptions{SecretPath: "/api", IncludeImports: true},
			want:    map[string]string{"DIRECT": "direct", "LOG": "own", "ONLY_FIRST": "first", "BOTH": "first"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for _, by := range []string{"ID", "Slug"} {
				tc.options.Environment = "dev"
				tc.options.ProjectID, tc.options.ProjectSlug = w.project.ID, ""
				if by == "Slug" {
					tc.options.ProjectID, tc.options.ProjectSlug = "", w.project.Slug
				}
				listed, err := client.Secrets().ListSecrets(tc.options)
				check(t, err)
				got := map[string]string{}
				for _, s := range listed.Secrets {
					got[s.SecretKey] = s.SecretValue
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("by %s: %s", by, diff)
				}
			}
		})
	}
}

func (w *world) goRetrieves(t *testing.T, client sdk.InfisicalClientInterface) {
	options := sdk.RetrieveSecretOptions{SecretKey: "PLAIN", ProjectID: w.project.ID, Environment: "dev", SecretPath: "/"}
	newest, err := client.Secrets().Retrieve(options)
	check(t, err)
	if newest.SecretValue != "three" || newest.Version != 3 || newest.SecretPath != "/" || newest.Environment != "dev" {
		t.Errorf("newest: %+v", newest)
	}
	for i, want := range []string{"one", "two", "three"} {
		version := i + 1
		options.Version = version
		got, err := client.Secrets().Retrieve(options)
		check(t, err)
		if got.SecretValue != want || got.Version != version || got.ID != newest.ID {
			t.Errorf("version %d: %+v", version, got)
		}
	}
	imported, err := client.Secrets().Retrieve(sdk.RetrieveSecretOptions{
		SecretKey: "BOTH", ProjectSlug: w.project.Slug, Environment: "dev", SecretPath: "/api", IncludeImports: true,
	})
	check(t, err)
	if imported.SecretValue != "second" {
		t.Errorf("of two imports, the last one counts: %+v", imported)
	}
}

func (w *world) goAsksAgain(t *testing.T, client sdk.InfisicalClientInterface) {
	options := sdk.ListSecretsOptions{ProjectID: w.project.ID, Environment: "dev", SecretPath: "/first"}
	first, err := client.Secrets().ListSecrets(options)
	check(t, err)
	options.IfNoneMatch = first.ETag
	_, err = client.Secrets().ListSecrets(options)
	if _, unchanged := errors.AsType[*sdk.NotModifiedError](err); !unchanged {
		t.Fatalf("asking with the ETag %s: %v", first.ETag, err)
	}
	_, err = w.Admin.ChangeSecret(t.Context(), w.at("/first"), "LOG", map[string]any{"secretComment": "why"})
	check(t, err)
	second, err := client.Secrets().ListSecrets(options)
	check(t, err)
	if second.ETag == first.ETag {
		t.Error("a comment did not change the ETag")
	}
}

func (w *world) goIsRefused(t *testing.T, client sdk.InfisicalClientInterface) {
	cases := map[string]struct {
		options sdk.RetrieveSecretOptions
		status  int
	}{
		"NoSecret":  {sdk.RetrieveSecretOptions{SecretKey: "NONE", SecretPath: "/"}, 404},
		"NoFolder":  {sdk.RetrieveSecretOptions{SecretKey: "PLAIN", SecretPath: "/none"}, 404},
		"NoVersion": {sdk.RetrieveSecretOptions{SecretKey: "PLAIN", SecretPath: "/", Version: 9}, 404},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.options.ProjectID, tc.options.Environment = w.project.ID, "dev"
			_, err := client.Secrets().Retrieve(tc.options)
			var refused *sdk.APIError
			if !errors.As(err, &refused) || refused.StatusCode != tc.status || refused.ErrorMessage == "" || refused.ReqId == "" {
				t.Errorf("refused with %v", err)
			}
		})
	}
	_, err := w.newSDK(t).Auth().UniversalAuthLogin(w.login.ClientID, "wrong")
	var refused *sdk.APIError
	if !errors.As(err, &refused) || refused.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong secret: %v", err)
	}
}

func TestGoSDKWrites(t *testing.T) {
	for name, options := range generations() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, options)
			client := w.loggedIn(t)
			t.Run("Secret", func(t *testing.T) { w.goWrites(t, client) })
			t.Run("Folder", func(t *testing.T) { w.goMakesFolders(t, client) })
		})
	}
}

func (w *world) goWrites(t *testing.T, client sdk.InfisicalClientInterface) {
	made, err := client.Secrets().Create(sdk.CreateSecretOptions{
		SecretKey: "NEW", SecretValue: "1", SecretComment: "why", ProjectID: w.project.ID, Environment: "dev", SecretPath: "/api",
	})
	check(t, err)
	if made.Version != 1 || made.SecretValue != "1" || made.SecretComment != "why" {
		t.Errorf("made %+v", made)
	}
	changed, err := client.Secrets().Update(sdk.UpdateSecretOptions{
		SecretKey: "NEW", NewSecretValue: "2", ProjectID: w.project.ID, Environment: "dev", SecretPath: "/api",
	})
	check(t, err)
	if changed.Version != 2 || changed.SecretValue != "2" || changed.ID != made.ID {
		t.Errorf("changed %+v", changed)
	}
	_, err = client.Secrets().Delete(sdk.DeleteSecretOptions{SecretKey: "NEW", ProjectID: w.project.ID, Environment: "dev", SecretPath: "/api"})
	check(t, err)
	_, err = client.Secrets().Retrieve(sdk.RetrieveSecretOptions{SecretKey: "NEW", ProjectID: w.project.ID, Environment: "dev", SecretPath: "/api"})
	var refused *sdk.APIError
	if !errors.As(err, &refused) || refused.StatusCode != http.StatusNotFound {
		t.Errorf("reading what was deleted: %v", err)
	}
	several, err := client.Secrets().Batch().Create(sdk.BatchCreateSecretsOptions{
		ProjectID: w.project.ID, Environment: "dev", SecretPath: "/api",
		Secrets: []sdk.BatchCreateSecret{{SecretKey: "M1", SecretValue: "1"}, {SecretKey: "M2", SecretValue: "2"}},
	})
	check(t, err)
	if len(several) != 2 {
		t.Errorf("made %+v", several)
	}
}

func (w *world) goMakesFolders(t *testing.T, client sdk.InfisicalClientInterface) {
	made, err := client.Folders().Create(sdk.CreateFolderOptions{ProjectID: w.project.ID, Environment: "dev", Path: "/api", Name: "made"})
	check(t, err)
	_, err = client.Folders().Update(sdk.UpdateFolderOptions{
		FolderID: made.ID, ProjectID: w.project.ID, Environment: "dev", Path: "/api", NewName: "renamed",
	})
	check(t, err)
	names := func() []string {
		listed, err := client.Folders().List(sdk.ListFoldersOptions{ProjectID: w.project.ID, Environment: "dev", Path: "/api"})
		check(t, err)
		var names []string
		for _, f := range listed {
			names = append(names, f.Name)
		}
		return names
	}
	if diff := cmp.Diff([]string{"deep", "renamed"}, names()); diff != "" {
		t.Error(diff)
	}
	_, err = client.Folders().Delete(sdk.DeleteFolderOptions{FolderID: made.ID, ProjectID: w.project.ID, Environment: "dev", Path: "/api"})
	check(t, err)
	if diff := cmp.Diff([]string{"deep"}, names()); diff != "" {
		t.Error(diff)
	}
}
