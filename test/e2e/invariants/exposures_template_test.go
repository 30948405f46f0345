// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/marker"
)

// templateExposures are values that meet a template which can make nothing of them. Each text
// has a function, or text/template itself, fail on the value, whose error quotes it.
func templateExposures(m *marker.Set) map[string]exposure {
	found := map[string]exposure{}
	for name, text := range map[string]string{
		"template-key":      `{{ index . .` + field + ` }}`,
		"template-member":   `{{ .` + field + `.member }}`,
		"template-json":     `{{ fromJson .` + field + ` }}`,
		"template-yaml":     `{{ fromYaml (print "{" .` + field + `) }}`,
		"template-toml":     `{{ fromToml .` + field + ` }}`,
		"template-base64":   `{{ b64dec .` + field + ` }}`,
		"template-number":   `{{ int .` + field + ` }}`,
		"template-type":     `{{ repeat .` + field + ` "x" }}`,
		"template-range":    `{{ range .` + field + ` }}{{ end }}`,
		"template-compare":  `{{ eq .` + field + ` 1 }}`,
		"template-printf":   `{{ printf "%d" .` + field + ` }}`,
		"template-format":   `{{ printf .` + field + ` 1 }}`,
		"template-regex":    `{{ regexMatch (print "(" .` + field + `) "x" }}`,
		"template-pem":      `{{ pemKey .` + field + ` }}`,
		"template-jwk":      `{{ jwkToPem .` + field + ` }}`,
		"template-map":      `{{ . }}`,
		"template-dotenv":   `{{ dict (print "a " .` + field + `) "x" | toDotenv }}`,
		"template-htpasswd": `{{ htpasswd (print ":" .` + field + `) "x" }}`,
	} {
		found[name] = exposure{want: "TemplateFailed", entry: fields{field: m.Text(name)}, sync: func(s *v1alpha1.SecretSync) {
			s.Spec.Template = &v1alpha1.Template{Data: map[string]v1alpha1.TemplateText{"key": v1alpha1.TemplateText(text)}}
		}}
	}
	found["template-object"] = exposure{want: "TemplateFailed", entry: fields{field: m.Text("template object")}, sync: func(s *v1alpha1.SecretSync) {
		s.Spec.Template = &v1alpha1.Template{Object: `{{ .` + field + ` }}`}
	}}
	found["template-keys"] = exposure{want: "InvalidKey", entry: fields{field: m.Text("template keys")}, sync: func(s *v1alpha1.SecretSync) {
		s.Spec.Template = &v1alpha1.Template{Object: `{ {{ print .` + field + ` " /" | quote }}: x }`}
	}}
	found["template-shape"] = exposure{want: "InvalidShape", entry: fields{field: m.Text("template shape")}, sync: func(s *v1alpha1.SecretSync) {
		s.Spec.Target.Type = "kubernetes.io/dockerconfigjson"
		s.Spec.Template = &v1alpha1.Template{Data: map[string]v1alpha1.TemplateText{
			".dockerconfigjson": `{{ dict "auths" (dict "a" (dict "auth" (print "u:" .` + field + `))) | toJson }}`,
		}}
	}}
	return found
}
