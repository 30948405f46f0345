// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
)

// decide works out what to record and what to serve.
func (r *Reconciler) decide(run *run) {
	run.decision, run.decided = revision.Decide(run.known, run.relation, run.asked), true
	if run.content == nil && run.asked.Request == "" && run.known.Serving > 0 && r.awaitsNewest(run) {
		run.decision.Serve = run.known.Serving // Until the newest state is read again.
	}
	if run.relation == revision.New && run.decision.Record == 0 {
		r.refuse(run, fault.New(fault.Rejected, "NumbersUsedUp",
			"a revision has the highest number there is, so no other can be recorded; delete the Secrets %s.r<number> and this SecretSync, and create it under another name", run.key.Name))
	}
}

// awaitsNewest reports whether the newest state could not be recorded, or is lost, and is
// being read again.
func (r *Reconciler) awaitsNewest(run *run) bool {
	return run.unkept != nil || r.memory.of(run.key).unkept != nil
}

// record writes the revision that was decided on. Where the API server refuses it, the
// state is served all the same and told as unrecorded, unless the specification requires
// a record.
func (r *Reconciler) record(ctx context.Context, run *run) error {
	if run.decision.Record == 0 {
		return r.recordServing(ctx, run)
	}
	record := history.Record{
		ID: run.id(run.decision.Record), Content: *run.content, ObservedAt: run.observedAt(),
		Sources: run.sources, SpecHash: specHash(run.specification()),
	}
	if run.previous != nil {
		record.Changes = render.Diff(*run.previous, record.Content)
	} else {
		record.Changes = render.Diff(render.Content{}, record.Content)
	}
	return r.keep(ctx, run, record)
}

// keep writes one revision and notes it in the status. One that is refused and not to be
// served now leaves no trace but that it has to be tried again.
func (r *Reconciler) keep(ctx context.Context, run *run, record history.Record) error {
	err := r.History.Create(ctx, run.object, record)
	required := run.object.Spec.History.RequireRecord
	switch serves := run.decision.Serve == record.ID.Number && !run.pausing(); {
	case fault.Is(err, fault.Rejected) && !serves:
		run.unrecorded, run.unkept = err, err
		return nil
	case fault.Is(err, fault.Rejected) && (required == nil || !*required):
		run.unrecorded = err
	case err != nil:
		return err //nolint:wrapcheck // classed and complete
	}
	run.recorded = err == nil
	run.tellAmbiguous()
	run.setEntry(record.Entry(r.Keys))
	run.status.NewestRevision = record.ID.Number
	return nil
}

// sourcesOf returns what the status tells of the sources of a revision.
func sourcesOf(entry *v1alpha1.HistoryEntry) (sources []history.Source) {
	for _, source := range entry.Sources {
		kept := history.Source{Path: source.Path, Version: source.Version}
		for _, value := range source.Values {
			kept.Values = append(kept.Values, history.Value{Field: value.Field, Version: value.Version})
		}
		sources = append(sources, kept)
	}
	return sources
}

// recordServing records the served state again if its revision is not kept, because it
// was refused before or deleted by hand. The live target stands in for it if it holds
// exactly what the digest says.
func (r *Reconciler) recordServing(ctx context.Context, run *run) error {
	serving := run.known.Serving
	entry := run.entry(serving)
	if entry == nil || r.Index.Has(run.id(serving)) {
		return nil
	}
	live, err := r.look(ctx, run)
	if err != nil {
		return err
	}
	run.unrecorded = fault.New(fault.Suspicious, history.ReasonMissing,
		"revision %d is served and its Secret %q does not exist", serving, run.id(serving).SecretName())
	if !live.Exists() {
		return nil
	}
	content := live.Content()
	if !r.Keys.MatchesDigest(entry.Digest, run.id(serving), content.Type, content.Data) {
		return nil
	}
	record := history.Record{
		ID: run.id(serving), Content: content, ObservedAt: entry.ObservedAt.Time, Changes: entry.Keys,
	}
	if !run.intended() {
		record.SpecHash = specHash(run.specification())
	}
	record.Sources = sourcesOf(entry)
	if err := r.History.Create(ctx, run.object, record); err == nil {
		run.unrecorded = nil
	} else if fault.Is(err, fault.Rejected) {
		run.unrecorded = err
	} else {
		return err //nolint:wrapcheck // classed and complete
	}
	return nil
}
