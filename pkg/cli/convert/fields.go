// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fields is one value inside an object, and remembers with all others of that object what
// was read. Reading what is not there, or is of another type, gives the zero value.
type fields struct {
	path  string
	value any
	read  map[string]bool
}

func newFields(value any, path string) fields {
	return fields{path: path, value: value, read: map[string]bool{}}
}

// get returns a member of an object. That alone does not count as reading it.
func (f fields) get(names ...string) fields {
	for _, name := range names {
		members, _ := f.value.(map[string]any)
		f = fields{path: strings.TrimPrefix(f.path+"."+name, "."), value: members[name], read: f.read}
	}
	return f
}

// set reports whether there is a value that says anything.
func (f fields) set() bool { return !empty(f.value) }

// done counts the value as read, with all that is in it.
func (f fields) done() fields {
	f.read[f.path] = true
	return f
}

// text reads a member that is a text.
func (f fields) text(names ...string) string {
	text, _ := f.get(names...).done().value.(string)
	return text
}

// or reads a member that is a text, and returns the fallback if there is none.
func (f fields) or(fallback string, names ...string) string {
	return cmp.Or(f.text(names...), fallback)
}

// flag reads a member that is true or false.
func (f fields) flag(names ...string) bool {
	flag, _ := f.get(names...).done().value.(bool)
	return flag
}

// number reads a member that is a whole number.
func (f fields) number(names ...string) int64 {
	switch number := f.get(names...).done().value.(type) {
	case int64:
		return number
	case float64:
		return int64(number)
	default:
		return 0
	}
}

// texts reads a member that maps names to texts.
func (f fields) texts(names ...string) map[string]string {
	members, _ := f.get(names...).done().value.(map[string]any)
	texts := make(map[string]string, len(members))
	for name, value := range members {
		texts[name], _ = value.(string)
	}
	return texts
}

// list reads a member that is a list of texts.
func (f fields) list(names ...string) []string {
	items, _ := f.get(names...).done().value.([]any)
	var texts []string
	for _, item := range items {
		text, _ := item.(string)
		texts = append(texts, text)
	}
	return texts
}

// items returns the items of a member that is a list.
func (f fields) items(names ...string) []fields {
	f = f.get(names...)
	values, _ := f.value.([]any)
	items := make([]fields, 0, len(values))
	for i, value := range values {
		items = append(items, fields{path: fmt.Sprintf("%s[%d]", f.path, i), value: value, read: f.read})
	}
	return items
}

// unread lists what is set and was not read, by path, sorted.
func (f fields) unread() []string {
	if f.read[f.path] || !f.set() {
		return nil
	}
	var paths []string
	switch value := f.value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			paths = append(paths, f.get(name).unread()...)
		}
	case []any:
		for i, item := range value {
			paths = append(paths, fields{path: fmt.Sprintf("%s[%d]", f.path, i), value: item, read: f.read}.unread()...)
		}
	default:
		paths = []string{f.path}
	}
	return paths
}

// empty reports whether a value says no more than if it were not there.
func empty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	case string:
		return v == ""
	case bool:
		return !v
	case int64:
		return v == 0
	case float64:
		return v == 0
	default:
		return false
	}
}
