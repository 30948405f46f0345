// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"slices"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/target"
)

// adopt records what a foreign Secret holds before it is taken over, and returns the
// number under which its owner's own content is to be served: a new one, so that the
// newest revision stays the backend's. What cannot be recorded is not taken over.
func (r *Reconciler) adopt(ctx context.Context, run *run, live target.Live, content render.Content) (int64, error) {
	found := live.Content()
	known := slices.ContainsFunc(run.status.History, func(e v1alpha1.HistoryEntry) bool {
		return r.Keys.MatchesDigest(e.Digest, run.id(e.Revision), found.Type, found.Data)
	})
	if known {
		return run.decision.Serve, nil
	}
	stays := run.stays()
	next := max(run.known.Highest, r.Index.Highest(run.key)) + 1
	adopted := history.Record{
		ID: run.id(next), Content: found, ObservedAt: run.observedAt(), Changes: render.Diff(render.Content{}, found),
	}
	own := history.Record{
		ID: run.id(next + 1), Content: content, ObservedAt: run.observedAt(), Sources: run.sources,
		Changes: render.Diff(found, content), SpecHash: specHash(run.specification()),
	}
	if entry := run.entry(run.decision.Serve); len(own.Sources) == 0 && entry != nil {
		own.Sources = sourcesOf(entry) // It was recorded before, while the Secret was not ours.
	}
	records := []history.Record{adopted, own}
	if stays {
		records = records[:1] // What is served in its place has its number.
	}
	for _, record := range records {
		if err := r.History.Create(ctx, run.object, record); err != nil {
			return 0, err //nolint:wrapcheck // classed and complete
		}
		run.setEntry(record.Entry(r.Keys))
	}
	run.adopted = adopted.ID.Number
	if stays {
		return run.decision.Serve, nil
	}
	return own.ID.Number, r.discard(ctx, run, run.decision.Record)
}
