// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"slices"

	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/restart"
	"github.com/secretsync/secretsync/pkg/target"
)

// follows reports whether workloads are to refer to whichever version of the target is served.
func (u *run) follows() bool {
	return u.object.Spec.Restart != nil && u.object.Spec.Target.IsVersioned()
}

// moving returns the revision that workloads have to refer to once its own Secret is served:
// also the first, because its name could not be known before. Zero if they refer to it already.
func (r *Reconciler) moving(run *run, number int64, content render.Content) int64 {
	before := run.known.Serving
	if before == number || before > 0 && r.Keys.MatchesDigest(run.digest(before), run.id(before), content.Type, content.Data) {
		return 0
	}
	return number
}

// unannounced reports whether a version that is there becomes the one that is served, and does
// not say yet that workloads have to refer to it.
func (u *run) unannounced(number int64) bool {
	return u.follows() && u.known.Serving > 0 && u.known.Serving != number && u.observed.Restart(u.key) != number
}

// announced returns the revision that workloads have to be restarted for as the Secret tells that
// is served; zero if none. What it says of another revision is another hand's, and a version
// that could not be brought to be served tells nothing.
func (u *run) announced() int64 {
	says := u.observed.Restart(u.key)
	if says != u.status.ServingRevision || u.object.Spec.Target.IsVersioned() && u.observed.Name() != u.status.Target {
		return 0
	}
	return says
}

// versionsFor returns which versions of the target workloads may refer to, and to which they
// have to; nil where the target has one name.
func (r *Reconciler) versionsFor(ctx context.Context, run *run, number int64) (*restart.Versions, error) {
	if !run.object.Spec.Target.IsVersioned() {
		return nil, nil //nolint:nilnil // there are none
	}
	to := run.status.Target
	if known := r.Restarts.Versions(run.key, number); known != nil && known.To == to {
		return known, nil
	}
	versions, err := r.versions(ctx, run.object)
	if err != nil {
		return nil, err
	}
	versions = slices.DeleteFunc(versions, func(v target.Observed) bool { return !run.namesVersion(v.Name()) })
	names := append(r.lostVersions(ctx, run, versions), run.before.Target)
	for _, v := range versions {
		names = append(names, v.Name())
	}
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		return name == to || !run.namesVersion(name)
	})
	return &restart.Versions{To: to, From: names, First: len(run.status.Served) < 2}, nil
}

// lostVersions returns the names of those whose Secrets are deleted, as far as their revisions
// can be read.
func (r *Reconciler) lostVersions(ctx context.Context, run *run, there []target.Observed) []string {
	var names []string
	for _, entry := range run.status.History {
		if slices.ContainsFunc(there, func(v target.Observed) bool { return v.Revision(run.key) == entry.Revision }) {
			continue
		}
		if record, err := r.History.Read(ctx, run.id(entry.Revision)); err == nil {
			names = append(names, r.versionName(run, record.Content))
		}
	}
	return names
}

// versionName returns the name of the version of the target that holds this content.
func (r *Reconciler) versionName(run *run, content render.Content) string {
	of := run.object.TargetName()
	return of + "-" + r.Keys.NameSuffix(run.key.Namespace, of, content.Type, content.Data)
}

// namesVersion reports whether a name is formed as those of the target's versions are.
func (u *run) namesVersion(name string) bool {
	return namesVersion(u.object, name)
}
