// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
)

// inFolder is what a folder named apps holds, by relative path.
type inFolder map[string]map[string]string

// renderFound renders a spec whose finds search the folder apps.
func renderFound(t *testing.T, text string, folder inFolder) (render.Plan, render.Content, error) {
	t.Helper()
	have := entries{}
	for relative, fields := range folder {
		have[strings.TrimSuffix("apps/"+relative, "/")] = fields
	}
	return renderAll(t, specOf(t, text), have)
}

// renderAll renders a spec from the entries that it names, and from those in the folders that it
// names.
func renderAll(t *testing.T, spec *v1alpha1.SecretSyncSpec, have entries) (render.Plan, render.Content, error) {
	t.Helper()
	plan, err := render.NewPlan(spec, nil)
	if err != nil {
		t.Fatalf("NewPlan: %v", err)
	}
	var found []render.Found
	for at, want := range plan.Wants() {
		for _, path := range slices.Sorted(maps.Keys(have)) {
			relative, inside := strings.CutPrefix(path+"/", want.Path+"/")
			if relative = strings.TrimSuffix(relative, "/"); want.List && inside && plan.Finds(at, relative) {
				found = append(found, render.Found{At: at, Path: path, Relative: relative})
			}
		}
	}
	plan, places := plan.With(found)
	sources := make([]render.Source, len(plan.Wants()))
	for at, want := range plan.Wants() {
		sources[at] = render.Source{Path: want.Path, Version: want.Version}
		if !want.List {
			sources[at].Fields = fieldsOf(have[sources[at].String()])
		}
	}
	for i, at := range places {
		if got := plan.Wants()[at].Path; got != found[i].Path {
			t.Errorf("what was found at %q is wanted as %q", found[i].Path, got)
		}
	}
	content, err := plan.Render(sources)
	return plan, content, err
}

func TestFoundEntriesAreRendered(t *testing.T) {
	folder := inFolder{"db": {"user": `"db"`}, "deep/mq": {"user": `"mq"`}, "web": {"url": `"web"`}}
	cases := map[string]struct {
		reason, spec string
		folder       inFolder
		want         map[string]string
	}{
		"Own":        {spec: `{dataFrom: [{find: {path: apps, match: "db|web"}}]}`, folder: folder, want: map[string]string{"user": "db", "url": "web"}},
		"Whole":      {reason: "a part of a path is not the path", spec: `{dataFrom: [{find: {path: apps, match: "d.*q"}}]}`, folder: folder, want: map[string]string{"user": "mq"}},
		"ByPath":     {spec: `{dataFrom: [{find: {path: apps, keys: PathAndField}}]}`, folder: folder, want: map[string]string{"db_user": "db", "deep_mq_user": "mq", "web_url": "web"}},
		"ThenShaped": {spec: `{dataFrom: [{find: {path: apps, keys: PathAndField}, include: [user], rename: [{case: Upper}], prefix: A.}]}`, folder: folder, want: map[string]string{"A.DB_USER": "db", "A.DEEP_MQ_USER": "mq"}},
		"Itself":     {reason: "a folder that is an entry has no path in front", spec: `{dataFrom: [{find: {path: apps, keys: PathAndField}}]}`, folder: inFolder{"": {"a": "1"}, "b": {"c": "2"}}, want: map[string]string{"a": "1", "b_c": "2"}},
		"NotItself":  {spec: `{dataFrom: [{find: {path: apps, match: ".+"}}]}`, folder: inFolder{"": {"a": "1"}, "b": {"c": "2"}}, want: map[string]string{"c": "2"}},
		"NamedToo": {
			reason: "data wins over what is found, and an entry that is both is read once",
			spec:   `{data: [{secretKey: user, from: {path: apps/web, field: url}}], dataFrom: [{find: {path: apps}}]}`, folder: inFolder{"db": {"user": "1"}, "web": {"url": "2"}},
			want: map[string]string{"user": "2", "url": "2"},
		},
		"TwoFinds": {
			reason: "an entry that both find is one, whose keys are there already",
			spec:   `{dataFrom: [{find: {path: apps, match: db}}, {find: {path: apps}, onConflict: Keep}]}`,
			folder: inFolder{"db": {"user": "1"}, "mq": {"port": "3"}}, want: map[string]string{"user": "1", "port": "3"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, content, err := renderFound(t, tc.spec, tc.folder)
			if err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.want, plain(content)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestFoundEntriesAreRefused(t *testing.T) {
	cases := map[string]struct {
		spec   string
		folder inFolder
		want   string
		names  []string
	}{
		"EmptyFolder": {spec: `{dataFrom: [{find: {path: apps}}]}`, want: render.ReasonNothingFound, names: []string{"spec.dataFrom[0].find", `"apps"`}},
		"NoMatch":     {spec: `{dataFrom: [{find: {path: apps, match: db}}]}`, folder: inFolder{"mq": {"a": "1"}}, want: render.ReasonNothingFound, names: []string{`"db"`}},
		"NoField":     {spec: `{dataFrom: [{find: {path: apps}, include: [x]}]}`, folder: inFolder{"mq": {"a": "1"}}, want: render.ReasonNothingTaken, names: []string{"1 entries"}},
		"EmptyEntry":  {spec: `{dataFrom: [{find: {path: apps}}]}`, folder: inFolder{"mq": {}, "db": {"a": "1"}}, want: render.ReasonEntryEmpty, names: []string{"apps/mq"}},
		"SameField": {
			spec: `{dataFrom: [{find: {path: apps}, onConflict: Keep}]}`, folder: inFolder{"mq": {"user": "1"}, "db": {"user": "2"}},
			want: render.ReasonDuplicateKey, names: []string{"apps/mq", "apps/db", `"user"`},
		},
		"SameJoined": {
			spec: `{dataFrom: [{find: {path: apps, keys: PathAndField}}]}`, folder: inFolder{"a/b": {"c": "1"}, "a": {"b_c": "2"}},
			want: render.ReasonDuplicateKey, names: []string{"a_b_c"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, _, err := renderFound(t, tc.spec, tc.folder)
			if !fault.Is(err, fault.InvalidContent) || fault.ReasonOf(err) != tc.want {
				t.Fatalf("got %v (%s), want InvalidContent %s", err, fault.ReasonOf(err), tc.want)
			}
			for _, part := range tc.names {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not name %s", err, part)
				}
			}
		})
	}
}

// TestPlanTakesWhatItsItemsTake: whose values must be known to be gone, and whose origins are
// asked for.
func TestPlanTakesWhatItsItemsTake(t *testing.T) {
	plan, _, err := renderFound(t, `{dataFrom: [{find: {path: apps}, exclude: [b]}]}`, inFolder{"one": {"a": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	for place, want := range map[int]map[string]bool{0: {"a": false, "b": false}, 1: {"a": true, "b": false}} {
		for field, takes := range want {
			if got := plan.Takes(place, field); got != takes {
				t.Errorf("Takes(%d, %q) = %t, want %t", place, field, got, takes)
			}
		}
		if takes := plan.Taking(place); !takes("a") || takes("b") || !takes("c") {
			t.Errorf("Taking(%d) takes what is excluded, or not all of the rest", place)
		}
	}
	if !plan.TakesFound(0, "a") || plan.TakesFound(0, "b") || plan.TakesFound(1, "a") {
		t.Error("what a find takes is what its item takes, at the place of the folder alone")
	}
}

// TestNamesOfAFolderAreFewEnough: as long as one look at a folder takes, no other is made.
func TestNamesOfAFolderAreFewEnough(t *testing.T) {
	names := make([]string, 1000)
	for i := range names {
		names[i] = fmt.Sprintf("prod/database-of-team-%03d", i)
	}
	for match, want := range map[string]string{
		"(?:prod|staging)/database-of-team-[0-9]+": "",
		"(?:[a-z/-]?){300}[0-9]+":                  render.ReasonTooComplex,
	} {
		spec := &v1alpha1.SecretSyncSpec{DataFrom: []v1alpha1.DataFrom{{Find: &v1alpha1.FindSource{Path: "apps", Match: match}}}}
		plan, err := render.NewPlan(spec, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := plan.CheckNames(0, names); fault.ReasonOf(err) != want {
			t.Errorf("%s: got %v, want %q", match, err, want)
		}
		if err := plan.CheckNames(0, names[:10]); err != nil {
			t.Errorf("%s: want ten names compared, got %v", match, err)
		}
	}
}

// TestKeysOfAField: the keys that are lost with a field, by all items that take it.
func TestKeysOfAField(t *testing.T) {
	plan, _, err := renderFound(t, `{dataFrom: [{find: {path: apps, keys: PathAndField}, exclude: [b]}, {entry: {path: apps/one}, rename: [{case: Upper}]}]}`,
		inFolder{"one": {"a": "1", "b": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	for place, want := range plan.Wants() {
		if want.List {
			continue
		}
		if diff := cmp.Diff([]string{"one_a", "A"}, plan.KeysOf(place, "a")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"B"}, plan.KeysOf(place, "b")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
