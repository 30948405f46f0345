// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/template"
)

// costly is what the error of an execution says that cost too much.
const costly = "too costly"

// hungry are values to work on for long.
func hungry() map[string]string {
	return map[string]string{
		"big": strings.Repeat("a", 1<<20), "ab": strings.Repeat("ab", 2<<10),
		"json": "[" + strings.Repeat("{},", 2000) + "1]", "yaml": strings.Repeat("- a\n", 2000), "toml": strings.Repeat("[[a]]\nb=1\n", 500),
		"deep": strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"wide": "[" + strings.Repeat("1,", 1<<17) + "1]",
		"bomb": "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b]",
	}
}

// TestCosts: what would take forever ends with an error, whatever it works with. An execution may
// cost a part of what it may otherwise: the rest takes as long again as often as it is.
func TestCosts(t *testing.T) {
	const part = 32
	values := hungry()
	over := func(what string) string { return "{{ range 1000000000 }}{{ $x := " + what + " }}{{ end }}" }
	map60000 := "{{ $m := split \",\" (repeat 6000 \",\") }}"
	for name, text := range map[string]string{
		"Nothing":         "{{ range 1000000000 }}{{ end }}",
		"RangeInRange":    "{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}",
		"RangeElse":       "{{ range 1000000000 }}{{ else }}{{ end }}",
		"ManyWords":       "{{ range 400000 }}" + strings.Repeat("{{ $x := 1 }}", 4000) + "{{ end }}",
		"ManyWordsUsed":   "{{ define \"x\" }}" + strings.Repeat("{{ $x := 1 }}", 4000) + "{{ end }}{{ range 400000 }}{{ template \"x\" }}{{ end }}",
		"ManyConditions":  "{{ range 400000 }}{{ if and " + strings.Repeat("1 ", 30000) + "}}{{ end }}{{ end }}",
		"WideRecursion":   "{{ define \"x\" }}{{ range 1000 }}{{ template \"y\" . }}{{ end }}{{ end }}{{ define \"y\" }}{{ range 1000 }}{{ template \"z\" . }}{{ end }}{{ end }}{{ define \"z\" }}{{ range 1000 }}{{ end }}{{ end }}{{ range 1000 }}{{ template \"x\" . }}{{ end }}",
		"Text":            over("repeat 100000 \"x\""),
		"Lists":           over("until 10000"),
		"ListsOfLists":    "{{ $l := until 1000 }}" + over("concat"+strings.Repeat(" $l", 60)),
		"MapsOfMaps":      map60000 + over("merge"+strings.Repeat(" $m", 100)),
		"SortedMap":       map60000 + "{{ range 400000 }}{{ range $m }}{{ break }}{{ end }}{{ end }}",
		"SortedKeys":      map60000 + over("keys $m"),
		"Ini":             map60000 + over("toIni $m"),
		"Properties":      map60000 + over("toProperties $m"),
		"Hashes":          over("htpasswd \"u\" \"p\""),
		"RegexLong":       over("regexMatch \"(a|b|ab)*(?:[ab]{40}|b[ab]{39}c)d\" $.ab"),
		"RegexCompiled":   over("regexMatch \"(?:a?b){150}\" \"\""),
		"RegexManyParts":  over("regexSplit \"b\" $.ab -1"),
		"RegexRoams":      `{{ $s := print (repeat 65000 "a") (repeat 450000 "c") }}{{ $x := regexReplaceAllLiteral "a(?:.*b)?" $s "x" }}`,
		"RegexRoamsFew":   over(`regexFindAll "(?s)(?:.+b|a)" (trunc 20000 $.ab) -1`),
		"RegexManyGroups": over("regexReplaceAll \"(a)(b)?(c)?(d)?\" $.ab \"$1\""),
		"JSON":            over("fromJson $.json"),
		"YAML":            over("fromYaml $.yaml"),
		"TOML":            over("fromToml $.toml"),
		"DecodedAndKept":  "{{ $x := list }}{{ range 1000000 }}{{ $x = append $x (fromYaml $.yaml) }}{{ end }}",
		"ToYAML":          "{{ $x := until 2000 }}" + over("toYaml $x"),
		"ToTOML":          "{{ $x := dict \"a\" (until 2000) }}" + over("toToml $x"),
		"ToJSON":          "{{ $x := dict \"a\" (until 2000) }}" + over("toJson $x"),
		"Base64":          "{{ .big | b64enc | b64enc }}",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := renderPart(part, text, values); !fault.Is(err, fault.InvalidContent) || !strings.Contains(err.Error(), costly) {
				t.Fatalf("want %q, got %v", costly, err)
			}
		})
	}
}

// TestBounds: what would take all memory at once, or would be too deep, ends with an error that
// says so. Each case would hang the test, or kill it, if it were not so.
func TestBounds(t *testing.T) {
	values := hungry()
	doubled := func(start, grow, use string) string {
		return "{{ $x := " + start + " }}" + strings.Repeat("{{ $x = "+grow+" }}", 60) + "{{ " + use + " }}"
	}
	nested := func(use string) string {
		return "{{ $x := list 1 }}{{ range 1000 }}{{ $x = list $x }}{{ end }}{{ " + use + " }}"
	}
	const large, many, deep, noText, wide = "larger than", "at most 65536 items", "deep in each other", "is no text", "at most 1000 wide"
	for name, tc := range map[string]struct{ text, says string }{
		"Recursion":          {"{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}", "64 deep"},
		"MutualRecursion":    {"{{ define \"x\" }}{{ template \"y\" . }}{{ end }}{{ define \"y\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}", "64 deep"},
		"BlockRecursion":     {"{{ block \"x\" . }}{{ template \"x\" . }}{{ end }}", "64 deep"},
		"Repeat":             {"{{ repeat 1000000000 \"x\" }}", large},
		"PrintfWidth":        {"{{ printf \"%1000000000d\" 1 }}", wide},
		"PrintfPrecision":    {"{{ printf \"%.1000000000f\" 1.5 }}", wide},
		"PrintfStar":         {"{{ printf \"%*d\" 1000000000 1 }}", "verb"},
		"Indent":             {"{{ indent 1000000000 \"x\" }}", "0 to 1000 spaces"},
		"IndentLines":        {"{{ indent 1000 (repeat 100000 \"\\n\") }}", large},
		"Until":              {"{{ until 1000000000 }}", many},
		"Replace":            {"{{ replace \"\" .big .big }}", large},
		"RegexReplace":       {"{{ regexReplaceAll \"a\" (trunc 50000 .big) (trunc 50000 .big) }}", large},
		"RegexGroups":        {`{{ regexReplaceAll "(?s).+" (repeat 131072 "a") (repeat 20000 "$0") }}`, large},
		"Quoted":             {"{{ squote .big .big }}", large},
		"Escaped":            {"{{ urlquery .big .big }}", large},
		"JSONEscapes":        {"{{ toJson (repeat 300000 \"\u0085\") }}", large},
		"RegexSplit":         {"{{ regexSplit \"\" (trunc 70000 .big) -1 | len }}", many},
		"RegexLarge":         {"{{ regexMatch \"(a?){1000}b\" .big }}", "repeats too much"},
		"RegexHuge":          {"{{ regexMatch \"(?:" + strings.Repeat("a?b", 330) + "){1000}\" \"a\" }}", "repeats too much"},
		"RegexNested":        {"{{ regexMatch \"((((a{10}){10}){10}){10}){10}\" \"a\" }}", "not a regular expression"},
		"Split":              {"{{ splitList \"\" .big | len }}", many},
		"Join":               {"{{ join .big (until 1000) }}", large},
		"Cat":                {"{{ cat .big .big }}", large},
		"Concat":             {"{{ $l := until 60000 }}{{ concat $l $l }}", many},
		"Ini":                {"{{ $m := dict \"k\" .big }}{{ toIni (dict \"a\" $m \"b\" $m) }}", large},
		"Properties":         {"{{ toProperties (dict \"a\" .big \"b\" .big) }}", large},
		"DoubledText":        {doubled("\"ab\"", "print $x $x", "len $x"), large},
		"DoubledList":        {doubled("list 1 2", "concat $x $x", "len $x"), many},
		"SharedListJson":     {doubled("list 1", "list $x $x", "toJson $x"), large},
		"SharedListYaml":     {doubled("list 1", "list $x $x", "toYaml $x"), large},
		"SharedListPrinted":  {doubled("list 1", "list $x $x", "$x"), noText},
		"SharedListPrint":    {doubled("list 1", "list $x $x", "print $x"), noText},
		"SharedListPrintf":   {doubled("list 1", "list $x $x", "printf \"%v\" $x"), noText},
		"SharedListCompared": {doubled("list 1", "list $x $x", "eq $x $x"), "compares texts"},
		"SharedListHTML":     {doubled("list 1", "list $x $x", "html $x"), noText},
		"SharedListUniq":     {doubled("list 1", "list $x $x", "uniq $x"), noText},
		"SharedMapToml":      {doubled("dict \"a\" 1", "dict \"a\" $x \"b\" $x", "toToml $x"), large},
		"NestedJson":         {nested("toJson $x"), deep},
		"NestedYaml":         {nested("toYaml $x"), deep},
		"DeepJSON":           {"{{ fromJson .deep | len }}", deep},
		"DeepYAML":           {"{{ fromYaml .deep | len }}", deep},
		"DeepTOML":           {"{{ fromToml (print \"a=\" .deep) | len }}", deep},
		"WideJSON":           {"{{ fromJson .wide | len }}", many},
		"WideYAML":           {"{{ fromYaml .wide | len }}", "more than 262144 bytes"},
		"YamlBomb":           {"{{ fromYaml .bomb | len }}", "aliases"},
		"TomlLarge":          {"{{ fromToml (trunc 70000 .big) | len }}", "more than 65536 bytes"},
		"Output":             {"{{ .big }}{{ .big }}", large},
		"OutputByLoop":       {"{{ range 3000 }}" + strings.Repeat("x", 1000) + "{{ end }}", large},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := renderOne(tc.text, values)
			if !fault.Is(err, fault.InvalidContent) || !strings.Contains(err.Error(), tc.says) {
				t.Fatalf("want InvalidContent with %q, got %v", tc.says, err)
			}
			if len(err.Error()) > 500 {
				t.Errorf("the error is long: %.600s", err.Error())
			}
		})
	}
}

// TestLargeTexts: templates that are larger than what is read, and such that are nested deep.
func TestLargeTexts(t *testing.T) {
	const most = 64 << 10
	for name, tc := range map[string]struct {
		text string
		ok   bool
	}{
		"Largest":    {strings.Repeat("x", most), true},
		"TooLarge":   {strings.Repeat("x", most+1), false},
		"Actions":    {strings.Repeat("{{1}}", most/5), true},
		"NestedIfs":  {strings.Repeat("{{if 1}}", 4000) + strings.Repeat("{{end}}", 4000), true},
		"Parens":     {"{{" + strings.Repeat("(", 30000) + "1" + strings.Repeat(")", 30000) + "}}", false},
		"LongName":   {"{{ ." + strings.Repeat("x", 60000) + " }}", false},
		"LongString": {"{{ fail \"" + strings.Repeat("x", 60000) + "\" }}", false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := renderOne(tc.text, nil)
			if (err == nil) != tc.ok || err != nil && (len(err.Error()) > 500 || !fault.Is(err, fault.InvalidSpec, fault.InvalidContent)) {
				t.Errorf("want rendered %t, got %.600v", tc.ok, err)
			}
		})
	}
}

// TestManyTemplates: a ConfigMap can have very many keys, each of which is a template.
func TestManyTemplates(t *testing.T) {
	const most = 1024
	texts := make([]template.Text, most+1)
	for i := range texts {
		texts[i] = template.Text{Place: "place", Key: fmt.Sprint("k", i)}
	}
	if _, err := template.Parse(texts[:most]); err != nil {
		t.Errorf("want %d templates read, got %v", most, err)
	}
	if _, err := template.Parse(texts); !fault.Is(err, fault.InvalidSpec) {
		t.Errorf("want %d templates refused, got %v", len(texts), err)
	}
}

// TestBudgetIsShared: what many templates of one specification cost counts together, and where
// it ends does not depend on the machine.
func TestBudgetIsShared(t *testing.T) {
	var texts []template.Text
	for i := range 20 {
		texts = append(texts, template.Text{Place: fmt.Sprint("place ", i), Key: fmt.Sprint("k", i), Text: "{{ range 1000 }}{{ end }}"})
	}
	set, err := template.Parse(texts)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := set.RenderFor(10, names(), nil); !fault.Is(err, fault.InvalidContent) || !strings.HasPrefix(err.Error(), "place 10, line 1: ") {
			t.Fatalf("want all of them to cost too much from the eleventh on, got %v", err)
		}
	}
	if _, err := set.Render(names(), nil); err != nil {
		t.Errorf("want all of them rendered where they may cost ten times as much, got %v", err)
	}
}
