// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// What a certificate and its key look like to those who do not read them.
const (
	someCertificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	someKey         = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
)

// TestCheckTemplated: what templates make has to be fit for a Secret of its type, and says so
// without a value.
func TestCheckTemplated(t *testing.T) {
	const marker = "m4rk3rvalue"
	for name, tc := range map[string]struct {
		kind string
		made map[string]string
		want string // the reason of the error; empty for none
	}{
		"Opaque":           {kind: "Opaque", made: map[string]string{"any": marker}},
		"IllegalKey":       {kind: "Opaque", made: map[string]string{"a/b": marker}, want: render.ReasonInvalidKey},
		"TooLarge":         {kind: "Opaque", made: map[string]string{"a": strings.Repeat("x", 1<<20)}, want: render.ReasonTooLarge},
		"TLSWithoutKey":    {kind: "kubernetes.io/tls", made: map[string]string{"tls.crt": someCertificate}, want: render.ReasonTypeKeyMissing},
		"TLSNoCertificate": {kind: "kubernetes.io/tls", made: map[string]string{"tls.crt": marker, "tls.key": marker}, want: render.ReasonInvalidShape},
		"TLSBroken":        {kind: "kubernetes.io/tls", made: map[string]string{"tls.crt": someCertificate, "tls.key": someKey}, want: render.ReasonInvalidShape},
		"SSH":              {kind: "kubernetes.io/ssh-auth", made: map[string]string{"ssh-privatekey": someKey}},
		"SSHNoKey":         {kind: "kubernetes.io/ssh-auth", made: map[string]string{"ssh-privatekey": marker}, want: render.ReasonInvalidShape},
		"Docker":           {kind: "kubernetes.io/dockerconfigjson", made: map[string]string{".dockerconfigjson": `{"auths": {"a": {}}}`}},
		"DockerNoAuths":    {kind: "kubernetes.io/dockerconfigjson", made: map[string]string{".dockerconfigjson": `{"` + marker + `": {}}`}, want: render.ReasonInvalidShape},
		"DockerOtherAuths": {kind: "kubernetes.io/dockerconfigjson", made: map[string]string{".dockerconfigjson": `{"auths": ["` + marker + `"]}`}, want: render.ReasonInvalidShape},
		"BasicAuth":        {kind: "kubernetes.io/basic-auth", made: map[string]string{"username": marker}},
		"BasicAuthNothing": {kind: "kubernetes.io/basic-auth", made: map[string]string{"other": marker}, want: render.ReasonTypeKeyMissing},
	} {
		t.Run(name, func(t *testing.T) {
			content, err := checkTemplated(t, `{dataFrom: [{entry: {path: a}}], template: {object: x}, target: {type: `+tc.kind+`}}`, nil, tc.made)
			if fault.ReasonOf(err) != tc.want || err != nil && (!fault.Is(err, fault.InvalidContent) || strings.Contains(err.Error(), marker)) {
				t.Fatalf("want reason %q, got %v", tc.want, err)
			}
			if err == nil && !cmp.Equal(plain(content), tc.made) {
				t.Errorf("want what was made, got %v", slices.Collect(maps.Keys(content.Data)))
			}
		})
	}
}

// TestValuesBesideTemplates are dropped, or kept where no template makes their key.
func TestValuesBesideTemplates(t *testing.T) {
	for choice, want := range map[string]map[string]string{
		"Drop": {"both": "made", "mine": "made"},
		"Keep": {"both": "made", "mine": "made", "theirs": "collected"},
	} {
		spec := `{dataFrom: [{entry: {path: a}}], template: {object: x, values: ` + choice + `}}`
		content, err := checkTemplated(t, spec, map[string]string{"both": "collected", "theirs": "collected"}, map[string]string{"both": "made", "mine": "made"})
		if diff := cmp.Diff(want, plain(content)); err != nil || diff != "" {
			t.Errorf("%s: error %v (-want +got):\n%s", choice, err, diff)
		}
	}
}

func checkTemplated(t *testing.T, spec string, values, made map[string]string) (render.Content, error) {
	t.Helper()
	plan, err := render.NewPlan(specOf(t, spec), nil)
	if err != nil {
		t.Fatal(err)
	}
	revealed := func(texts map[string]string) map[string]sensitive.Value {
		all := map[string]sensitive.Value{}
		for key, text := range texts {
			all[key] = sensitive.FromString(text)
		}
		return all
	}
	return plan.CheckTemplated(revealed(values), revealed(made))
}
