// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"cmp"
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/target"
)

// run is the state of one reconcile: what was found, what is decided, what is to be told.
type run struct {
	key    client.ObjectKey
	object *v1alpha1.SecretSync
	now    time.Time

	// before is the status at the start, status the one being worked out.
	before, status v1alpha1.SecretSyncStatus
	// stamped says that the object's annotation tells truly who asked for a rollback.
	stamped bool
	// observed is the target as the cache has it, name its name; none while it is to be made of
	// content that is not known yet.
	observed target.Observed
	name     string

	// spec is the specification with the placeholders in its paths replaced, nil before.
	spec *v1alpha1.SecretSyncSpec
	// plan is what the specification reads, wants the same of which backend, guards those of
	// the backends, in the order of the wants.
	plan   render.Plan
	wants  []poll.Want
	guards []backend.Guard
	// searches are the wants that are a find.
	searches []search
	// templates are those of the specification, described the metadata that they make.
	templates templates
	described description
	// snapshot is what the backend said since the last reconcile, nil if nothing new.
	snapshot *poll.Snapshot
	// waiting says that the first read of this specification is not over, unread that this
	// process has never read all entries well.
	waiting, unread bool
	// content is what the backend's answer renders to, nil if there is none to serve.
	content *render.Content
	sources []history.Source
	// versions are those that the backend has of the entries, by path, where it told.
	versions map[string][]string
	// gone says that every entry is proven gone from the backend.
	gone bool
	// loss is what the backend shows no more, if that is all that is wrong; conceded are the keys
	// of what a person did without before.
	loss     *loss
	conceded []string

	// known, relation and asked are what is decided from, decision what was.
	known    revision.Known
	relation revision.Rendered
	asked    revision.Hold
	decision revision.Decision
	decided  bool
	// requested is the number that is asked for, refused why it cannot be served, and asking
	// its record, where it had to be read.
	requested int64
	refused   error
	asking    *history.Record
	// adopted is the revision that keeps what a Secret held that is taken over; zero if none is.
	adopted int64
	// previous is the newest recorded content, where it had to be known.
	previous *render.Content
	// live is the target as it was looked at, nil if there was no need.
	live *target.Live

	// idle is why nothing is written on purpose.
	idle string
	// drifted is what differs and was left as it is.
	drifted string
	// unrecorded is why history is not what it should be, unforgotten why something asked to
	// be deleted from it is not.
	unrecorded, unforgotten error
	// unkept is why a state that is not to be served now is not recorded.
	unkept error
	// readErr is why there is nothing new to serve, serveErr why it could not be served.
	readErr, serveErr error
	// awaited says that it is told when what serveErr misses is there.
	awaited bool

	// restart is the revision that workloads have to be restarted for since the write just now;
	// unrestarted why some are not.
	restart     int64
	unrestarted error

	// removed says that the target was deleted because its source is gone.
	removed bool

	// incidents are the kinds of drift that were not seen before.
	incidents []string
	// recorded says that a new revision was written.
	recorded bool

	events    []events.Event
	served    []v1alpha1.ServedEntry
	forgotten []int64
}

// begin returns the state of a reconcile, or nil if the object is gone.
func (r *Reconciler) begin(ctx context.Context, key client.ObjectKey) (*run, error) {
	var object v1alpha1.SecretSync
	if err := r.Cached.Get(ctx, key, &object); apierrors.IsNotFound(err) {
		r.forget(key)
		return nil, nil //nolint:nilnil // an object that is gone is no error and leaves nothing to do
	} else if err != nil {
		return nil, fmt.Errorf("looking up SecretSync %q: %w", key, err)
	}
	if !object.DeletionTimestamp.IsZero() {
		r.forget(key)
		return nil, nil //nolint:nilnil // see above
	}
	before := r.Status.Current(&object)
	observed, name, err := r.observe(ctx, &object, &before)
	if err != nil {
		return nil, fmt.Errorf("observing the target of SecretSync %q: %w", key, err)
	}
	return &run{
		key: key, object: &object, now: r.Clock.Now(),
		before: before, status: *before.DeepCopy(), observed: observed, name: name, unread: true,
		stamped: r.TrustRollbackBy,
	}, nil
}

// secret returns the target's name.
func (u *run) secret() string { return cmp.Or(u.name, u.object.TargetName()) }

func (u *run) suspended() bool {
	return u.object.Spec.Suspend != nil && *u.object.Spec.Suspend
}

// want returns how the target has to be while it holds a revision.
func (u *run) want(number int64) target.Want {
	want := target.WantOf(u.object, number)
	want.Name = u.secret()
	want.HeldFor = u.decision.Hold.Request
	u.described.addTo(want.Labels, want.Annotations)
	return want
}

func (u *run) id(number int64) revision.ID {
	return revision.ID{Namespace: u.key.Namespace, Name: u.key.Name, Number: number}
}

// entry returns what the status tells of a revision, nil if nothing.
func (u *run) entry(number int64) *v1alpha1.HistoryEntry {
	for i := range u.status.History {
		if u.status.History[i].Revision == number {
			return &u.status.History[i]
		}
	}
	return nil
}

// digest returns the digest of a revision, empty if it is not known.
func (u *run) digest(number int64) string {
	if entry := u.entry(number); entry != nil {
		return entry.Digest
	}
	return ""
}

// intended reports whether a difference may come from an edit of the specification.
func (u *run) intended() bool { return u.before.ObservedGeneration != u.object.Generation }

// servedBefore reports whether the owner served a Secret of the target's name before, and as
// much of it as now: to have had keys in a Secret makes the rest of it nobody's.
func (u *run) servedBefore() bool {
	return u.status.ServingRevision > 0 && u.status.Target == u.secret() && u.status.TargetMode == u.mode()
}

// mode returns Merge if keys are put into a Secret of somebody else, else nothing.
func (u *run) mode() string {
	if u.object.Spec.Target.Merges() {
		return v1alpha1.ModeMerge
	}
	return ""
}

func (u *run) tell(e events.Event) { u.events = append(u.events, e) }
