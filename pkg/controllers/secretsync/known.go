// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/render"
)

// expect tells the wants which fields the newest revision took of their entries, and from
// where, so that a read which lacks one is not believed before it is proven. The status tells
// as a rule. Where it does not, because it is lost or has no room, the revision is read, once
// for the first good read that this process makes.
func (r *Reconciler) expect(ctx context.Context, run *run, epoch string) error {
	if !slices.ContainsFunc(run.wants, func(w poll.Want) bool { return w.Source.Can.Has(backend.FieldProof) }) {
		return nil
	}
	sources, err := r.taken(ctx, run, epoch)
	if !run.plan.Affords(lengthOf(sources)) {
		return fault.New(fault.InvalidSpec, render.ReasonTooComplex,
			"spec.dataFrom: it takes too long to tell which of the fields that were served are still taken: use fewer and simpler expressions")
	}
	for place := range run.wants {
		if run.wants[place].Find == nil {
			run.wants[place].Known = run.knownFields(sources, place)
		}
	}
	for _, search := range run.searches {
		search.expect(run.plan, sources)
	}
	return err
}

// lengthOf returns how long the names of all fields are together.
func lengthOf(sources []history.Source) (length int) {
	for _, source := range sources {
		for _, value := range source.Values {
			length += len(value.Field)
		}
	}
	return length
}

// taken returns what the newest revision was rendered from, as far as it is needed.
func (r *Reconciler) taken(ctx context.Context, run *run, epoch string) ([]history.Source, error) {
	number, told, whole := run.lastTold(r.Index.Numbers(run.key))
	if whole || r.Poller.Settled(run.key, epoch) {
		r.takings.drop(run.key)
		return told, nil
	}
	if kept := r.takings.of(run.key); kept.revision == number {
		return kept.sources, nil
	}
	if !r.Index.Has(run.id(number)) {
		return told, nil
	}
	record, err := r.History.Read(ctx, run.id(number))
	switch {
	case fault.Is(err, fault.Suspicious): // It is told elsewhere that it is lost or not to be trusted.
		return told, nil
	case err != nil:
		return nil, err //nolint:wrapcheck // classed and complete
	}
	r.takings.keep(run.key, taking{revision: number, sources: record.Sources})
	return record.Sources, nil
}

// lastTold returns the newest revision of those that exist or are told, what the status tells
// of its sources, and whether that is all there is to know.
func (u *run) lastTold(kept []int64) (number int64, told []history.Source, whole bool) {
	last := newest(u.status.History)
	switch {
	case last != nil:
		told = sourcesOf(last)
		return last.Revision, told, (last.Truncated == nil || !*last.Truncated) && !u.samePaths()
	case len(kept) > 0:
		return kept[len(kept)-1], nil, false
	default:
		return 0, nil, true
	}
}

// samePaths reports whether entries of one path are read from several backends: a status
// names no backends.
func (u *run) samePaths() bool {
	backends := map[string]string{}
	for _, want := range u.wants {
		if other, known := backends[want.Ref.Path()]; known && other != want.Source.Backend {
			return true
		}
		backends[want.Ref.Path()] = want.Source.Backend
	}
	return false
}

// knownFields lists the fields that the sources of a revision name of the entry that is wanted
// at a place, and that are still wanted. What was told without a backend says nothing of a
// path that is read from several.
func (u *run) knownFields(sources []history.Source, place int) (fields []backend.Field) {
	want := u.wants[place]
	for _, source := range sources {
		if source.Path != want.Ref.Path() || source.Backend != want.Source.Backend && (source.Backend != "" || u.samePaths()) {
			continue
		}
		for _, value := range source.Values {
			if u.plan.Takes(place, value.Field) {
				fields = append(fields, backend.Field{Name: value.Field, From: value.Origin()})
			}
		}
	}
	return fields
}

// takings keeps what revisions were rendered from whose status does not tell it, as long as
// the poller has not read the same itself. The zero value is ready.
type takings struct {
	mu   sync.Mutex
	kept map[types.NamespacedName]taking
}

// taking is what one revision was rendered from.
type taking struct {
	revision int64
	sources  []history.Source
}

func (t *takings) of(key types.NamespacedName) taking {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kept[key]
}

func (t *takings) keep(key types.NamespacedName, what taking) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept == nil {
		t.kept = map[types.NamespacedName]taking{}
	}
	t.kept[key] = what
}

// learn keeps what a newer revision was rendered from in place of an older one's.
func (t *takings) learn(key types.NamespacedName, record history.Record) {
	if t.of(key).revision != 0 {
		t.keep(key, taking{revision: record.ID.Number, sources: record.Sources})
	}
}

func (t *takings) drop(key types.NamespacedName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.kept, key)
}
