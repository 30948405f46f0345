// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"maps"
	"slices"
)

// index goes inward by names and places.
func (r *run) index(v any, path ...any) (any, error) {
	for _, step := range path {
		var err error
		if v, err = r.enterMember(v, step); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// pick returns the members of some names, each of which must be there.
func (r *run) pick(m map[string]any, keys ...string) (map[string]any, error) {
	picked := map[string]any{}
	for _, key := range keys {
		v, err := r.member(m, key)
		if err != nil {
			return nil, err
		}
		picked[key] = v
	}
	return picked, nil
}

func (r *run) member(m map[string]any, key string) (any, error) {
	v, ok := m[key]
	if !ok {
		return nil, refusal("there is no %s", r.shown(key))
	}
	return v, nil
}

func (r *run) enterMember(v, step any) (any, error) {
	switch within := v.(type) {
	case map[string]any:
		if key, ok := step.(string); ok {
			return r.member(within, key)
		}
		return nil, refusal("members of a map are asked for by a text")
	case []any:
		i, err := intOf(step)
		if err != nil {
			return nil, err
		}
		return at(within, i)
	default:
		return nil, refusal("a %s has no members", kindOf(v))
	}
}

// objects are the functions for maps. None changes a map that it is given.
func objects() map[string]any {
	return map[string]any{
		"get":    within(func(r *run) any { return r.member }),
		"index":  within(func(r *run) any { return r.index }),
		"pick":   within(func(r *run) any { return r.pick }),
		"dict":   dict,
		"hasKey": func(m map[string]any, key string) bool { _, ok := m[key]; return ok },
		"keys":   func(m map[string]any) []any { return items(slices.Sorted(maps.Keys(m))) },
		"values": func(m map[string]any) []any {
			values := []any{}
			for _, key := range slices.Sorted(maps.Keys(m)) {
				values = append(values, m[key])
			}
			return values
		},
		"omit": func(m map[string]any, keys ...string) map[string]any {
			rest := maps.Clone(m)
			for _, key := range keys {
				delete(rest, key)
			}
			return rest
		},
		"set": func(m map[string]any, key string, v any) (map[string]any, error) {
			changed := maps.Clone(m)
			changed[key] = v
			if len(changed) > maxItems {
				return nil, tooMany()
			}
			return changed, nil
		},
		"unset": func(m map[string]any, key string) map[string]any {
			changed := maps.Clone(m)
			delete(changed, key)
			return changed
		},
		"merge": func(first map[string]any, others ...map[string]any) (map[string]any, error) {
			return merged(first, others)
		},
		"dig": dig,
	}
}

func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, refusal("it takes pairs of a key and a value")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		key, err := textOf(pairs[i])
		if err != nil {
			return nil, err
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}

// merged returns the members of all maps; of those of one name the first wins, and what lies in
// them is not merged.
func merged(first map[string]any, others []map[string]any) (map[string]any, error) {
	result := map[string]any{}
	for _, m := range slices.Backward(append([]map[string]any{first}, others...)) {
		maps.Copy(result, m)
	}
	if len(result) > maxItems {
		return nil, tooMany()
	}
	return result, nil
}

// dig goes into maps by the keys that it is given, and returns what follows them where there is
// nothing: dig "a" "b" "default" map.
func dig(arguments ...any) (any, error) {
	if len(arguments) < 3 {
		return nil, refusal("it takes keys, a default and a map")
	}
	count := len(arguments) - 2
	at, instead := arguments[count+1], arguments[count]
	for _, step := range arguments[:count] {
		key, ok := step.(string)
		if !ok {
			return nil, refusal("members of a map are asked for by a text")
		}
		m, ok := at.(map[string]any)
		if !ok {
			return nil, refusal("a %s has no members", kindOf(at))
		}
		if at, ok = m[key]; !ok {
			return instead, nil
		}
	}
	return at, nil
}
