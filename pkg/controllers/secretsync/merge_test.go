// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"fmt"
	"testing"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/status"
	"github.com/secretsync/secretsync/pkg/target"
)

// TestAwait: who is told of the missing Secret does not look for it again; who is not, does.
func TestAwait(t *testing.T) {
	r := New(Options{Clock: clock.RealClock{}, Arrivals: target.NewArrivals(nil, nil, clock.RealClock{})})
	missing := func(i int) *run {
		return newRun(func(u *run) {
			u.key.Name, u.object.Spec.Target.Name, u.object.Spec.Target.Mode = fmt.Sprint(i), fmt.Sprint(i), v1alpha1.ModeMerge
			u.name = fmt.Sprint(i)
			u.serveErr = u.want(1).Absent()
		})
	}
	retries := func(u *run) bool {
		u.awaited = false
		r.await(u)
		return status.RetryAfter(u.retried(), 0) > 0
	}
	last := 0
	for ; !retries(missing(last)); last++ {
		if last > 100 {
			t.Fatal("there is no bound")
		}
	}
	if last == 0 {
		t.Fatal("nothing is awaited")
	}
	found := missing(0)
	found.serveErr = nil
	if retries(found) || retries(missing(last)) {
		t.Error("the place of who does not wait any more is not free")
	}
}
