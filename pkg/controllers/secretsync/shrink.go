// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/pkg/target"
)

// guardShrink holds back a state that lost too many of its keys in the backend under an
// unchanged specification, and says so as the reason why there is nothing new to serve. A
// state held back is no revision.
func (r *Reconciler) guardShrink(ctx context.Context, run *run) error {
	if run.snapshot != nil {
		run.status.Blocked = nil
	}
	if run.relation != revision.New || run.known.Newest == 0 {
		return nil
	}
	shown, err := r.shownNewest(ctx, run)
	if err != nil || shown != nil && len(run.lostKeys(*shown)) == 0 {
		run.previous = shown
		return err
	}
	previous, err := r.History.Read(ctx, run.id(run.known.Newest))
	switch {
	case fault.Is(err, fault.Suspicious):
		run.unrecorded = err
		return r.guardDegraded(ctx, run)
	case err != nil:
		return err //nolint:wrapcheck // classed and complete
	}
	run.previous = &previous.Content
	if previous.SpecHash == run.specHash() {
		r.holdBack(run, previous.Content)
	}
	return nil
}

// shownNewest returns what the newest revision holds if the live target, which is looked
// at before it is written anyway, shows it; else nil.
func (r *Reconciler) shownNewest(ctx context.Context, run *run) (*render.Content, error) {
	newest := run.known.Newest
	if !run.observed.Holds(run.want(newest), run.digest(newest)) {
		return nil, nil //nolint:nilnil // what another revision holds is not asked for
	}
	live, err := r.look(ctx, run)
	if err != nil || !live.Exists() {
		return nil, err
	}
	content := live.Content()
	if !r.Keys.MatchesDigest(run.digest(newest), run.id(newest), content.Type, content.Data) {
		return nil, nil //nolint:nilnil // it was edited just now
	}
	return &content, nil
}

// guardDegraded is the guard where the newest revision is lost or not to be trusted: the
// live target stands in for it.
func (r *Reconciler) guardDegraded(ctx context.Context, run *run) error {
	if err := r.relearn(ctx, run); err != nil || run.relation != revision.New || run.intended() {
		return err
	}
	live, err := r.look(ctx, run)
	if err == nil && live.Exists() && live.Ownership == target.Ours {
		r.holdBack(run, live.Content())
	}
	return err
}

// lostKeys returns the keys that what was rendered lacks, if they are too many of those
// there were before, else none.
func (u *run) lostKeys(before render.Content) []string {
	removed := slices.DeleteFunc(render.Diff(before, *u.content).Removed, func(key string) bool {
		return slices.Contains(u.conceded, key)
	})
	if !tooMany(len(removed), len(before.Data), u.object.Spec.Safety.PercentOrDefault()) {
		return nil
	}
	return removed
}

// holdBack drops what was rendered if it lacks too many of the keys there were before.
func (r *Reconciler) holdBack(run *run, before render.Content) {
	removed := run.lostKeys(before)
	if len(removed) == 0 {
		return
	}
	token := r.Keys.Token(run.id(run.known.Newest), run.content.Type, run.content.Data)
	if run.object.Annotations[v1alpha1.AnnotationAccept] == token {
		return
	}
	run.status.Blocked = &v1alpha1.BlockedStatus{Token: token, Keys: removed[:min(len(removed), maxListed)]}
	r.refuse(run, fault.New(fault.Suspicious, "SuspiciousShrink",
		"%d of %d keys are gone from the backend, more than spec.safety.maxKeyLossPercent (%d) lets through; if that is meant: kubectl annotate secretsync %s --overwrite %s=%s",
		len(removed), len(before.Data), run.object.Spec.Safety.PercentOrDefault(), run.key.Name, v1alpha1.AnnotationAccept, token))
}

// refuse drops what was rendered, and remembers why there is nothing new to serve.
func (r *Reconciler) refuse(run *run, why error) {
	run.content, run.relation, run.readErr = nil, revision.None, why
	r.memory.change(run.key, func(t *trouble) {
		t.epoch, t.read, t.lastGood = run.snapshot.Epoch, why, lastGood(*run.snapshot)
	})
}

// tooMany reports whether more than percent of all keys are removed.
func tooMany(removed, all, percent int) bool { return removed*100 > all*percent }

// maxListed bounds lists in a status.
const maxListed = 32

// specHash tells whether two states were rendered from the same specification.
func specHash(spec *v1alpha1.SecretSyncSpec) string {
	parts := []any{spec.BackendRef, spec.Data, spec.DataFrom, spec.Target.TypeOrDefault()}
	if spec.Template != nil {
		parts = append(parts, spec.Template)
	}
	text, err := json.Marshal(parts)
	if err != nil { // Structs of texts always encode.
		panic(fmt.Sprintf("encoding a specification: %v", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
