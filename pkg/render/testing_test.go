// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// entries maps a reference (path, or path@version) to the JSON text of each field.
type entries map[string]map[string]string

// specOf parses the spec of a SecretSync as a user writes it.
func specOf(tb testing.TB, text string) *v1alpha1.SecretSyncSpec {
	tb.Helper()
	var spec v1alpha1.SecretSyncSpec
	if err := yaml.UnmarshalStrict([]byte(text), &spec); err != nil {
		tb.Fatalf("parsing the spec: %v", err)
	}
	return &spec
}

// sourcesOf answers what spec wants from the entries; what is not there is empty.
func sourcesOf(tb testing.TB, spec *v1alpha1.SecretSyncSpec, have entries) []render.Source {
	tb.Helper()
	wants, err := wantsOf(spec)
	if err != nil {
		tb.Fatalf("Wants: %v", err)
	}
	var sources []render.Source
	for _, want := range wants {
		source := render.Source{Path: want.Path, Version: want.Version}
		source.Fields = fieldsOf(have[source.String()])
		sources = append(sources, source)
	}
	return sources
}

func fieldsOf(texts map[string]string) map[string]sensitive.Value {
	fields := map[string]sensitive.Value{}
	for name, text := range texts {
		fields[name] = sensitive.FromString(text)
	}
	return fields
}

// plain reveals content, for comparisons.
func plain(c render.Content) map[string]string {
	texts := map[string]string{}
	for key, value := range c.Data {
		texts[key] = string(value.Reveal())
	}
	return texts
}

// wantsOf lists what a spec reads from a backend whose entries have versions.
func wantsOf(spec *v1alpha1.SecretSyncSpec) ([]render.Want, error) {
	plan, err := render.NewPlan(spec, nil)
	return plan.Wants(), err
}

// renderOf renders a spec of such a backend.
func renderOf(spec *v1alpha1.SecretSyncSpec, sources []render.Source) (render.Content, error) {
	plan, err := render.NewPlan(spec, nil)
	if err != nil {
		return render.Content{}, err
	}
	return plan.Render(sources)
}
