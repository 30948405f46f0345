// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"
)

// fanOutCases are about a ClusterSecretSync: its own, and of its template all that are about a
// SecretSync.
func fanOutCases(syncs map[string]apiCase) map[string]apiCase {
	const (
		namespaces = "must be the name of a namespace: lower-case letters, digits and -"
		names      = "must be made of lower-case letters, digits, -, ., {namespace} and {label:KEY}"
		managed    = "must not have keys of secretsync.io, which belong to the operator"
		keys       = "must have keys of the form name or prefix/name"
	)
	spec := func(text string) string { return "spec: {" + text + "}" }
	template := func(text string) string { return spec("secretSync: {" + text + "}") }
	all := map[string]apiCase{
		"Everything": {
			reason: "each field of the design at once",
			patch: `
spec:
  namespaces: {names: [payments], selector: {matchLabels: {env: prod}, matchExpressions: [{key: env, operator: In, values: [prod]}]}, exclude: [sandbox]}
  secretSync:
    name: cert-{namespace}.{label:corp.example/team}
    metadata: {labels: {team: a}, annotations: {corp.example/note: b}}
  rollout: {maxPercent: 10, maxFailures: 3, pause: true}
  safety: {maxRemovalPercent: 25}
  onDelete: Keep
  onDeselect: Delete
`,
		},
		"AllNamespaces":     {patch: spec("namespaces: {}")},
		"NamePlain":         {patch: template("name: shared.cert-1")},
		"RolloutLowest":     {patch: spec("rollout: {maxPercent: 1, maxFailures: 0, pause: false}")},
		"RolloutHighest":    {patch: spec("rollout: {maxPercent: 100}")},
		"RemovalsLowest":    {patch: spec("safety: {maxRemovalPercent: 0}")},
		"RemovalsHighest":   {patch: spec("safety: {maxRemovalPercent: 100}")},
		"RemovalsTooHigh":   {patch: spec("safety: {maxRemovalPercent: 101}"), field: "spec.safety.maxRemovalPercent", says: "less than or equal to 100"},
		"RemovalsNegative":  {patch: spec("safety: {maxRemovalPercent: -1}"), field: "spec.safety.maxRemovalPercent", says: "greater than or equal to 0"},
		"LongName":          {patch: "metadata: {name: " + strings.Repeat("a", 64) + "}", field: "metadata.name", says: "at most 63 characters"},
		"NamespaceNames":    {patch: spec("namespaces: {names: [Payments]}"), field: "spec.namespaces.names[0]", says: namespaces},
		"NamespaceExcludes": {patch: spec("namespaces: {exclude: ['a*']}"), field: "spec.namespaces.exclude[0]", says: namespaces},
		"NameUpper":         {patch: template("name: Shared"), field: "spec.secretSync.name", says: names},
		"NamePlaceholder":   {patch: template("name: '{name}'"), field: "spec.secretSync.name", says: names},
		"NameOfARevision":   {patch: template("name: app.r1"), field: "spec.secretSync.name", says: "must not end in .r<digits>"},
		"LabelOfOurs":       {patch: template("metadata: {labels: {secretsync.io/fan-out: a}}"), field: "spec.secretSync.metadata.labels", says: managed},
		"AnnotationOfOurs":  {patch: template("metadata: {annotations: {secretsync.io/rollback-to: '1'}}"), field: "spec.secretSync.metadata.annotations", says: managed},
		"LabelKey":          {patch: template("metadata: {labels: {'a b': a}}"), field: "spec.secretSync.metadata.labels", says: keys},
		"AnnotationKey":     {patch: template("metadata: {annotations: {'a b': a}}"), field: "spec.secretSync.metadata.annotations", says: keys},
		"LabelValue":        {patch: template("metadata: {labels: {a: -}}"), field: "spec.secretSync.metadata.labels[a]", says: "must be the value of a label"},
	}
	for name, tc := range syncs {
		if wrapped, ok := inTemplate(tc); ok {
			all["Template"+name] = wrapped
		}
	}
	return all
}

// inTemplate returns a case about the specification of a SecretSync as one about a template; ok
// is false for those about its metadata alone.
func inTemplate(tc apiCase) (_ apiCase, ok bool) {
	var patch map[string]any
	if err := yaml.Unmarshal([]byte(tc.patch), &patch); err != nil {
		panic(fmt.Sprintf("parsing %q: %v", tc.patch, err))
	}
	if patch["spec"] == nil || strings.HasPrefix(tc.field, "metadata") {
		return apiCase{}, false
	}
	text, err := yaml.Marshal(map[string]any{"spec": map[string]any{"secretSync": map[string]any{"spec": patch["spec"]}}})
	if err != nil {
		panic(fmt.Sprintf("encoding %q: %v", tc.patch, err))
	}
	tc.patch = string(text)
	if rest, about := strings.CutPrefix(tc.field, "spec"); about {
		tc.field = "spec.secretSync.spec" + rest
	}
	return tc, true
}
