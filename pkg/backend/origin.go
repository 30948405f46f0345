// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import "strings"

// Origin is where a value comes from that is not its entry's own. The zero Origin is the
// entry.
type Origin struct {
	// Container is that of the path, if not the entry's: an environment.
	Container string
	// Path within it.
	Path string
	// Beyond says that the value lies somewhere else still, which the backend does not tell:
	// the place has it from there.
	Beyond bool
}

// further ends the text of an Origin that says Beyond. No path has such a segment.
const further = "/*"

// String returns the path, with the container before a colon, and /* behind it if the value
// only comes through it.
func (o Origin) String() string {
	text := o.Path
	if o.Beyond {
		text = strings.TrimSuffix(text, Root) + further
	}
	if o.Container != "" {
		text = o.Container + ":" + text
	}
	return text
}

// ParseOrigin returns the Origin that a text of String stands for.
func ParseOrigin(text string) Origin {
	var o Origin
	if container, path, ok := strings.Cut(text, ":"); ok {
		o.Container, text = container, path
	}
	o.Path, o.Beyond = strings.CutSuffix(text, further)
	if o.Beyond && o.Path == "" {
		o.Path = Root
	}
	return o
}
