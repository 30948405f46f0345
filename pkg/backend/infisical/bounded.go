// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"bytes"
	"encoding/json"
	"errors"
)

// maxItems bounds each list of an answer: more than any Secret can hold, and few enough that
// a server which lists nothing in a million items does not use the operator's memory up.
const maxItems = 20_000

var errTooMany = errors.New("too many items")

// bounded is a list of an answer.
type bounded[T any] []T

// UnmarshalJSON decodes the list, if it is not too long.
func (l *bounded[T]) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if begin, err := d.Token(); err != nil || begin != json.Delim('[') {
		return json.Unmarshal(text, (*[]T)(l)) //nolint:wrapcheck // null, or no list: it says so.
	}
	*l = bounded[T]{}
	for d.More() {
		if len(*l) == maxItems {
			return errTooMany
		}
		var item T
		if err := d.Decode(&item); err != nil {
			return err //nolint:wrapcheck // The caller tells none of it.
		}
		*l = append(*l, item)
	}
	return nil
}
