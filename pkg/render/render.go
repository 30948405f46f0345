// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"
	"maps"
	"slices"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Render returns the state of the target that the specification makes of sources, which are
// the answers to p.Wants(): same order, same count. Errors: InvalidContent naming the key,
// where it comes from and what would be valid.
func (p Plan) Render(sources []Source) (Content, error) {
	data, err := p.Collect(sources)
	if err != nil {
		return Content{}, err
	}
	return p.Check(data)
}

// Collect returns the values that the specification takes of sources, by key. Errors: as of
// Render.
func (p Plan) Collect(sources []Source) (map[string]sensitive.Value, error) {
	if err := answers(p.wants, sources); err != nil {
		return nil, err
	}
	data := map[string]sensitive.Value{}
	if err := renderData(data, p.spec.Data, p.data, sources); err != nil {
		return nil, err
	}
	if err := renderDataFrom(data, p.items, sources); err != nil {
		return nil, err
	}
	return data, nil
}

// Check returns data as the state of the target, if it can be one. Errors: InvalidContent.
func (p Plan) Check(data map[string]sensitive.Value) (Content, error) {
	content := Content{Type: p.spec.Target.TypeOrDefault(), Data: data}
	if err := checkSize(content); err != nil {
		return Content{}, err
	}
	if err := checkType(content); err != nil {
		return Content{}, err
	}
	return content, nil
}

// answers reports a caller's mistake: sources that are not what was wanted, and entries
// that hold nothing.
func answers(wants []Want, sources []Source) error {
	if len(wants) != len(sources) {
		return fmt.Errorf("rendering %d sources where %d are wanted", len(sources), len(wants))
	}
	for i, source := range sources {
		if source.Path != wants[i].Path || source.Field != wants[i].Field || source.Version != wants[i].Version {
			return fmt.Errorf("rendering source %d: %q is not what is wanted there", i, source)
		}
		if len(source.Fields) == 0 && !wants[i].List {
			return invalid(ReasonEntryEmpty, "entry %q: it exists but has no field", source)
		}
	}
	return nil
}

// renderData adds the keys of spec.data; at holds the place of each item's source.
func renderData(data map[string]sensitive.Value, items []v1alpha1.DataItem, at []int, sources []Source) error {
	for i := range items {
		item, source := &items[i], sources[at[i]]
		value, err := renderItem(item, source)
		if err != nil {
			return within(err, "key %q", item.SecretKey)
		}
		data[item.SecretKey] = value
	}
	return nil
}

func renderItem(item *v1alpha1.DataItem, source Source) (sensitive.Value, error) {
	if err := checkKey(item.SecretKey); err != nil {
		return sensitive.Value{}, err
	}
	text, ok := source.Fields[item.From.Field]
	if !ok {
		return sensitive.Value{}, invalid(ReasonFieldNotFound, "entry %q has no field %q; it has %s",
			source, item.From.Field, names(slices.Sorted(maps.Keys(source.Fields))))
	}
	value, err := fieldValue(text, item)
	if err != nil {
		return sensitive.Value{}, within(err, "field %q of entry %q", item.From.Field, source)
	}
	return value, nil
}
