// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package plan owns what is told before a SecretSync is moved to another revision: from
// what to what, which keys change, who reads them, who has to be restarted and what is not
// undone. It is pure: it is given objects, and it never shows a value.
package plan

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/workload"
)

// Input is what a plan is made of.
type Input struct {
	// Sync is moved.
	Sync *v1alpha1.SecretSync
	// To is the number of the revision it will serve.
	To int64
	// At is the moment that is gone back to; zero if To was asked for otherwise.
	At time.Time
	// Release ends a hold; otherwise To is held.
	Release bool
	// Before and After are what the Secret holds and will hold; nil if they could not be read,
	// and Before empty if there is no Secret.
	Before, After *render.Content
	// Workloads of its namespace.
	Workloads []workload.Workload
	// Gaps say what could not be looked at, and why.
	Gaps []string
	// Now is the time at which the plan is made, in the zone to show times in.
	Now time.Time
}

// Point is one end of a move.
type Point struct {
	// Revision number; 0 if nothing was ever served.
	Revision int64
	// ObservedAt is when the state was first seen; zero if it is not known.
	ObservedAt time.Time
	// LiveSince is when it became live, the last time or that which is gone back to; zero if
	// it is not known.
	LiveSince time.Time
	// Sources it was rendered from.
	Sources []v1alpha1.SourceVersion
}

// Plan is what will happen to one SecretSync, and around it.
type Plan struct {
	// Namespace and Name of the SecretSync, and the Secret it serves.
	Namespace, Name, Secret string
	// From and To are the two ends.
	From, To Point
	// Release ends a hold; otherwise To is held.
	Release bool
	// Again says that To is held already, so that nothing is written; Pods may be older.
	Again bool
	// Changes by key name; nil if they could not be found out.
	Changes *v1alpha1.KeyChanges
	// Consumers are the workloads that read the Secret.
	Consumers []workload.Consumer
	// Notes are what else one should know.
	Notes []string

	zone *time.Location
}

// New makes the plan.
func New(in Input) Plan {
	status := &in.Sync.Status
	p := Plan{
		Namespace: in.Sync.Namespace,
		Name:      in.Sync.Name,
		Secret:    in.Sync.ServedName(),
		From:      point(status, status.ServingRevision),
		To:        point(status, in.To),
		Release:   in.Release,
		Again:     in.again(),
		Notes:     slices.Concat(standing(in), in.Gaps),
		zone:      in.Now.Location(),
	}
	if span, err := timeline.LiveAt(status, in.At); err == nil && !in.At.IsZero() {
		p.To.LiveSince = span.From.Time
	}
	if in.Before != nil && in.After != nil {
		changes := render.Diff(*in.Before, *in.After)
		p.Changes = &changes
		p.Notes = append(p.Notes, typeNote(in)...)
	}
	p.Consumers = workload.Find(p.Namespace, p.Secret, in.Workloads)
	if note := GitNote(in.Sync); note != "" {
		p.Notes = append(p.Notes, note)
	}
	return p
}

// again reports whether what is asked for is in force.
func (in Input) again() bool {
	held := in.Sync.Status.Rollback
	return !in.Release && held != nil && held.Revision == in.To && in.Sync.Status.ServingRevision == in.To
}

// Restarts returns the consumers whose Pods keep old values until a restart, that a change of
// their Pod template restarts, and that start again.
func (p Plan) Restarts() []workload.Consumer {
	return slices.DeleteFunc(slices.Clone(p.Consumers), func(c workload.Consumer) bool {
		return !p.restarts(c) || p.doomed(c)
	})
}

// restarts reports whether a change of its Pod template would renew what a consumer knows.
func (p Plan) restarts(c workload.Consumer) bool { return c.Restartable() && p.stale(c) }

// doomed reports whether new Pods of a consumer would not start.
func (p Plan) doomed(c workload.Consumer) bool { return len(c.Breaks(p.Removed())) > 0 }

// stale reports whether Pods of a consumer keep old values. Where nothing is written they may
// be from before the hold, so that all that does not update itself is taken to.
func (p Plan) stale(c workload.Consumer) bool {
	if p.Again {
		return c.Stale(nil)
	}
	return c.Stale(p.Changes)
}

// Same reports whether the Secret is known to hold the same afterwards.
func (p Plan) Same() bool {
	c := p.Changes
	return c != nil && len(c.Added)+len(c.Changed)+len(c.Removed) == 0
}

// Removed returns the names of the keys that will be gone.
func (p Plan) Removed() []string {
	if p.Changes == nil {
		return nil
	}
	return p.Changes.Removed
}

func point(status *v1alpha1.SecretSyncStatus, number int64) Point {
	p := Point{Revision: number, LiveSince: timeline.LiveSince(status, number)}
	if entry, err := timeline.Kept(status, number); err == nil {
		p.ObservedAt, p.Sources = entry.ObservedAt.Time, entry.Sources
	}
	return p
}

// typeNote speaks of a change that Kubernetes takes only as a new Secret.
func typeNote(in Input) []string {
	if in.Before.Type == "" || in.Before.Type == in.After.Type {
		return nil
	}
	note := "the type of the Secret changes from " + in.Before.Type + " to " + in.After.Type + ", for which it is deleted and created anew"
	if in.Sync.Spec.Target.Recreate != v1alpha1.RecreateAllowed {
		note += ": that needs spec.target.recreate: Allowed, and it is not set"
	}
	return []string{note}
}

// standing says what of the object's own state keeps a move from happening, or surprises.
func standing(in Input) []string {
	var notes []string
	sync, zone := in.Sync, in.Now.Location()
	if ptr.Deref(sync.Spec.Suspend, false) {
		notes = append(notes, "spec.suspend is true: nothing happens until it is false")
	}
	if until, err := time.Parse(time.RFC3339, sync.Annotations[v1alpha1.AnnotationPauseUntil]); err == nil && until.After(in.Now) {
		notes = append(notes, fmt.Sprintf("writes are paused until %s; to end that: kubectl secretsync pause -n %s %s --off",
			timeline.Time(until, zone), sync.Namespace, sync.Name))
	}
	if !timeline.Settled(sync) {
		notes = append(notes, fmt.Sprintf("the operator has not answered what was asked last (%s): what is served may be another revision in a moment",
			request(sync)))
	}
	notes = append(notes, drift(in)...)
	if held := sync.Status.Rollback; held != nil {
		notes = append(notes, "it is held at present, for "+strconv.Quote(held.Requested)+", since "+timeline.Time(held.Since.Time, zone))
	}
	if in.again() {
		notes = append(notes, "that revision is held already, and Pods may be older than the hold: whatever does not update itself counts as in need of a restart")
	}
	return notes
}

// request says in words what the annotation asks for.
func request(sync *v1alpha1.SecretSync) string {
	if text := sync.Annotations[v1alpha1.AnnotationRollbackTo]; text != "" {
		return v1alpha1.AnnotationRollbackTo + ": " + strconv.Quote(text)
	}
	return "the end of the hold"
}

// drift says what becomes of an edit by hand. The same hold again is no reason for the
// operator to write.
func drift(in Input) []string {
	condition := meta.FindStatusCondition(in.Sync.Status.Conditions, v1alpha1.ConditionDrifted)
	switch {
	case condition == nil || condition.Status != metav1.ConditionTrue:
		return nil
	case in.again() && in.Sync.Status.Rollback.Requested == strconv.FormatInt(in.To, 10):
		return []string{"the Secret was edited by hand, and to hold the same revision again does not put it right: " + condition.Message}
	default:
		return []string{"the Secret was edited by hand, and the edit will be overwritten"}
	}
}
