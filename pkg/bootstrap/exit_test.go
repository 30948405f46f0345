// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap_test

import (
	"fmt"
	"testing"

	"github.com/secretsync/secretsync/pkg/bootstrap"
	"github.com/secretsync/secretsync/pkg/bootstrap/child"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/fault"
)

// TestExitCode: ExitRefused says that nothing was written, so nothing that was begun has it.
func TestExitCode(t *testing.T) {
	noText := fault.New(fault.InvalidContent, "NotText", "the value is no text")
	for name, tc := range map[string]struct {
		err  error
		want int
	}{
		"None":           {want: bootstrap.ExitDone},
		"Command":        {err: &child.ExitError{Code: 42}, want: 42},
		"Content":        {err: fmt.Errorf("value a: %w", noText), want: bootstrap.ExitRefused},
		"ContentWritten": {err: &transfer.WriteError{Value: "a", Place: "p", Err: noText}, want: bootstrap.ExitFailed},
		"SpecWritten":    {err: fmt.Errorf("x: %w", &transfer.WriteError{Err: fault.New(fault.InvalidSpec, "X", "x")}), want: bootstrap.ExitFailed},
		"Refused":        {err: fmt.Errorf("%w: x", transfer.ErrRefused), want: bootstrap.ExitRefused},
		"Unreachable":    {err: fmt.Errorf("x is %w", transfer.ErrUnreachable), want: bootstrap.ExitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			if got := bootstrap.ExitCode(tc.err); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}
