// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/target"
)

// read says what is wanted and takes what is there; it never waits for a backend. Its
// error is why there is nothing new to serve: found now, or when the backend was last
// read under this specification.
func (r *Reconciler) read(ctx context.Context, run *run) error {
	if err := target.CheckType(run.object.Spec.Target.TypeOrDefault()); err != nil {
		r.Poller.Unsubscribe(run.key)
		return fmt.Errorf("checking the specification: %w", err)
	}
	if err := r.resolve(ctx, run); err != nil {
		r.Poller.Unsubscribe(run.key)
		return err
	}
	if err := r.readTemplates(ctx, run); err != nil {
		r.Poller.Unsubscribe(run.key)
		return err
	}
	epoch := epochOf(run.object, run.wants) + run.templates.epoch()
	if err := r.expect(ctx, run, epoch); err != nil {
		return err
	}
	r.Poller.Subscribe(run.key, poll.Subscription{
		Epoch: epoch, Interval: run.object.Spec.Refresh.IntervalOrDefault(), Wants: run.wants,
	})
	r.requestRefresh(run)
	snapshot, ok := r.Poller.Peek(run.key)
	if !ok || snapshot.Epoch != epoch {
		return r.unchanged(run, epoch)
	}
	run.snapshot = &snapshot
	run.include()
	run.conceded = r.memory.of(run.key).conceded
	run.versions = versionsOf(run.wants, snapshot.Results)
	err := run.render()
	run.unread = lastGood(snapshot).IsZero()
	r.memory.change(run.key, func(t *trouble) {
		t.epoch, t.read, t.lastGood, t.gone = epoch, err, lastGood(snapshot), run.gone
	})
	return err
}

// unchanged returns what was wrong with the last snapshot of the epoch: it still is.
func (r *Reconciler) unchanged(run *run, epoch string) error {
	trouble := r.memory.of(run.key)
	run.unrecorded = trouble.unkept
	switch {
	case trouble.epoch != epoch:
	case trouble.read != nil:
		run.unread, run.gone = trouble.lastGood.IsZero(), trouble.gone
		return trouble.read
	case trouble.unrecorded != nil:
		return trouble.unrecorded
	}
	run.waiting = !r.Poller.Told(run.key)
	run.unread = run.waiting
	return nil
}

// epochOf names what a snapshot was read for: this object, this specification, these
// identities and, as labels may change what a path is, these entries.
func epochOf(object *v1alpha1.SecretSync, wants []poll.Want) string {
	sum := sha256.New()
	for _, want := range wants {
		fmt.Fprintf(sum, "%s\n%s\n%s\n", want.Source.Backend, want.Source.Identity, want.Ref)
	}
	return fmt.Sprintf("%s/%d/%s", object.UID, object.Generation, hex.EncodeToString(sum.Sum(nil)[:8]))
}

// render turns a snapshot into content, or says why it cannot be served.
func (u *run) render() error {
	if err := gravest(u.snapshot.Results); err != nil {
		u.loss = u.withheld()
		return u.missing(err)
	}
	if err := u.checkNames(); err != nil {
		return err
	}
	read := make([]render.Source, len(u.wants))
	for i, want := range u.wants {
		if want.Find != nil {
			read[i] = render.Source{Path: want.Ref.Path()}
			continue
		}
		entry := u.snapshot.Results[i].Entry
		if err := u.checkOrigins(i); err != nil {
			return err
		}
		read[i] = render.Source{Path: want.Ref.Path(), Field: want.Ref.Field(), Version: want.Ref.Version(), Fields: entry.Fields}
		u.sources = append(u.sources, u.sourceOf(i))
	}
	content, err := u.rendered(read)
	if err != nil {
		return fmt.Errorf("rendering: %w", err)
	}
	u.content = &content
	return nil
}

// gravest returns the error of the class that needs somebody most, nil if all is well.
func gravest(results []poll.Result) error {
	var worst error
	rank := func(err error) int { return slices.Index(fault.Classes(), fault.ClassOf(err)) }
	for _, result := range results {
		if result.Err != nil && (worst == nil || rank(result.Err) < rank(worst)) {
			worst = result.Err
		}
	}
	return worst
}

// missing notes whether every entry is proven gone, and returns why nothing can be served:
// err, unless so much vanished at once that the target must not follow.
func (u *run) missing(err error) error {
	results := u.snapshot.Results
	if slices.ContainsFunc(results, func(r poll.Result) bool { return !r.Gone }) {
		return err
	}
	if !slices.ContainsFunc(results, func(r poll.Result) bool { return r.MassGone }) {
		u.gone = true
		return err
	}
	if u.object.Spec.Target.OnSourceGone != v1alpha1.Delete {
		return err
	}
	return fault.New(fault.Suspicious, "MassDeletionSuspected",
		"the entries are gone together with more than a tenth of those that are read from the backend: the Secret stays, though spec.target.onSourceGone is Delete; if that is meant, delete this SecretSync and the Secret")
}

// lastGood returns the time of the oldest of the last good reads; zero if any entry was
// never read well.
func lastGood(snapshot poll.Snapshot) time.Time {
	oldest := snapshot.At
	for _, result := range snapshot.Results {
		if result.LastGood.Before(oldest) {
			oldest = result.LastGood
		}
	}
	return oldest
}
