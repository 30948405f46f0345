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

// TestBounds: what would take forever, or all memory, ends at once with an error. Each case
// would hang the test, or kill it, if it were not so.
func TestBounds(t *testing.T) {
	values := map[string]string{
		"big": strings.Repeat("a", 1<<20), "deep": strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
		"wide": "[" + strings.Repeat("1,", 1<<17) + "1]", "list": strings.Repeat("- 1\n", 1<<15),
		"bomb": "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b]",
	}
	doubled := func(start, grow, use string) string {
		return "{{ $x := " + start + " }}" + strings.Repeat("{{ $x = "+grow+" }}", 60) + "{{ " + use + " }}"
	}
	nested := func(use string) string {
		return "{{ $x := list 1 }}{{ range 1000 }}{{ $x = list $x }}{{ end }}{{ " + use + " }}"
	}
	for name, text := range map[string]string{
		"RangeInt":           "{{ range 1000000000 }}{{ end }}",
		"RangeInRange":       "{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}",
		"RangeElse":          "{{ range 1000000000 }}{{ else }}{{ end }}",
		"ManyWords":          "{{ range 400000 }}" + strings.Repeat("{{ $x := 1 }}", 4000) + "{{ end }}",
		"ManyWordsUsed":      "{{ define \"x\" }}" + strings.Repeat("{{ $x := 1 }}", 4000) + "{{ end }}{{ range 400000 }}{{ template \"x\" }}{{ end }}",
		"ManyConditions":     "{{ range 400000 }}{{ if and " + strings.Repeat("1 ", 30000) + "}}{{ end }}{{ end }}",
		"SortedOften":        "{{ $m := split \",\" (repeat 60000 \",\") }}{{ range 400000 }}{{ range $m }}{{ break }}{{ end }}{{ end }}",
		"Recursion":          "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
		"MutualRecursion":    "{{ define \"x\" }}{{ template \"y\" . }}{{ end }}{{ define \"y\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
		"BlockRecursion":     "{{ block \"x\" . }}{{ template \"x\" . }}{{ end }}",
		"WideRecursion":      "{{ define \"x\" }}{{ range 1000 }}{{ template \"y\" . }}{{ end }}{{ end }}{{ define \"y\" }}{{ range 1000 }}{{ template \"z\" . }}{{ end }}{{ end }}{{ define \"z\" }}{{ range 1000 }}{{ end }}{{ end }}{{ range 1000 }}{{ template \"x\" . }}{{ end }}",
		"Repeat":             "{{ repeat 1000000000 \"x\" }}",
		"RepeatRepeat":       "{{ range 1000 }}{{ $x := repeat 1000000 \"x\" }}{{ end }}",
		"PrintfWidth":        "{{ printf \"%1000000000d\" 1 }}",
		"PrintfPrecision":    "{{ printf \"%.1000000000f\" 1.5 }}",
		"PrintfStar":         "{{ printf \"%*d\" 1000000000 1 }}",
		"Indent":             "{{ indent 1000000000 \"x\" }}",
		"IndentLines":        "{{ indent 1000 (repeat 100000 \"\\n\") }}",
		"Until":              "{{ until 1000000000 }}",
		"Replace":            "{{ replace \"\" .big .big }}",
		"RegexReplace":       "{{ regexReplaceAll \"a\" .big .big }}",
		"RegexCostly":        "{{ regexMatch \"(a?){1000}b\" .big }}",
		"RegexHuge":          "{{ regexMatch \"((((a{10}){10}){10}){10}){10}\" \"a\" }}",
		"RegexSplit":         "{{ regexSplit \"\" .big -1 | len }}",
		"Split":              "{{ splitList \"\" .big | len }}",
		"Join":               "{{ join .big (until 1000) }}",
		"Cat":                "{{ cat .big .big }}",
		"DoubledText":        doubled("\"ab\"", "print $x $x", "len $x"),
		"DoubledList":        doubled("list 1 2", "concat $x $x", "len $x"),
		"SharedListJson":     doubled("list 1", "list $x $x", "toJson $x"),
		"SharedListYaml":     doubled("list 1", "list $x $x", "toYaml $x"),
		"SharedListPrinted":  doubled("list 1", "list $x $x", "$x"),
		"SharedListPrint":    doubled("list 1", "list $x $x", "print $x"),
		"SharedListPrintf":   doubled("list 1", "list $x $x", "printf \"%v\" $x"),
		"SharedListCompared": doubled("list 1", "list $x $x", "eq $x $x"),
		"SharedListHTML":     doubled("list 1", "list $x $x", "html $x"),
		"SharedListUniq":     doubled("list 1", "list $x $x", "uniq $x"),
		"SharedMapToml":      doubled("dict \"a\" 1", "dict \"a\" $x \"b\" $x", "toToml $x"),
		"NestedJson":         nested("toJson $x"),
		"NestedYaml":         nested("toYaml $x"),
		"DeepJSON":           "{{ fromJson .deep | len }}",
		"DeepYAML":           "{{ fromYaml .deep | len }}",
		"DeepTOML":           "{{ fromToml (print \"a=\" .deep) | len }}",
		"WideJSON":           "{{ fromJson .wide | len }}",
		"WideYAML":           "{{ fromYaml .wide | len }}",
		"YamlBomb":           "{{ fromYaml .bomb | len }}",
		"YamlLarge":          "{{ fromYaml .big | len }}",
		"Hashes":             "{{ range 100 }}{{ htpasswd \"u\" \"p\" }}{{ end }}",
		"Output":             "{{ .big }}{{ .big }}",
		"OutputByLoop":       "{{ range 3000 }}" + strings.Repeat("x", 1000) + "{{ end }}",
		"Base64":             "{{ .big | b64enc | b64enc }}",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := renderOne(text, values)
			if !fault.Is(err, fault.InvalidContent) {
				t.Fatalf("want InvalidContent, got %v", err)
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

// TestBudgetIsShared: what many templates of one specification cost counts together, and where
// it ends does not depend on the machine.
func TestBudgetIsShared(t *testing.T) {
	var texts []template.Text
	for i := range 20 {
		texts = append(texts, template.Text{Place: fmt.Sprint("place ", i), Key: fmt.Sprint("k", i), Text: "{{ range 10000 }}{{ end }}"})
	}
	set, err := template.Parse(texts)
	if err != nil {
		t.Fatal(err)
	}
	var told string
	for range 3 {
		_, err := set.Render(names(), nil)
		if !fault.Is(err, fault.InvalidContent) || told != "" && err.Error() != told {
			t.Fatalf("want the same InvalidContent each time, got %v after %s", err, told)
		}
		told = err.Error()
	}
	if set, err = template.Parse(texts[:3]); err != nil {
		t.Fatal(err)
	}
	if _, err := set.Render(names(), nil); err != nil {
		t.Errorf("want a few of them rendered, got %v", err)
	}
}
