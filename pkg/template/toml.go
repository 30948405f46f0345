// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"bytes"
	"time"

	"github.com/BurntSushi/toml"
)

// maxTOML is how many bytes of TOML are read: twice as much takes four times as long.
const maxTOML = 64 << 10

// fromTOML reads TOML; times become texts.
func fromTOML(s string) (map[string]any, error) {
	if len(s) > maxTOML {
		return nil, refusal("TOML of more than %d bytes is not read", maxTOML)
	}
	var m map[string]any
	if _, err := toml.Decode(s, &m); err != nil {
		return nil, refusal("the text is not TOML")
	}
	v, err := native(plain(m), new(maxItems), 0)
	result, _ := v.(map[string]any)
	return result, err
}

// plain returns tables, lists of tables, and times as what they are in other notations.
func plain(v any) any {
	switch n := v.(type) {
	case map[string]any:
		for key := range n {
			n[key] = plain(n[key])
		}
	case []map[string]any:
		list := make([]any, len(n))
		for i := range n {
			list[i] = plain(n[i])
		}
		return list
	case []any:
		for i := range n {
			n[i] = plain(n[i])
		}
	case time.Time:
		return n.Format(layoutOf(n))
	}
	return v
}

// layoutOf returns how a time is written: one without a zone as it stands in the text, because the
// decoder gives it the zone of the machine, by a name of its own.
func layoutOf(t time.Time) string {
	switch t.Location().String() {
	case "datetime-local":
		return "2006-01-02T15:04:05.999999999"
	case "date-local":
		return time.DateOnly
	case "time-local":
		return "15:04:05.999999999"
	default:
		return time.RFC3339Nano
	}
}

// toTOML writes a map as TOML: first what is no table, then the tables, each sorted by name.
func toTOML(m map[string]any) (string, error) {
	if _, err := measured(m, 0); err != nil {
		return "", err
	}
	var text bytes.Buffer
	encoder := toml.NewEncoder(&text)
	encoder.Indent = ""
	if encoder.Encode(m) != nil {
		return "", refusal("the map cannot be written as TOML, which knows no null")
	}
	return text.String(), nil
}
