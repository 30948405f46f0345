// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// shaped is an item of dataFrom that takes the entry app.
func shaped(shaping string) string {
	return `{dataFrom: [{entry: {path: app}, ` + shaping + `}]}`
}

func TestShapingDecidesKeysAndBytes(t *testing.T) {
	app := entries{"app": {"db_user": `"u"`, "db_password": `"p"`, "debug": `"d"`, "tls/key": `"k"`}}
	cases := map[string]struct {
		reason  string
		spec    string
		entries entries
		want    map[string]string
	}{
		"Include":          {spec: shaped(`include: ["db_.*"]`), entries: app, want: map[string]string{"db_user": "u", "db_password": "p"}},
		"IncludeIsWhole":   {reason: "a part of a name is not the name", spec: shaped(`include: ["db", "debug"]`), entries: app, want: map[string]string{"debug": "d"}},
		"AlternativesToo":  {reason: "each alternative is the whole name", spec: shaped(`include: ["db_user|deb"]`), entries: app, want: map[string]string{"db_user": "u"}},
		"ExcludeWins":      {spec: shaped(`include: ["d.*"], exclude: [".*bug"]`), entries: app, want: map[string]string{"db_user": "u", "db_password": "p"}},
		"ExcludeAlone":     {spec: shaped(`exclude: ["d.*"], rename: [{invalid: "."}]`), entries: app, want: map[string]string{"tls.key": "k"}},
		"LineBreakIsAName": {reason: "an end of line is no end of a name", spec: shaped(`include: ["a"], rename: [{invalid: _}]`), entries: entries{"app": {"a\nb": `"no"`, "a": `"yes"`}}, want: map[string]string{"a": "yes"}},
		"Regexp":           {spec: shaped(`include: ["db_.*"], rename: [{regexp: {match: "^db_(.*)$", replace: "DB_$1"}}]`), entries: app, want: map[string]string{"DB_user": "u", "DB_password": "p"}},
		"EveryMatch":       {spec: shaped(`include: [debug], rename: [{regexp: {match: "[de]"}}]`), entries: app, want: map[string]string{"bug": "d"}},
		"Dollar":           {reason: "of two dollar signs one remains, which is then replaced", spec: shaped(`include: [debug], rename: [{regexp: {match: de, replace: "$$-"}}, {invalid: X}]`), entries: app, want: map[string]string{"X-bug": "d"}},
		"InOrder":          {spec: shaped(`include: [db_user], rename: [{case: Upper}, {regexp: {match: "^db"}}, {regexp: {match: "^DB", replace: PG}}, {case: Lower}]`), entries: app, want: map[string]string{"pg_user": "u"}},
		"CaseOfASCII":      {reason: "what is no letter of a key stays, in every release", spec: shaped(`rename: [{case: Upper}, {invalid: "."}]`), entries: entries{"app": {"straße": `"s"`}}, want: map[string]string{"STRA.E": "s"}},
		"PrefixIsLast":     {spec: shaped(`include: [debug], rename: [{case: Upper}], prefix: pay_`), entries: app, want: map[string]string{"pay_DEBUG": "d"}},
		"Decode":           {spec: shaped(`decode: Base64`), entries: entries{"app": {"a": `"aGk="`, "b": `"aG8"`}}, want: map[string]string{"a": "hi", "b": "ho"}},
		"DecodeNone":       {spec: shaped(`decode: None`), entries: entries{"app": {"a": `"aGk="`}}, want: map[string]string{"a": "aGk="}},
		"LeftOutIsNoValue": {reason: "what is not taken need not be one", spec: shaped(`exclude: ["n", "x y"]`), entries: entries{"app": {"n": "null", "x y": "1", "a": "1"}}, want: map[string]string{"a": "1"}},
		"Keep": {
			spec:    `{dataFrom: [{entry: {path: a}}, {entry: {path: b}, onConflict: Keep}]}`,
			entries: entries{"a": {"x": "1"}, "b": {"x": "null", "y": "2"}}, want: map[string]string{"x": "1", "y": "2"},
		},
		"Override": {
			spec:    `{dataFrom: [{entry: {path: a}}, {entry: {path: b}, onConflict: Override}, {entry: {path: c}, onConflict: Keep}]}`,
			entries: entries{"a": {"x": "null", "z": "1"}, "b": {"x": "2"}, "c": {"x": "3"}}, want: map[string]string{"x": "2", "z": "1"},
		},
		"DataWinsAnyway": {
			spec:    `{data: [{secretKey: x, from: {path: a, field: x}}], dataFrom: [{entry: {path: b}, onConflict: Override}]}`,
			entries: entries{"a": {"x": "1"}, "b": {"x": "2"}}, want: map[string]string{"x": "1"},
		},
		"RenamedIntoData": {
			reason:  "data wins by key, not by field",
			spec:    `{data: [{secretKey: X, from: {path: a, field: x}}], dataFrom: [{entry: {path: b}, rename: [{case: Upper}]}]}`,
			entries: entries{"a": {"x": "1"}, "b": {"x": "2"}}, want: map[string]string{"X": "1"},
		},
		"TheSameEntryTwice": {
			reason:  "each item shapes for itself",
			spec:    `{dataFrom: [{entry: {path: app}, include: [debug]}, {entry: {path: app}, include: [db_user], prefix: P_}]}`,
			entries: app, want: map[string]string{"debug": "d", "P_db_user": "u"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			spec := specOf(t, tc.spec)
			content, err := renderOf(spec, sourcesOf(t, spec, tc.entries))
			if err != nil {
				t.Fatalf("%s: Render: %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.want, plain(content)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestShapingRefusesContent(t *testing.T) {
	double := `{regexp: {match: ".*", replace: "$0$0$0$0$0$0$0$0$0"}}`
	cases := map[string]refusal{
		"MeetInOneItem": {
			spec: shaped(`rename: [{case: Lower}], onConflict: Override`), entries: entries{"app": {"A": "1", "a": "2"}},
			want: render.ReasonDuplicateKey, names: []string{`"a"`, `"A"`, "app", "spec.dataFrom[0]"},
		},
		"MeetAcrossItems": {
			spec:    `{dataFrom: [{entry: {path: a}}, {entry: {path: b}, rename: [{regexp: {match: "y", replace: x}}]}]}`,
			entries: entries{"a": {"x": "1"}, "b": {"y": "2"}},
			want:    render.ReasonDuplicateKey, names: []string{`field "x" of entry "a"`, `field "y" of entry "b"`, "spec.dataFrom[1].onConflict"},
		},
		"FailIsSaid": {
			spec:    `{dataFrom: [{entry: {path: a}, onConflict: Keep}, {entry: {path: b}, onConflict: Fail}]}`,
			entries: entries{"a": {"x": "1"}, "b": {"x": "2"}},
			want:    render.ReasonDuplicateKey, names: []string{`"x"`},
		},
		"NothingLeft": {
			spec: shaped(`include: [none]`), entries: entries{"app": {"a": "1"}},
			want: render.ReasonNothingTaken, names: []string{"spec.dataFrom[0]", "app"},
		},
		"RenamedAway": {
			spec: shaped(`rename: [{regexp: {match: ".*"}}]`), entries: entries{"app": {"a": "1"}},
			want: render.ReasonInvalidKey, names: []string{"spec.dataFrom[0]", `"a"`, "renamed"},
		},
		"TwoDots": {
			spec: shaped(`prefix: ".."`), entries: entries{"app": {"a": "1"}},
			want: render.ReasonInvalidKey, names: []string{"..a"},
		},
		"Doubling": {
			reason: "rules that multiply a name end somewhere",
			spec:   shaped(`rename: [` + strings.Repeat(double+", ", 15) + double + `]`), entries: entries{"app": {"abcdefgh": "1"}},
			want: render.ReasonInvalidKey, names: []string{"spec.dataFrom[0].rename[", "4096"},
		},
		"NotBase64": {
			spec: shaped(`decode: Base64`), entries: entries{"app": {"a": `"%"`}},
			want: render.ReasonInvalidBase64, names: []string{`"a"`, "app"},
		},
		"ManyAndLongNames": {
			reason: "what is compared with many expressions takes as long as all others wait",
			spec:   shaped(`exclude: ["(?:[a-z]?){90}"], rename: [{regexp: {match: "a(?:.*b)?"}}]`), entries: entries{"app": longNames(400, 900)},
			want: render.ReasonTooComplex, names: []string{"spec.data"},
		},
		"LongName": {
			spec: shaped(`exclude: [b]`), entries: entries{"app": {strings.Repeat("a", 5000): "1"}},
			want: render.ReasonInvalidKey, names: []string{"spec.dataFrom[0]", "4096"},
		},
		"DecodedNumber": {
			spec: shaped(`decode: Base64`), entries: entries{"app": {"a": `1`}},
			want: render.ReasonInvalidBase64, names: []string{`"a"`, "a number"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) { tc.check(t) })
	}
}

// longNames are the fields of an entry with so many names of that length.
func longNames(count, length int) map[string]string {
	fields := map[string]string{}
	for i := range count {
		fields[strings.Repeat("a", length)+fmt.Sprint(i)] = "1"
	}
	return fields
}

// check renders what is to be refused.
func (r refusal) check(t *testing.T) {
	t.Helper()
	spec := specOf(t, r.spec)
	_, err := renderOf(spec, sourcesOf(t, spec, r.entries))
	if !fault.Is(err, fault.InvalidContent) || fault.ReasonOf(err) != r.want {
		t.Fatalf("%s: Render = %v (%s), want InvalidContent %s", r.reason, err, fault.ReasonOf(err), r.want)
	}
	for _, part := range r.names {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not name %s", err, part)
		}
	}
}

func TestShapingRefusesRules(t *testing.T) {
	cases := map[string]struct{ spec, names string }{
		"Include":        {spec: shaped(`include: [ok, "("]`), names: "spec.dataFrom[0].include[1]"},
		"Exclude":        {spec: shaped(`exclude: ["a**"]`), names: "spec.dataFrom[0].exclude[0]"},
		"Parentheses":    {spec: shaped(`include: ["a)(b"]`), names: "spec.dataFrom[0].include[0]"},
		"Rename":         {spec: shaped(`rename: [{case: Upper}, {regexp: {match: "["}}]`), names: "spec.dataFrom[0].rename[1].regexp.match"},
		"NoSuchGroup":    {spec: shaped(`rename: [{regexp: {match: "(a)", replace: "$1_x"}}]`), names: "${1}_X"},
		"NoSuchNumber":   {spec: shaped(`rename: [{regexp: {match: "(a)", replace: "${2}"}}]`), names: "spec.dataFrom[0].rename[0].regexp.replace"},
		"NoGroup":        {spec: shaped(`rename: [{regexp: {match: a, replace: "a$"}}]`), names: "$$"},
		"NoRule":         {spec: shaped(`rename: [{}]`), names: "spec.dataFrom[0].rename[0]"},
		"UnknownCase":    {spec: shaped(`rename: [{case: Title}]`), names: "spec.dataFrom[0].rename[0]"},
		"Match":          {spec: `{dataFrom: [{find: {path: a, match: "("}}]}`, names: "spec.dataFrom[0].find.match"},
		"BothMembers":    {spec: `{dataFrom: [{find: {path: a}, entry: {path: a}}]}`, names: "spec.dataFrom[0]"},
		"Repeats":        {spec: shaped(`include: ["(?:` + strings.Repeat("a?", 120) + `){1000}"]`), names: "steps"},
		"Together":       {spec: shaped(`include: [` + strings.Repeat(`"a{900}", `, 11) + `a]`), names: "spec.dataFrom[0]"},
		"TooMuchRepeats": {spec: shaped(`include: ["(a{1000}){1000}"]`), names: "spec.dataFrom[0].include[0]"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := wantsOf(specOf(t, tc.spec))
			if !fault.Is(err, fault.InvalidSpec) || !strings.Contains(err.Error(), tc.names) {
				t.Errorf("got %v, want InvalidSpec naming %s", err, tc.names)
			}
		})
	}
}

// TestShapingKeepsItsPromises draws rules and fields, and checks what holds of any: a key is a
// field that is taken, in the same words each time; none is lost and none comes from nowhere.
func TestShapingKeepsItsPromises(t *testing.T) {
	rule := rapid.Custom(func(t *rapid.T) v1alpha1.RenameRule {
		return rapid.SampledFrom([]v1alpha1.RenameRule{
			{Case: v1alpha1.CaseUpper}, {Case: v1alpha1.CaseLower}, {Invalid: "_"}, {Invalid: "-x-"},
			{Regexp: &v1alpha1.RegexpRule{Match: "^(.)", Replace: "${1}$1"}}, {Regexp: &v1alpha1.RegexpRule{Match: "[aeiou]+"}},
		}).Draw(t, "rule")
	})
	rapid.Check(t, func(rt *rapid.T) {
		have := entries{}
		spec := &v1alpha1.SecretSyncSpec{}
		for _, path := range []string{"a", "b"} {
			have[path] = rapid.MapOfN(rapid.StringMatching(`[A-Za-c_/ é]{1,6}`), rapid.Just(`"`+path+`"`), 1, 5).Draw(rt, path)
			spec.DataFrom = append(spec.DataFrom, v1alpha1.DataFrom{
				Entry: &v1alpha1.EntrySource{Path: path},
				Shaping: v1alpha1.Shaping{
					Exclude: []string{"[ABC].*"}, Prefix: rapid.SampledFrom([]string{"", "P_"}).Draw(rt, "prefix"),
					Rename:     rapid.SliceOfN(rule, 0, 4).Draw(rt, "rules"),
					OnConflict: rapid.SampledFrom([]string{"", v1alpha1.OnConflictKeep, v1alpha1.OnConflictOverride}).Draw(rt, "conflict"),
				},
			})
		}
		content, err := renderOf(spec, sourcesOf(t, spec, have))
		again, errAgain := renderOf(spec, sourcesOf(t, spec, have))
		if (err == nil) != (errAgain == nil) || err != nil && err.Error() != errAgain.Error() || !again.Equal(content) {
			rt.Fatalf("Render = %v, then %v", err, errAgain)
		}
		if err != nil {
			if !fault.Is(err, fault.InvalidContent) {
				rt.Errorf("Render = %v, want InvalidContent", err)
			}
			return
		}
		taken := 0
		for _, fields := range have {
			for field := range fields {
				if !strings.ContainsAny(field[:1], "ABC") {
					taken++
				}
			}
		}
		if len(content.Data) > taken || len(content.Data) == 0 {
			rt.Errorf("%d keys of %d fields", len(content.Data), taken)
		}
	})
}

// FuzzShaping holds for any expressions and names: a key that a Secret can hold, or a refusal
// that names the field of the specification or of the entry; never a panic, never a value.
func FuzzShaping(f *testing.F) {
	f.Add("db_.*", "^db_(.*)$", "DB_$1", "db_user")
	f.Add("(", "(?i)a|b", "${name}$$", "x\xffy")
	f.Add(".*", "", "$0$0$0$0", "é")
	f.Fuzz(func(t *testing.T, include, match, replace, field string) {
		spec := specOf(t, shaped(`rename: [{regexp: {match: x}}, {invalid: _}]`))
		spec.DataFrom[0].Include = []string{include}
		spec.DataFrom[0].Rename[0].Regexp = &v1alpha1.RegexpRule{Match: match, Replace: replace}
		plan, err := render.NewPlan(spec, nil)
		if err != nil {
			if !fault.Is(err, fault.InvalidSpec) {
				t.Fatalf("NewPlan = %v, want InvalidSpec", err)
			}
			return
		}
		const value = "v4lu3-of-the-field"
		content, err := plan.Render([]render.Source{{Path: "app", Fields: map[string]sensitive.Value{field: sensitive.FromString(`"` + value + `"`)}}})
		if err != nil && (!fault.Is(err, fault.InvalidContent) || strings.Contains(err.Error(), value)) {
			t.Fatalf("Render = %v, want InvalidContent without the value", err)
		}
		if err == nil && len(content.Data) != 1 {
			t.Errorf("%d keys of one field", len(content.Data))
		}
	})
}
