// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template_test

import (
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/template"
)

// TestMetadata: labels and annotations are made of names, and of nothing else.
func TestMetadata(t *testing.T) {
	for name, tc := range map[string]struct{ text, want, says string }{
		"Plain":     {text: "of }} everybody", want: "of }} everybody"},
		"Names":     {text: "{{ .namespace }}/{{ .name }} in {{ .target | upper }}", want: "payments/db in DB-CREDENTIALS"},
		"Computed":  {text: "{{ if eq .namespace \"payments\" }}gold{{ else }}silver{{ end }}", want: "gold"},
		"Value":     {text: "{{ .password }}", says: `there is no "password"; labels and annotations are made of .name`},
		"Unknown":   {text: "{{ now }}", says: "the clock"},
		"TooLarge":  {text: "{{ repeat 5000 \"x\" }}", says: "larger than 4096 bytes"},
		"TooCostly": {text: "{{ range 1000000000 }}{{ htpasswd \"a\" \"b\" }}{{ end }}", says: "too"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := template.Metadata(`spec.template.metadata.labels["a"]`, tc.text, names())
			if tc.says == "" && (err != nil || got != tc.want) {
				t.Errorf("want %q, got %q, %v", tc.want, got, err)
			}
			if tc.says != "" && (!fault.Is(err, fault.InvalidSpec) || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), `spec.template.metadata.labels["a"]`)) {
				t.Errorf("want InvalidSpec with its place and %q, got %v", tc.says, err)
			}
		})
	}
}
