// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"
)

func TestConfirm(t *testing.T) {
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
			err := s.confirm(t.Context(), "Sure?")
			if got := err == nil; got != tc.want || !got && !errors.Is(err, errDeclined) || !strings.Contains(asked.String(), "Sure? [y/N]") {
				t.Errorf("want %v, got %v after %q", tc.want, err, asked.String())
			}
			if tc.typed == "" && !strings.Contains(err.Error(), "--yes") {
				t.Errorf("the end of the input does not tell of --yes: %v", err)
			}
		})
	}
}

// TestConfirmGivesUp: Ctrl-C ends the question, though nothing is typed.
func TestConfirmGivesUp(t *testing.T) {
	silent, keyboard := io.Pipe()
	t.Cleanup(func() { _ = keyboard.Close() })
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	s := &session{Options: Options{IOStreams: genericiooptions.IOStreams{In: silent, ErrOut: io.Discard}}}
	if err := s.confirm(ctx, "Sure?"); !errors.Is(err, errDeclined) {
		t.Errorf("an interrupt was taken for a yes: %v", err)
	}
}
