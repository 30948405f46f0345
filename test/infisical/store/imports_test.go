// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/test/infisical/store"
)

// TestLastImportWins: what a list means (its imports overwriting one another in their order, and the
// folder's own overwriting all) is what reading each secret alone tells.
func TestLastImportWins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, store.Rules{})
		keys := []string{"A", "B", "C"}
		n := rapid.IntRange(1, 4).Draw(t, "folders")
		for i := range n {
			w.folder(t, "/", fmt.Sprint("f", i))
		}
		for i := range n + 1 {
			path, value := "/", "own"
			if i < n {
				path, value = fmt.Sprint("/f", i), fmt.Sprint("from", i)
			}
			for _, key := range keys {
				if rapid.Bool().Draw(t, path+key) {
					w.create(t, path, key, value)
				}
			}
			// Imports of imports, in any direction.
			for j := range n {
				if i != j && rapid.IntRange(0, 2).Draw(t, "imports") == 0 {
					w.imports(t, path, fmt.Sprint("/f", j))
				}
			}
		}
		secrets, blocks, err := w.List(everything(), store.Query{Place: w.at("/"), ViewValue: true, Imports: true})
		if err != nil {
			t.Fatal(err)
		}
		meant := map[string]string{}
		for _, block := range blocks {
			maps.Copy(meant, keysAndValues(block.Secrets))
		}
		maps.Copy(meant, keysAndValues(secrets))
		for _, key := range keys {
			got, err := w.Get(everything(), store.Reading{Place: w.at("/"), Key: key, ViewValue: true, Imports: true})
			want, there := meant[key]
			if (err == nil) != there || got.Value != want {
				t.Fatalf("%s is %q (%v), want %q", key, got.Value, err, want)
			}
		}
	})
}

func TestImports(t *testing.T) {
	w := newWorld(t, store.Rules{})
	for _, name := range []string{"first", "second", "deep"} {
		w.folder(t, "/", name)
		w.create(t, "/"+name, "KEY", name)
	}
	w.create(t, "/deep", "DEEP", "deep")
	w.imports(t, "/second", "/deep")
	w.imports(t, "/deep", "/second") // round and round
	w.imports(t, "/", "/first")
	w.imports(t, "/", "/second")

	list := func() []store.ImportBlock {
		t.Helper()
		_, blocks, err := w.List(everything(), store.Query{Place: w.at("/"), ViewValue: true, Imports: true})
		if err != nil {
			t.Fatal(err)
		}
		return blocks
	}
	var got []map[string]string
	for _, block := range list() {
		got = append(got, keysAndValues(block.Secrets))
	}
	// What /second imports is merged into its block, below its own.
	if diff := cmp.Diff([]map[string]string{{"KEY": "first"}, {"KEY": "second", "DEEP": "deep"}}, got); diff != "" {
		t.Error(diff)
	}
	imports, err := w.ListImports(w.at("/"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.MoveImport(anybody(), w.at("/"), imports[0].ID, 2); err != nil {
		t.Fatal(err)
	}
	if blocks := list(); blocks[0].Path != "/second" || blocks[1].Path != "/first" {
		t.Errorf("after the move: %+v", blocks)
	}
	if _, err := w.DeleteImport(anybody(), w.at("/"), imports[0].ID); err != nil {
		t.Fatal(err)
	}
	if blocks := list(); len(blocks) != 1 || blocks[0].Path != "/second" {
		t.Errorf("after the removal: %+v", blocks)
	}
	// An import holds on to its environment through a rename, and gives nothing once its folder is gone.
	if _, err := w.RenameEnvironment(w.project.ID, w.project.Environments[0].ID, "development", ""); err != nil {
		t.Fatal(err)
	}
	at := store.Place{ProjectID: w.project.ID, Environment: "development", Path: "/"}
	if _, err := w.DeleteFolder(at, "second"); err != nil {
		t.Fatal(err)
	}
	_, blocks, err := w.List(everything(), store.Query{Place: at, ViewValue: true, Imports: true})
	if err != nil || len(blocks) != 0 {
		t.Errorf("%+v, %v", blocks, err)
	}
}

func TestReferences(t *testing.T) {
	skip := true
	cases := map[string]struct {
		reason string
		rules  store.Rules
		who    store.Ability
		value  string
		skip   *bool
		want   string
		refuse bool
	}{
		"None":             {value: "plain $KEY {KEY}", want: "plain $KEY {KEY}"},
		"Local":            {value: "<${KEY}>", want: "<root>"},
		"Absolute":         {value: "${dev.api.KEY}/${dev.api.deep.KEY}/${dev.KEY}", want: "api/deep/root"},
		"OtherEnvironment": {value: "${prod.KEY}", want: "prod"},
		"OfAReference":     {value: "${REF}", want: "-root-"},
		"RelativeToItsOwn": {reason: "a reference in another folder looks there", value: "${dev.api.REF}", want: "api!"},
		"Missing":          {reason: "stays as text", value: "${NONE} ${dev.none.KEY} ${none.KEY}", want: "${NONE} ${dev.none.KEY} ${none.KEY}"},
		"MissingEmpty":     {rules: store.Rules{MissingReferenceIsEmpty: true}, value: "<${NONE}>", want: "<>"},
		"Self":             {value: "${IT}", want: "${IT}"},
		"Cycle":            {value: "${ROUND}", want: "${IT}"},
		"TooDeep":          {value: "${L0}", want: "${L10}"},
		"Illegal":          {value: "${a b} ${}", want: "${a b} ${}"},
		"MultilineAsItIs":  {value: "${LINES}", want: "a\nb"},
		"Multiline":        {reason: "encoded if asked to skip", value: "${LINES}", skip: &skip, want: `"a\nb"`},
		"MultilineNoRef":   {reason: "only what was composed", value: "a\nb", skip: &skip, want: "a\nb"},
		"Denied":           {who: only("/"), value: "${dev.api.KEY}", refuse: true},
		"DeniedFurther":    {who: only("/"), value: "${dev.KEY}", want: "root"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.rules)
			w.folder(t, "/api", "deep")
			for path, values := range map[string]map[string]string{
				"/":         {"KEY": "root", "REF": "-${KEY}-", "ROUND": "${IT}", "LINES": "a\nb"},
				"/api":      {"KEY": "api", "REF": "${KEY}!"},
				"/api/deep": {"KEY": "deep"},
			} {
				for key, value := range values {
					w.create(t, path, key, value)
				}
			}
			for i := range 15 {
				w.create(t, "/", fmt.Sprint("L", i), fmt.Sprintf("${L%d}", i+1))
			}
			value := "prod"
			prod := store.Place{ProjectID: w.project.ID, Environment: "prod", Path: "/"}
			if _, err := w.Create(anybody(), prod, store.Write{Key: "KEY", Value: &value}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Create(anybody(), w.at("/"), store.Write{Key: "IT", Value: &tc.value, SkipMultiline: tc.skip}); err != nil {
				t.Fatal(err)
			}
			who := tc.who
			if who == nil {
				who = everything()
			}
			one, err := w.Get(who, store.Reading{Place: w.at("/"), Key: "IT", ViewValue: true, Expand: true})
			listed, _, listErr := w.List(who, store.Query{Place: w.at("/"), ViewValue: true, Expand: true})
			if tc.refuse {
				for _, err := range []error{err, listErr} {
					if status, _ := refusal(t, err); status != 403 {
						t.Errorf("%s: refused with %d", tc.reason, status)
					}
				}
				return
			}
			if err != nil || listErr != nil {
				t.Fatal(err, listErr)
			}
			if inList := keysAndValues(listed)["IT"]; one.Value != tc.want || inList != tc.want {
				t.Errorf("%s: %q, in the list %q, want %q", tc.reason, one.Value, inList, tc.want)
			}
		})
	}
}

// only may read the secrets of one folder.
func only(path string) store.Ability {
	return store.Ability{{
		Subject: store.SubjectSecrets, Action: store.Actions{store.ActionDescribe, store.ActionReadValue},
		Conditions: map[string]any{"secretPath": path},
	}}
}

func TestReferencesThroughImports(t *testing.T) {
	for through, want := range map[bool]string{false: "${KEY}", true: "shared"} {
		w := newWorld(t, store.Rules{ReferencesThroughImports: through})
		w.folder(t, "/", "shared")
		w.create(t, "/shared", "KEY", "shared")
		w.imports(t, "/", "/shared")
		w.create(t, "/", "IT", "${KEY}")
		listed, _, err := w.List(everything(), store.Query{Place: w.at("/"), ViewValue: true, Expand: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := keysAndValues(listed)["IT"]; got != want {
			t.Errorf("through imports %v: %q, want %q", through, got, want)
		}
	}
}
