// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func contentOf(kind string, texts map[string]string) render.Content {
	data := map[string]sensitive.Value{}
	for key, text := range texts {
		data[key] = sensitive.FromString(text)
	}
	return render.Content{Type: kind, Data: data}
}

func TestEqualAndDiff(t *testing.T) {
	base := contentOf("Opaque", map[string]string{"a": "1", "b": "2", "c": ""})
	cases := map[string]struct {
		reason string
		other  render.Content
		equal  bool
		diff   v1alpha1.KeyChanges
	}{
		"Same":       {other: contentOf("Opaque", map[string]string{"c": "", "b": "2", "a": "1"}), equal: true},
		"OtherType":  {reason: "a type names no key", other: contentOf("x/y", map[string]string{"a": "1", "b": "2", "c": ""})},
		"OtherValue": {other: contentOf("Opaque", map[string]string{"a": "1", "b": "3", "c": ""}), diff: v1alpha1.KeyChanges{Changed: []string{"b"}}},
		"EmptyIsNoAbsence": {
			reason: "an empty value is a key that is there", other: contentOf("Opaque", map[string]string{"a": "1", "b": "2"}),
			diff: v1alpha1.KeyChanges{Removed: []string{"c"}},
		},
		"Everything": {
			other: contentOf("Opaque", map[string]string{"z": "", "y": "", "a": "2", "b": "3"}),
			diff:  v1alpha1.KeyChanges{Added: []string{"y", "z"}, Removed: []string{"c"}, Changed: []string{"a", "b"}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := base.Equal(tc.other); got != tc.equal {
				t.Errorf("%s: Equal = %v, want %v", tc.reason, got, tc.equal)
			}
			if diff := cmp.Diff(tc.diff, render.Diff(base, tc.other), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: Diff (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestDiffIsNotCapped(t *testing.T) {
	many := map[string]string{}
	for i := range 100 {
		many[fmt.Sprintf("key-%03d", i)] = ""
	}
	if got := len(render.Diff(render.Content{}, contentOf("Opaque", many)).Added); got != 100 {
		t.Errorf("Diff names %d keys, want all 100", got)
	}
}

func TestSizeCountsKeysAndValues(t *testing.T) {
	const limit = 1 << 20
	for name, tc := range map[string]struct {
		size int
		want string
	}{
		"Fits":       {size: limit - len("blob")},
		"OneTooMany": {size: limit - len("blob") + 1, want: render.ReasonTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			spec := specOf(t, `{dataFrom: [{entry: {path: app}}]}`)
			_, err := renderOf(spec, sourcesOf(t, spec, entries{"app": {"blob": `"` + strings.Repeat("x", tc.size) + `"`}}))
			if got := fault.ReasonOf(err); got != tc.want {
				t.Errorf("Render = %v, want reason %q", err, tc.want)
			}
		})
	}
}

func TestTypesNeedTheirKeys(t *testing.T) {
	const missing = render.ReasonTypeKeyMissing
	cases := map[string]struct {
		kind   string
		fields map[string]string
		want   string
	}{
		"Opaque":              {kind: "Opaque", fields: map[string]string{"x": `""`}},
		"Own":                 {kind: "corp.example/own", fields: map[string]string{"x": `""`}},
		"TLS":                 {kind: "kubernetes.io/tls", fields: map[string]string{"tls.crt": `""`, "tls.key": `""`}},
		"TLSWithoutCert":      {kind: "kubernetes.io/tls", fields: map[string]string{"tls.key": `""`}, want: missing},
		"BasicAuthUser":       {kind: "kubernetes.io/basic-auth", fields: map[string]string{"username": `""`}},
		"BasicAuthPassword":   {kind: "kubernetes.io/basic-auth", fields: map[string]string{"password": `""`}},
		"BasicAuthNeither":    {kind: "kubernetes.io/basic-auth", fields: map[string]string{"user": `""`}, want: missing},
		"SSH":                 {kind: "kubernetes.io/ssh-auth", fields: map[string]string{"ssh-privatekey": `"k"`}},
		"SSHEmpty":            {kind: "kubernetes.io/ssh-auth", fields: map[string]string{"ssh-privatekey": `""`}, want: missing},
		"SSHMissing":          {kind: "kubernetes.io/ssh-auth", fields: map[string]string{"key": `"k"`}, want: missing},
		"DockerConfig":        {kind: "kubernetes.io/dockerconfigjson", fields: map[string]string{".dockerconfigjson": `{"auths": {}}`}},
		"DockerConfigText":    {kind: "kubernetes.io/dockerconfigjson", fields: map[string]string{".dockerconfigjson": `"{\"auths\": {}}"`}},
		"DockerConfigNoJSON":  {kind: "kubernetes.io/dockerconfigjson", fields: map[string]string{".dockerconfigjson": `"user:pw"`}, want: missing},
		"DockerConfigNumber":  {kind: "kubernetes.io/dockerconfigjson", fields: map[string]string{".dockerconfigjson": `1`}, want: missing},
		"DockerConfigMissing": {kind: "kubernetes.io/dockerconfigjson", fields: map[string]string{"config.json": `{}`}, want: missing},
		"DockerCfg":           {kind: "kubernetes.io/dockercfg", fields: map[string]string{".dockercfg": `{}`}},
		"DockerCfgMissing":    {kind: "kubernetes.io/dockercfg", fields: map[string]string{".dockerconfigjson": `{}`}, want: missing},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			spec := specOf(t, `{dataFrom: [{entry: {path: app}}], target: {type: `+tc.kind+`}}`)
			_, err := renderOf(spec, sourcesOf(t, spec, entries{"app": tc.fields}))
			if got := fault.ReasonOf(err); got != tc.want {
				t.Errorf("Render = %v, want reason %q", err, tc.want)
			}
		})
	}
}

func TestContentOfASecretIsItsData(t *testing.T) {
	data := map[string][]byte{"text": []byte("x"), "empty": {}, "binary": {0, 0xff}}
	content := render.FromSecret("kubernetes.io/tls", data)
	if content.Type != "kubernetes.io/tls" {
		t.Errorf("Type = %q, want that of the Secret", content.Type)
	}
	if diff := cmp.Diff(data, content.Reveal()); diff != "" {
		t.Errorf("Reveal (-want +got):\n%s", diff)
	}
	if shown := fmt.Sprintf("%v %+v %#v", content, content, content); strings.Contains(shown, "x\"") || !strings.Contains(shown, sensitive.Redacted) {
		t.Errorf("content prints as %s", shown)
	}
}
