// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package plan owns what is told before a SecretSync is moved to another revision: from
// what to what, which keys change, who reads them, who has to be restarted and what is not
// undone. It is pure: it is given objects, and it never shows a value.
package plan

import (
	"slices"
	"strconv"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli/consumers"
	"github.com/secretsync/secretsync/pkg/cli/timeline"
	"github.com/secretsync/secretsync/pkg/render"
)

// Input is what a plan is made of.
type Input struct {
	// Sync is moved.
	Sync *v1alpha1.SecretSync
	// To is the number of the revision it will serve.
	To int64
	// Release ends a hold; otherwise To is held.
	Release bool
	// Before and After are what the Secret holds and will hold; nil if they could not be read,
	// and Before empty if there is no Secret.
	Before, After *render.Content
	// Workloads of its namespace.
	Workloads []consumers.Workload
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
	// LiveSince is when it became live; zero if it is not.
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
	// Changes by key name; nil if they could not be found out.
	Changes *v1alpha1.KeyChanges
	// Consumers are the workloads that read the Secret.
	Consumers []consumers.Consumer
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
		Secret:    in.Sync.TargetName(),
		From:      point(status, status.ServingRevision),
		To:        point(status, in.To),
		Release:   in.Release,
		Notes:     slices.Concat(standing(in.Sync, in.Now), in.Gaps),
		zone:      in.Now.Location(),
	}
	if len(status.Served) > 0 && status.Served[0].Revision == status.ServingRevision {
		p.From.LiveSince = status.Served[0].From.Time
	}
	if in.Before != nil && in.After != nil {
		changes := render.Diff(*in.Before, *in.After)
		p.Changes = &changes
		p.Notes = append(p.Notes, typeNote(in)...)
	}
	p.Consumers = consumers.Find(p.Namespace, p.Secret, in.Workloads)
	if note := GitNote(in.Sync); note != "" {
		p.Notes = append(p.Notes, note)
	}
	return p
}

// Restarts returns the consumers whose Pods keep old values until a restart, and that a
// change of their Pod template restarts.
func (p Plan) Restarts() []consumers.Consumer {
	return slices.DeleteFunc(slices.Clone(p.Consumers), func(c consumers.Consumer) bool {
		return !c.Restartable() || !c.Stale(p.Changes)
	})
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
	p := Point{Revision: number}
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
func standing(sync *v1alpha1.SecretSync, now time.Time) []string {
	var notes []string
	if sync.Spec.Suspend != nil && *sync.Spec.Suspend {
		notes = append(notes, "spec.suspend is true: nothing happens until it is false")
	}
	if until, err := time.Parse(time.RFC3339, sync.Annotations[v1alpha1.AnnotationPauseUntil]); err == nil && until.After(now) {
		notes = append(notes, "writes are paused until "+show(until, now.Location())+": end it with pause "+sync.Name+" --off")
	}
	if drift := isTrue(sync, v1alpha1.ConditionDrifted); drift {
		notes = append(notes, "the Secret was edited by hand, and the edit will be overwritten")
	}
	if held := sync.Status.Rollback; held != nil {
		notes = append(notes, "it is held at present, for "+strconv.Quote(held.Requested)+", since "+show(held.Since.Time, now.Location()))
	}
	return notes
}

func isTrue(sync *v1alpha1.SecretSync, condition string) bool {
	for _, c := range sync.Status.Conditions {
		if c.Type == condition {
			return c.Status == "True"
		}
	}
	return false
}

func show(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(zone).Format(time.RFC3339)
}
