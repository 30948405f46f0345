// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"time"
)

const (
	// yieldFor is the longest that one status waits for Secrets, in steps of yieldStep; the
	// next one waits anew, so that few are written while Secrets wait, but not none.
	yieldFor  = 8 * time.Second
	yieldStep = 10 * time.Millisecond
	// maxYielding bounds how many wait, because of the memory they take: about 1 KiB each.
	maxYielding = 4096
)

// YieldTo makes statuses wait while busy says that Secrets wait to be served. It is called
// before Run.
func (w *Writer) YieldTo(busy func() bool) { w.busy = busy }

// yield waits while Secrets wait to be served.
func (w *Writer) yield(ctx context.Context) {
	for waited := time.Duration(0); waited < yieldFor && w.mayWait(); waited += yieldStep {
		select {
		case <-time.After(yieldStep):
		case <-ctx.Done():
			return
		}
	}
}

func (w *Writer) mayWait() bool {
	return w.queue.Len() < maxYielding && !w.queue.ShuttingDown() && w.busy()
}
