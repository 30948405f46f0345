// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// deny has the API server refuse to restart some Deployments, as an admission policy does.
func (w *world) deny(names ...string) {
	w.Writer = interceptor.NewClient(w.client, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, options ...client.PatchOption) error {
			if slices.Contains(names, o.GetName()) {
				w.refusals = append(w.refusals, o.GetName())
				return apierrors.NewForbidden(schema.GroupResource{Resource: "deployments"}, o.GetName(), errors.New("m4rk3r"))
			}
			return c.Patch(ctx, o, p, options...)
		},
	})
}

// TestDeniedOnesHoldUpNobody: one that may not be restarted is tried last, told when nothing else is
// due, and restarted once it may be.
func TestDeniedOnesHoldUpNobody(t *testing.T) {
	w := newWorld(t, many(5)...)
	w.deny("app-000", "app-002")
	j := *job()
	w.Ask(j)
	began := w.clock.Now()
	for w.clock.Since(began) < 5*time.Minute {
		w.clock.Step(w.step(t.Context(), j.Key))
	}
	report := w.Ask(j)
	if got := slices.Sorted(maps.Keys(w.marks)); !slices.Equal(got, []string{"app-001", "app-003", "app-004"}) {
		t.Errorf("restarted are %v", got)
	}
	if report.Err == nil || !strings.Contains(report.Err.Error(), "Deployment/app-000, Deployment/app-002:") || report.Done != 3 || report.Over() {
		t.Errorf("%+v", report)
	}
	if n := len(w.refusals); n < 4 || n > 20 || w.refusals[n-1] == w.refusals[n-2] {
		t.Errorf("they are tried %d times, want all of them in turn and ever later: %v", n, w.refusals)
	}
	w.deny()
	if report := w.finish(t, j); report.Err != nil || report.Done != 5 {
		t.Errorf("%+v", report)
	}
}

// TestAllDenied: where nothing may be restarted that is told soon, whoever has many workloads.
func TestAllDenied(t *testing.T) {
	w := newWorld(t, many(45)...)
	var names []string
	for i := range 45 {
		names = append(names, fmt.Sprintf("app-%03d", i))
	}
	w.deny(names...)
	j := *job()
	w.Ask(j)
	wait := w.step(t.Context(), j.Key)
	if report := w.Ask(j); report.Err == nil || wait != time.Second || len(w.refusals) > 2*maxRefused {
		t.Errorf("after %d refusals it comes again in %s: %+v", len(w.refusals), wait, report)
	}
	for range 60 {
		w.clock.Step(w.step(t.Context(), j.Key))
	}
	slices.Sort(w.refusals)
	if tried := len(slices.Compact(w.refusals)); tried != 45 {
		t.Errorf("%d of 45 are tried", tried)
	}
}
