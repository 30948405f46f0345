// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import "github.com/secretsync/secretsync/pkg/sensitive"

// FromSecret returns the content of a Secret of that type and data. It shares the bytes.
func FromSecret(secretType string, data map[string][]byte) Content {
	c := Content{Type: secretType, Data: make(map[string]sensitive.Value, len(data))}
	for key, value := range data {
		c.Data[key] = sensitive.New(value)
	}
	return c
}

// Reveal returns the data for the Secret to be written, and for nothing else. It shares
// the bytes.
func (c Content) Reveal() map[string][]byte {
	data := make(map[string][]byte, len(c.Data))
	for key, value := range c.Data {
		data[key] = value.Reveal()
	}
	return data
}
