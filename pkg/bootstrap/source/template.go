// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Render writes a template. lookup returns the values by name; missing are the names that it
// does not know, in which case there is no value.
func Render(template string, lookup func(name string) (sensitive.Value, bool)) (value sensitive.Value, missing []string, err error) {
	var text bytes.Buffer
	for _, part := range plan.Parts(template) {
		if part.Value == "" {
			text.WriteString(part.Text)
			continue
		}
		other, ok := lookup(part.Value)
		if !ok {
			missing = append(missing, part.Value)
			continue
		}
		encoded, err := encode(other, part.As)
		if err != nil {
			return sensitive.Value{}, nil, err
		}
		text.Write(encoded)
	}
	if len(missing) > 0 {
		return sensitive.Value{}, missing, nil
	}
	return sensitive.New(text.Bytes()), nil, nil
}

func encoders() map[string]func([]byte) ([]byte, error) {
	return map[string]func([]byte) ([]byte, error){
		"": func(b []byte) ([]byte, error) { return b, nil },
		// %20 is understood in paths and in queries, where + is a space only in the latter.
		"url": func(b []byte) ([]byte, error) {
			return []byte(strings.ReplaceAll(url.QueryEscape(string(b)), "+", "%20")), nil
		},
		"json":   func(b []byte) ([]byte, error) { return json.Marshal(string(b)) },
		"base64": func(b []byte) ([]byte, error) { return []byte(base64.StdEncoding.EncodeToString(b)), nil },
	}
}
