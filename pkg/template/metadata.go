// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"strings"
)

// maxMetadata is how large a label or an annotation may get in bytes.
const maxMetadata = 4 << 10

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
	r := newRun(names)
	r.output = maxMetadata
	output, err := p.render(r, r.functions(set.used), map[string]any{
		"name": names.Name, "namespace": names.Namespace, "target": names.Target,
	})
	if err != nil {
		return "", invalidSpec("%s", err)
	}
	return output, nil
}
