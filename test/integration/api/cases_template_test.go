// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import "strings"

// templateCases are about what makes the keys of the Secret.
func templateCases() map[string]apiCase {
	template := func(text string) string { return "spec: {template: {" + text + "}}" }
	const keys = "must have keys of a Secret"
	return map[string]apiCase{
		"Template": {reason: "each field at once", patch: template(`
   data: {DSN: "{{ .user }}", .env: x}, object: "{}", values: Keep,
   configMaps: [{name: app}, {name: other, keys: [{key: a}, {key: b, secretKey: c}, {key: d, object: true}]}],
   metadata: {labels: {team: "{{ .name }}"}, annotations: {corp.example/of: "{{ .target }}"}}`)},
		"TemplateOfNothing":      {patch: template("values: Keep"), field: "spec.template", says: "at least one of data, object and configMaps"},
		"TemplateKey":            {patch: template("data: {'a/b': x}"), field: "spec.template.data", says: keys},
		"TemplateKeyParent":      {patch: template("data: {..x: x}"), field: "spec.template.data", says: keys},
		"TemplateLargest":        {patch: template("object: " + strings.Repeat("x", 65536))},
		"TemplateTooLarge":       {patch: template("object: " + strings.Repeat("x", 65537)), field: "spec.template.object", says: "65536"},
		"TemplateValuesOther":    {patch: template("object: x, values: Hide"), field: "spec.template.values", says: `"Drop", "Keep"`},
		"TemplateMapTwice":       {patch: template("configMaps: [{name: a}, {name: a}]"), field: "spec.template.configMaps[1]", says: "Duplicate"},
		"TemplateMapKey":         {patch: template("configMaps: [{name: a, keys: [{key: x, secretKey: a b}]}]"), field: "spec.template.configMaps[0].keys[0].secretKey", says: "must be a key of a Secret"},
		"TemplateMapBoth":        {patch: template("configMaps: [{name: a, keys: [{key: x, secretKey: other, object: true}]}]"), field: "spec.template.configMaps[0].keys[0]", says: "not both"},
		"TemplateLabelOperator":  {patch: template("object: x, metadata: {labels: {secretsync.io/target: x}}"), field: "spec.template.metadata.labels", says: "keys of secretsync.io"},
		"TemplateAnnotationKey":  {patch: template("object: x, metadata: {annotations: {'/a': x}}"), field: "spec.template.metadata.annotations", says: "name or prefix/name"},
		"TemplateAnnotationOurs": {patch: template("object: x, metadata: {annotations: {secretsync.io/owner: x}}"), field: "spec.template.metadata.annotations", says: "keys of secretsync.io"},
		"TemplateLabelKey":       {patch: template("object: x, metadata: {labels: {'a b': x}}"), field: "spec.template.metadata.labels", says: "name or prefix/name"},
	}
}
