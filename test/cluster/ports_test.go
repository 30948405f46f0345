// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

func TestReservedPortStaysReserved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var r reservations
	port, err := r.take()
	if err != nil {
		t.Fatal(err)
	}
	if port < firstPort || port >= lastPort || !isFree(port) {
		t.Errorf("port %d is not a free one of the range", port)
	}

	another, err := os.Open(filepath.Join(os.TempDir(), "secretsync-ports-"+strconv.Itoa(os.Getuid()), strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	defer another.Close() //nolint:errcheck // Nothing was written.
	take := func() error { return syscall.Flock(int(another.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
	if err := take(); !errors.Is(err, syscall.EWOULDBLOCK) {
		t.Errorf("another takes the reserved port: %v", err)
	}
	r.release()
	if err := take(); err != nil {
		t.Errorf("a released port is still reserved: %v", err)
	}
}

func TestTogetherReturnsTheFirstFailure(t *testing.T) {
	boom := errors.New("boom")
	err := together(t.Context(),
		func(context.Context) error { return boom },
		func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		func(context.Context) error { return nil },
	)
	if !errors.Is(err, boom) || errors.Is(err, context.Canceled) {
		t.Errorf("together = %v, want %v alone", err, boom)
	}
}
