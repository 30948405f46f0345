// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"strings"
)

// Bounds of the template of a label or an annotation: how large that may get in bytes, and what
// it may cost. There are many, and they are made whenever their object is looked at.
const (
	maxMetadata     = 4 << 10
	maxMetadataCost = 128 << 10
)

// Metadata returns what the template of a label or an annotation makes of names. It cannot see a
// value. Errors: InvalidSpec, naming place and line.
func Metadata(place, text string, names Names) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	set, err := Parse([]Text{{Place: place, Key: place, Text: text}})
	if err != nil {
		return "", err
	}
	p := &set.parsed[0]
	r := newRun(names, maxMetadataCost, maxMetadata)
	output, err := p.render(r, r.functions(set.used), map[string]any{
		"name": names.Name, "namespace": names.Namespace, "target": names.Target,
	})
	if err != nil {
		return "", invalidSpec("%s; labels and annotations are made of .name, .namespace and .target, never of values", err)
	}
	return output, nil
}
