// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// BenchmarkScrape is a scrape of 10,000 healthy SecretSyncs.
func BenchmarkScrape(b *testing.B) {
	const objects = 10_000
	var syncs []Sync
	for i := range objects {
		syncs = append(syncs, Sync{
			Backend: "ClusterSecretBackend/vault", Interval: time.Minute, LastGood: time.Unix(1e9, 0),
			Object: &v1alpha1.SecretSync{
				ObjectMeta: metav1.ObjectMeta{Namespace: fmt.Sprintf("namespace-%d", i%800), Name: fmt.Sprintf("sync-%d", i)},
				Status: v1alpha1.SecretSyncStatus{
					ServingRevision: 1, NewestRevision: 1,
					Conditions: []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: "Serving"}},
				},
			},
		})
	}
	for name, perObject := range map[string]bool{"PerObject": true, "FleetOnly": false} {
		b.Run(name, func(b *testing.B) {
			m := New("")
			m.Watch(Fleet{
				PerObject: perObject, Leader: func() bool { return true }, Backends: func() []Backend { return nil },
				Syncs: func() iter.Seq[Sync] {
					return func(yield func(Sync) bool) {
						for _, s := range syncs {
							if !yield(s) {
								return
							}
						}
					}
				},
			})
			registry := prometheus.NewRegistry()
			registry.MustRegister(m)
			handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
			var size int
			b.ReportAllocs()
			for b.Loop() {
				answer := httptest.NewRecorder()
				handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
				size = answer.Body.Len()
			}
			b.ReportMetric(float64(size), "bytes/scrape")
		})
	}
}
