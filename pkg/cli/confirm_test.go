// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

func TestConfirmed(t *testing.T) {
	cases := map[string]struct {
		typed string
		want  bool
	}{
		"Y":         {typed: "y\n", want: true},
		"Yes":       {typed: " YES \n", want: true},
		"No":        {typed: "n\n"},
		"Enter":     {typed: "\n"},
		"Other":     {typed: "yesterday\n"},
		"NoInput":   {},
		"NoNewline": {typed: "y", want: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var asked bytes.Buffer
			s := &session{Options: Options{IOStreams: genericiooptions.IOStreams{In: strings.NewReader(tc.typed), ErrOut: &asked}}}
			if got := s.confirmed(t.Context(), "Sure?"); got != tc.want || !strings.Contains(asked.String(), "Sure? [y/N]") {
				t.Errorf("want %v, got %v after %q", tc.want, got, asked.String())
			}
		})
	}
}

// TestConfirmedGivesUp: Ctrl-C ends the question, though nothing is typed.
func TestConfirmedGivesUp(t *testing.T) {
	silent, keyboard := io.Pipe()
	t.Cleanup(func() { _ = keyboard.Close() })
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	s := &session{Options: Options{IOStreams: genericiooptions.IOStreams{In: silent, ErrOut: io.Discard}}}
	if s.confirmed(ctx, "Sure?") {
		t.Error("an interrupt was taken for a yes")
	}
}
