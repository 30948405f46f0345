// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
	"github.com/secretsync/secretsync/pkg/template"
)

// names are those of the object that tests render for.
func names() template.Names {
	return template.Names{Namespace: "payments", Name: "db", Target: "db-credentials"}
}

func valuesOf(texts map[string]string) map[string]sensitive.Value {
	values := map[string]sensitive.Value{}
	for key, text := range texts {
		values[key] = sensitive.FromString(text)
	}
	return values
}

// renderOne returns what one template makes.
func renderOne(text string, values map[string]string) (string, error) {
	return renderPart(1, text, values)
}

// renderPart is renderOne within a part of what templates may cost, for those that want all of it.
func renderPart(part int, text string, values map[string]string) (string, error) {
	set, err := template.Parse([]template.Text{{Place: "spec.template.data[\"K\"]", Key: "K", Text: text}})
	if err != nil {
		return "", err
	}
	made, err := set.RenderFor(part, names(), valuesOf(values))
	return string(made["K"].Reveal()), err
}

func TestFunctions(t *testing.T) {
	values := map[string]string{
		"user": "app", "password": "p@ss w/rd", "port": "5432", "empty": "",
		"json": `{"b": [1, 2.50, "x"], "a": {"c": null, "n": 12345678901234567890}}`,
		"a-b":  "dashed",
	}
	cases := map[string]struct{ text, want string }{
		"Plain":          {`{{ .user }}`, "app"},
		"Example":        {`postgres://{{ .user | urlquery }}:{{ .password | urlquery }}@db/app`, "postgres://app:p%40ss+w%2Frd@db/app"},
		"URLEncode":      {`{{ .password | urlencode }}`, "p%40ss%20w%2Frd"},
		"Index":          {`{{ index . "a-b" }}`, "dashed"},
		"IndexInside":    {`{{ $j := fromJson .json }}{{ index $j "b" 1 }}{{ $j.a.n }}`, "2.5012345678901234567890"},
		"Compare":        {`{{ if and (eq (int .port) 5432) (ne .user "x") (lt 1 2) (ge 2.5 2) }}yes{{ end }}`, "yes"},
		"Range":          {`{{ range $i, $c := splitList "," "a,b,c" }}{{ $i }}{{ $c }} {{ end }}`, "0a 1b 2c "},
		"RangeInt":       {`{{ range 3 }}{{ . }}{{ end }}`, "012"},
		"RangeMap":       {`{{ range $k, $v := dict "z" 1 "a" 2 }}{{ $k }}={{ $v }};{{ end }}`, "a=2;z=1;"},
		"Break":          {`{{ range 9 }}{{ if eq . 2 }}{{ break }}{{ end }}{{ . }}{{ end }}`, "01"},
		"Define":         {`{{ define "x" }}<{{ . }}>{{ end }}{{ template "x" .user }}{{ template "x" "y" }}`, "<app><y>"},
		"Else":           {`{{ with .empty }}{{ . }}{{ else }}none{{ end }}`, "none"},
		"Default":        {`{{ .empty | default "x" }}{{ .user | default "x" }}`, "xapp"},
		"Coalesce":       {`{{ coalesce .empty "" .user }}`, "app"},
		"Ternary":        {`{{ ternary "a" "b" (eq .user "app") }}`, "a"},
		"Dig":            {`{{ dig "host" "localhost" . }}`, "localhost"},
		"Keys":           {`{{ keys . | join "," }}`, "a-b,empty,json,password,port,user"},
		"ToJson":         {`{{ dict "b" 1 "a" (list "<&>" true 1.5) | toJson }}`, `{"a":["<&>",true,1.5],"b":1}`},
		"JsonRoundTrip":  {`{{ .json | fromJson | toJson }}`, `{"a":{"c":null,"n":12345678901234567890},"b":[1,2.50,"x"]}`},
		"PrettyJson":     {`{{ dict "a" 1 | toPrettyJson }}`, "{\n  \"a\": 1\n}"},
		"ToYaml":         {`{{ dict "port" "5432" "list" (list 1 "yes" "multi\nline") "n" 1.0 | toYaml }}`, "list:\n  - 1\n  - \"yes\"\n  - |-\n    multi\n    line\n\"n\": 1\nport: \"5432\""},
		"YamlRoundTrip":  {`{{ "a: [1, x, 2.50, null]\nb: {c: true}" | fromYaml | toJson }}`, `{"a":[1,"x",2.50,null],"b":{"c":true}}`},
		"ToToml":         {`{{ dict "b" (dict "x" 1) "a" "t" | toToml }}`, "a = \"t\"\n\n[b]\nx = 1\n"},
		"FromToml":       {`{{ $t := fromToml "a = 1\n[b]\nc = [\"x\"]" }}{{ $t.a }}{{ index $t.b.c 0 }}`, "1x"},
		"Base64":         {`{{ .user | b64enc }}{{ "YXBw\n" | b64dec }}{{ "_-8" | b64dec | b64enc }}`, "YXBwapp/+8="},
		"Hash":           {`{{ "" | sha256sum | trunc 8 }}`, "e3b0c442"},
		"Quote":          {`{{ quote "a\"b" 1 }} {{ squote "x" }}`, `"a\"b" "1" 'x'`},
		"Indent":         {`{{ "a\nb" | indent 2 }}{{ "a\nb" | nindent 1 }}`, "  a\n  b\n a\n b"},
		"Printf":         {`{{ printf "%s-%05d-%q-%v-%x-%.2f%%" .user 42 "q" true "ab" 1.5 }}`, `app-00042-"q"-true-6162-1.50%`},
		"Print":          {`{{ print 1 2 "a" "b" 3 }}|{{ println "a" 1 }}`, "1 2ab3|a 1\n"},
		"Arithmetic":     {`{{ add 1 2 3 }} {{ sub 5 2 }} {{ mul 2 3 }} {{ div 7 2 }} {{ mod 7 2 }} {{ max 1 3 2 }} {{ add .port 1 }}`, "6 3 6 3 1 3 5433"},
		"Lists":          {`{{ list 3 1 2 | sortAlpha | join "" }}{{ list 1 1 "1" | uniq | len }}{{ without (list 1 2) 1 | join "" }}{{ has 1 (list 1) }}`, "123" + "2" + "2" + "true"},
		"Slice":          {`{{ slice "abcdef" 1 3 }}{{ slice (list 1 2 3) 1 | join "" }}{{ first (list 7 8) }}{{ last (list 7 8) }}`, "bc2378"},
		"Split":          {`{{ (split "/" "a/b")._1 }}{{ (splitn "/" 2 "a/b/c")._1 }}`, "bb/c"},
		"SetIsACopy":     {`{{ $d := dict "a" 1 }}{{ $e := set $d "b" 2 }}{{ len $d }}{{ len $e }}`, "12"},
		"Merge":          {`{{ merge (dict "a" 1) (dict "a" 2 "b" 3) | toJson }}`, `{"a":1,"b":3}`},
		"Regex":          {`{{ regexReplaceAll "a(.)" "abac" "$1" }}{{ regexMatch "^a" "ab" }}{{ regexFind "b." "abc" }}{{ regexSplit "," "a,b" -1 | join "" }}`, "bctruebcab"},
		"Docker":         {`{{ dockerConfig "r.example" "u" "p" }}`, `{"auths":{"r.example":{"auth":"dTpw","password":"p","username":"u"}}}`},
		"Dotenv":         {`{{ dict "A" "it's $x\n" "B" "p w" | toDotenv }}`, "A=\"it's \\$x\\n\"\nB='p w'\n"},
		"Shell":          {`{{ shellQuote "it's" }}`, `'it'\''s'`},
		"Properties":     {`{{ dict "a b" " x=é\n" | toProperties }}`, "a\\ b=\\ x\\=\\u00E9\\n\n"},
		"Ini":            {`{{ dict "s" (dict "k" "v") "g" 1 | toIni }}`, "g = 1\n[s]\nk = v\n"},
		"Html":           {`{{ html "<a&'>" }}`, "&lt;a&amp;&#39;&gt;"},
		"Kind":           {`{{ kindOf .user }}{{ kindOf 1 }}{{ kindOf (list) }}{{ kindIs "map" . }}`, "stringnumberlisttrue"},
		"Whitespace":     {"a {{- /* comment */ -}} b", "ab"},
		"FailIsNotFound": {`{{ if eq .user "x" }}{{ fail "no" }}{{ end }}ok`, "ok"},
		"Chain":          {`{{ (fromJson .json).b | first }}`, "1"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				got, err := renderOne(tc.text, values)
				if err != nil || got != tc.want {
					t.Fatalf("%s renders to %q, %v; want %q", tc.text, got, err, tc.want)
				}
			}
		})
	}
}

// marker is a value that no error may repeat.
const marker = "m4rk3rvalue"

func TestErrors(t *testing.T) {
	values := map[string]string{"user": marker, "trap": "a value of type int; wrong type for value; expected int; got " + marker, "json": `{"` + marker + `": {"a": "` + marker + `"}}`}
	cases := map[string]struct {
		text  string
		class fault.Class
		says  string
	}{
		"MissingKey":       {"a\nb {{ .pasword }}", fault.InvalidContent, `line 2: there is no "pasword"`},
		"MissingByIndex":   {`{{ index . "pasword" }}`, fault.InvalidContent, `there is no "pasword"`},
		"MissingByGet":     {`{{ get . "pasword" }}`, fault.InvalidContent, `there is no "pasword"`},
		"MissingComputed":  {`{{ index . .user }}`, fault.InvalidContent, "computed"},
		"MissingInside":    {`{{ (fromJson .json).x }}`, fault.InvalidContent, `there is no "x"`},
		"MissingInDefine":  {"{{ define \"x\" }}\n\n{{ .y }}{{ end }}{{ template \"x\" . }}", fault.InvalidContent, `line 3: there is no "y"`},
		"MemberOfText":     {`{{ .user.name }}`, fault.InvalidContent, `"name" is asked of something`},
		"NotJSON":          {`{{ fromJson .user }}`, fault.InvalidContent, "fromJson: the text is not JSON"},
		"NotBase64":        {`{{ b64dec (print .user "%") }}`, fault.InvalidContent, "b64dec: the text is not Base64"},
		"NotANumber":       {`{{ int .user }}`, fault.InvalidContent, "int: the text is no whole number"},
		"WrongType":        {`{{ repeat .user 3 }}`, fault.InvalidContent, "of type string where one of type int is needed"},
		"WrongCount":       {`{{ upper }}`, fault.InvalidContent, "upper takes 1 arguments and is given 0"},
		"RangeOverText":    {`{{ range .user }}{{ end }}`, fault.InvalidContent, "range: it goes over lists"},
		"RangeOverATrap":   {`{{ range .trap }}{{ end }}`, fault.InvalidContent, "range: it goes over lists"},
		"RangeOverDigits":  {`{{ range (fromJson "12345678901234567890") }}{{ end }}`, fault.InvalidContent, "range: it goes over lists"},
		"PropertiesBinary": {`{{ "_-8" | b64dec | propertiesEscape }}`, fault.InvalidContent, "not UTF-8"},
		"UnknownInDefine":  {"{{ define \"x\" }}\n{{ template \"y\" }}{{ end }}", fault.InvalidSpec, `line 2: there is no template "y"`},
		"PrintsList":       {`{{ list .user }}`, fault.InvalidContent, "a list or a map is no text"},
		"PrintsNull":       {`{{ (fromJson "{\"a\": null}").a }}`, fault.InvalidContent, "null"},
		"ComparesKinds":    {`{{ eq .user 1 }}`, fault.InvalidContent, "eq: a string cannot be compared with a number"},
		"ComparesMaps":     {`{{ eq . . }}`, fault.InvalidContent, "compares texts"},
		"Fail":             {`{{ fail "give a port" }}`, fault.InvalidContent, "give a port"},
		"FailOfAValue":     {`{{ fail .user }}`, fault.InvalidSpec, "literal"},
		"FailOfAPipe":      {`{{ .user | fail }}`, fault.InvalidSpec, "literal"},
		"Unknown":          {"\n{{ env \"HOME\" }}", fault.InvalidSpec, `line 2: there is no function "env": templates do not read the environment`},
		"Call":             {`{{ call .user }}`, fault.InvalidSpec, `no function "call"`},
		"JS":               {`{{ js .user }}`, fault.InvalidSpec, `no function "js": use toJson`},
		"Internal":         {`{{ _leave }}`, fault.InvalidSpec, `"_leave"`},
		"Syntax":           {"{{ if }}", fault.InvalidSpec, "line 1: missing value for if"},
		"Unclosed":         {"{{ .user", fault.InvalidSpec, "line 1: unclosed action"},
		"FormatTooFew":     {`{{ printf "%s %s" .user }}`, fault.InvalidContent, "takes 2 values and is given 1"},
		"FormatWrong":      {`{{ printf "%d" .user }}`, fault.InvalidContent, "does not take a string"},
		"DivisionByZero":   {`{{ div 1 0 }}`, fault.InvalidContent, "divided by 0"},
		"MethodOfANumber":  {`{{ (fromJson "12345678901234567890").Int64 }}`, fault.InvalidContent, "line 1"},
		"UnknownTemplate":  {`{{ template "x" }}`, fault.InvalidSpec, `line 1: there is no template "x"`},
		"YamlAlias":        {`{{ fromYaml "a: &x 1\nb: *x" }}`, fault.InvalidContent, "aliases"},
		"YamlTwice":        {`{{ fromYaml "a: 1\na: 2" }}`, fault.InvalidContent, "same key twice"},
		"IniLineEnd":       {`{{ dict "a" "x\ny" | toIni }}`, fault.InvalidContent, "line end"},
		"BinaryJSON":       {`{{ "_-8" | b64dec | toJson }}`, fault.InvalidContent, "not UTF-8"},
		"LongPasswordHash": {`{{ htpasswd "u" (repeat 80 "x") }}`, fault.InvalidContent, "at most 72"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := renderOne(tc.text, values)
			if !fault.Is(err, tc.class) || !strings.Contains(err.Error(), tc.says) {
				t.Fatalf("%s fails with %s: %v; want %s with %q", tc.text, fault.ClassOf(err), err, tc.class, tc.says)
			}
			if strings.Contains(err.Error(), marker) || !strings.Contains(err.Error(), `spec.template.data["K"]`) {
				t.Errorf("the error shows a value or no place: %v", err)
			}
		})
	}
}

// TestFunctionsOfOthers: who looks for a function that others have learns what to use, or why there is none.
func TestFunctionsOfOthers(t *testing.T) {
	for name, says := range map[string]string{
		"now": "the clock", "uuidv4": "chance", "genCA": "chance", "lookup": "the cluster", "getHostByName": "the network", "tpl": "no templates",
		"mustToJson": "use toJson", "mustRegexReplaceAll": "use regexReplaceAll", "atoi": "use int", "mustDateModify": "the clock",
		"pemToPkcs12": "use pkcs12", "pkcs12keyPass": "which is not read", "rsaDecrypt": "private keys",
	} {
		if _, err := renderOne("\n{{ "+name+" .user }}", nil); !fault.Is(err, fault.InvalidSpec) || !strings.Contains(err.Error(), "line 2: there is no function \""+name+"\"") || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: want its line and %q, got %v", name, says, err)
		}
	}
	for name := range template.Replacements() {
		if slices.Contains(template.Functions(), name) {
			t.Errorf("%s is a function, so nothing replaces it", name)
		}
	}
}

// TestKeysMadeTwice: a key that two templates make is named if it is written in the specification, and
// not if it is made of a value.
func TestKeysMadeTwice(t *testing.T) {
	made := func(key string) string { return "{{ " + key + " | quote }}: x" }
	for name, tc := range map[string]struct {
		texts []template.Text
		shown bool
	}{
		"Written": {[]template.Text{{Place: "a", Key: marker, Text: "x"}, {Place: "b", Text: made(".user")}}, true},
		"Made":    {[]template.Text{{Place: "a", Text: made(".user")}, {Place: "b", Text: made("(print .user)")}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := template.Parse(tc.texts)
			if err != nil {
				t.Fatal(err)
			}
			_, err = set.Render(names(), valuesOf(map[string]string{"user": marker}))
			if !fault.Is(err, fault.InvalidContent) || !strings.Contains(err.Error(), "which a makes, too") || strings.Contains(err.Error(), marker) != tc.shown {
				t.Errorf("want an error that shows the key %t, got %v", tc.shown, err)
			}
		})
	}
}

// TestManyRenderAtOnce: a Set is not changed by those that render it, whether they succeed or fail.
func TestManyRenderAtOnce(t *testing.T) {
	set, err := template.Parse([]template.Text{
		{Place: "a", Key: "a", Text: "{{ define \"x\" }}{{ . | upper }}{{ end }}{{ template \"x\" .user }}"},
		{Place: "b", Key: "b", Text: "{{ range $k, $v := . }}{{ $k }}{{ end }}{{ .user | b64dec }}"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			user := map[bool]string{true: "YXBw", false: "%"}[i%2 == 0]
			made, err := set.Render(names(), valuesOf(map[string]string{"user": user}))
			if i%2 == 0 && (err != nil || string(made["b"].Reveal()) != "userapp") || i%2 == 1 && !fault.Is(err, fault.InvalidContent) {
				t.Errorf("number %d made %d keys, %v", i, len(made), err)
			}
		})
	}
	work.Wait()
}
