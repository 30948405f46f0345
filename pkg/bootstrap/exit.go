// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"errors"
	"slices"

	"github.com/secretsync/secretsync/pkg/bootstrap/child"
	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/bootstrap/transfer"
	"github.com/secretsync/secretsync/pkg/fault"
)

// The exit codes. Those of exec are its command's.
const (
	// ExitDone: all is as it should be.
	ExitDone = 0
	// ExitFailed: something could not be reached, read or written; run it again.
	ExitFailed = 1
	// ExitChanges: plan --detailed-exitcode found something to write, as terraform plan says it.
	ExitChanges = 2
	// ExitUsage: the plan, a flag or an argument is wrong.
	ExitUsage = 3
	// ExitRefused: a check of a value failed, the run may not act for the environment, or a
	// place holds what must not be written over. Nothing was written.
	ExitRefused = 4
	// ExitDiffers: verify found a place that does not hold the declared value.
	ExitDiffers = 5
)

var (
	errUsage   = errors.New("usage")
	errChanges = errors.New("there are changes")
	errDiffers = errors.New("not everything is as declared")
	// errValues is in the chain of the error about values that fail their checks.
	errValues = errors.New("values fail their checks, and nothing was written")
)

// ExitCode returns the code that the program ends with for an error of its command.
func ExitCode(err error) int {
	if exit, ok := errors.AsType[*child.ExitError](err); ok {
		return exit.Code
	}
	if _, ok := errors.AsType[plan.Problems](err); ok {
		return ExitUsage
	}
	if _, begun := errors.AsType[*transfer.WriteError](err); begun || errors.Is(err, transfer.ErrNotRemoved) {
		return ExitFailed
	}
	switch {
	case err == nil:
		return ExitDone
	case errors.Is(err, errChanges):
		return ExitChanges
	case errors.Is(err, errUsage):
		return ExitUsage
	case errors.Is(err, errDiffers):
		return ExitDiffers
	case refused(err):
		return ExitRefused
	case fault.Is(err, fault.InvalidSpec):
		return ExitUsage
	default:
		return ExitFailed
	}
}

// Silent reports whether an error only sets the exit code, because all has been said.
func Silent(err error) bool {
	_, ran := errors.AsType[*child.ExitError](err)
	return ran || errors.Is(err, errChanges)
}

// refused reports whether nothing was written because of what the values are.
func refused(err error) bool {
	return fault.Is(err, fault.InvalidContent) || slices.ContainsFunc(
		[]error{errValues, errGuarded, transfer.ErrRefused, transfer.ErrNothingNew},
		func(target error) bool { return errors.Is(err, target) })
}
