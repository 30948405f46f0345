// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package protect_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/secretsync/secretsync/pkg/bootstrap/protect"
)

func TestProcess(t *testing.T) {
	if err := protect.Process(); err != nil {
		t.Fatal(err)
	}
	if dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || dumpable != 0 {
		t.Errorf("dumpable is %d, %v", dumpable, err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 || limit.Max != 0 {
		t.Errorf("the limit of core dumps is %+v, %v", limit, err)
	}
}
