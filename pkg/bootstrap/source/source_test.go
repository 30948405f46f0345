// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package source_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/source"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func inputs() source.Inputs {
	files := map[string]string{"file": "in file", "empty": "", "large": strings.Repeat("x", source.MaxBytes+1), "full": strings.Repeat("x", source.MaxBytes)}
	return source.Inputs{
		Environment: source.NewEnvironment([]string{
			"A=value=1", "EMPTY=", "TF_VAR_x=of terraform", "KEY_PRE_PROD=of pre-prod",
			source.AllSecretsVariable + `={"ONE":"first","NONE":""}`, "malformed", "=C:=x",
		}),
		Open: func(name string) (io.ReadCloser, error) {
			if text, ok := files[name]; ok {
				return io.NopCloser(strings.NewReader(text)), nil
			}
			if name == "forbidden" {
				return nil, fs.ErrPermission
			}
			return nil, fs.ErrNotExist
		},
		Stdin:      strings.NewReader("typed"),
		AllSecrets: true,
	}
}

func TestRead(t *testing.T) {
	cases := map[string]struct {
		from  plan.Source
		want  string // empty if there is none
		class fault.Class
	}{
		"Env":            {from: plan.Source{Env: "A"}, want: "value=1"},
		"EnvEmpty":       {from: plan.Source{Env: "EMPTY"}},
		"EnvMissing":     {from: plan.Source{Env: "NONE"}},
		"EnvEach":        {from: plan.Source{Env: "KEY_{environment}"}, want: "of pre-prod"},
		"Terraform":      {from: plan.Source{TerraformVariable: "x"}, want: "of terraform"},
		"File":           {from: plan.Source{File: "file"}, want: "in file"},
		"FileEmpty":      {from: plan.Source{File: "empty"}},
		"FileMissing":    {from: plan.Source{File: "missing"}},
		"FileForbidden":  {from: plan.Source{File: "forbidden"}, class: fault.InvalidSpec},
		"FileLarge":      {from: plan.Source{File: "large"}, class: fault.InvalidContent},
		"FileFull":       {from: plan.Source{File: "full"}, want: strings.Repeat("x", source.MaxBytes)},
		"Stdin":          {from: plan.Source{Stdin: true}, want: "typed"},
		"OfAll":          {from: plan.Source{AllSecrets: "ONE"}, want: "first"},
		"OfAllEmpty":     {from: plan.Source{AllSecrets: "NONE"}},
		"OfAllMissing":   {from: plan.Source{AllSecrets: "TWO"}},
		"TemplateIsNone": {from: plan.Source{Template: "{value:a}"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			value, ok, err := inputs().Read(tc.from, "pre-prod")
			if fault.ClassOf(err) != tc.class || ok != (tc.want != "") || string(value.Reveal()) != tc.want {
				t.Errorf("got %d bytes, %v, %v", value.Len(), ok, err)
			}
		})
	}
}

func TestAllSecretsNeedTheFlagAndAnObject(t *testing.T) {
	const hidden = "hunter2hunter2"
	from := plan.Source{AllSecrets: "ONE"}
	in := inputs()
	in.AllSecrets = false
	if _, _, err := in.Read(from, "x"); fault.ReasonOf(err) != source.ReasonNotAllowed {
		t.Errorf("without the flag: %v", err)
	}
	for _, text := range []string{"", "{" + hidden, `["` + hidden + `"]`, `{"ONE": {"a": "` + hidden + `"}}`} {
		in = inputs()
		in.Environment = source.NewEnvironment([]string{source.AllSecretsVariable + "=" + text})
		_, ok, err := in.Read(from, "x")
		if ok || fault.ReasonOf(err) != source.ReasonMalformed {
			t.Errorf("%q: got %v, %v", text, ok, err)
		}
		if strings.Contains(fmt.Sprint(err), hidden[:6]) {
			t.Errorf("the error quotes: %v", err)
		}
	}
}

func TestVariables(t *testing.T) {
	for from, want := range map[plan.Source]string{
		{Env: "KEY_{environment}"}: "KEY_PRE_PROD", {TerraformVariable: "x"}: "TF_VAR_x", {AllSecrets: "A"}: source.AllSecretsVariable, {File: "x"}: "",
	} {
		if got := strings.Join(source.Variables(from, "pre-prod"), " "); got != want {
			t.Errorf("%+v: got %q", from, got)
		}
	}
}

func TestRender(t *testing.T) {
	values := map[string]string{"a": `p@"s s+`, "b": "x"}
	lookup := func(name string) (sensitive.Value, bool) {
		text, ok := values[name]
		return sensitive.FromString(text), ok
	}
	for template, want := range map[string]string{
		"{value:a}":                   `p@"s s+`,
		"u:{value:a|url}@h/{value:b}": "u:p%40%22s%20s%2B@h/x",
		`{"k":{value:a|json}}`:        `{"k":"p@\"s s+"}`,
		"{value:b|base64}{}":          "eA=={}",
	} {
		got, missing, err := source.Render(template, lookup)
		if err != nil || missing != nil || string(got.Reveal()) != want {
			t.Errorf("%s: got %q, %v, %v", template, got.Reveal(), missing, err)
		}
	}
	_, missing, err := source.Render("{value:b}{value:c}{value:d}", lookup)
	if diff := cmp.Diff([]string{"c", "d"}, missing); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestInsertedTextIsNoTemplate: what a value looks like does not matter.
func TestInsertedTextIsNoTemplate(t *testing.T) {
	got, _, err := source.Render("{value:a}", func(string) (sensitive.Value, bool) { return sensitive.FromString("{value:b}"), true })
	if err != nil || string(got.Reveal()) != "{value:b}" {
		t.Errorf("got %q, %v", got.Reveal(), err)
	}
}

func TestGenerate(t *testing.T) {
	cases := map[string]struct {
		generate plan.Generate
		want     string
	}{
		"Password": {generate: plan.Generate{Password: 40}, want: `\A[A-Za-z0-9]{40}\z`},
		"Hex":      {generate: plan.Generate{Hex: 16}, want: `\A[0-9a-f]{32}\z`},
		"Base64":   {generate: plan.Generate{Base64: 32}, want: `\A[A-Za-z0-9+/]{43}=\z`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			// All bytes in turn: those that would favour some characters are among them.
			chance := make([]byte, 1024)
			for i := range chance {
				chance[i] = byte(255 - i%256)
			}
			value, err := source.Generate(tc.generate, bytes.NewReader(chance))
			if err != nil || !regexp.MustCompile(tc.want).Match(value.Reveal()) {
				t.Errorf("got %q, %v", value.Reveal(), err)
			}
			if _, err := source.Generate(tc.generate, bytes.NewReader(chance[:5])); !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
				t.Errorf("of too little chance: %v", err)
			}
		})
	}
}

// TestPasswordsAreFair: over all bytes, each character comes equally often.
func TestPasswordsAreFair(t *testing.T) {
	chance := make([]byte, 256)
	for i := range chance {
		chance[i] = byte(i)
	}
	value, err := source.Generate(plan.Generate{Password: 248}, bytes.NewReader(chance))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[byte]int{}
	for _, b := range value.Reveal() {
		counts[b]++
	}
	for b, n := range counts {
		if n != 4 || len(counts) != 62 {
			t.Errorf("%c comes %d times among %d", b, n, len(counts))
		}
	}
}
