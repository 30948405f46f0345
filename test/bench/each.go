// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// preparing is how many requests prepare a world at once.
const preparing = 32

// each calls do for the numbers below n, many at once, and returns the first error.
func each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	return eachBy(ctx, preparing, n, do)
}

// eachBy is each with as many goroutines.
func eachBy(ctx context.Context, goroutines, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(goroutines)
	for i := range n {
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}
