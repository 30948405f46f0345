// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/secretsync/secretsync/pkg/fault"
)

// panicked is the outcome of a read that ended in a panic of a backend's code, or of an SDK
// below it: an answer that nobody thought of must not end the operator for everybody. What
// was panicked with may hold a value and is not told, only where it happened.
func panicked() outcome {
	return outcome{err: fault.New(fault.Internal, "Panicked", "reading the entry failed: a defect at %s", panicSite())}
}

// panicSite returns file and line of the code that panicked, while it is being recovered.
func panicSite() string {
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	panicking := false
	for {
		frame, more := frames.Next()
		inRuntime := strings.HasPrefix(frame.Function, "runtime.")
		if panicking && !inRuntime {
			return fmt.Sprintf("%s:%d", filepath.Base(frame.File), frame.Line)
		}
		panicking = panicking || frame.Function == "runtime.gopanic"
		if !more {
			return "an unknown place"
		}
	}
}
