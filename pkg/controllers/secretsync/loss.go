// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"fmt"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// loss is what a backend no longer shows, and of which it cannot be told whether it is gone: only
// a person knows that it was taken away on purpose.
type loss struct {
	// names are the fields with where they were, in the order of the entries.
	names []string
	// keys are what the Secret would lose with them, sorted.
	keys []string
	// named is a field that spec.data names, with its entry; empty if there is none. Nothing can be
	// served without it.
	named string
}

// withheld returns what is lost, nil if something else is wrong as well.
func (u *run) withheld() *loss {
	lost := &loss{}
	for place, result := range u.snapshot.Results {
		if result.Err == nil {
			continue
		}
		if len(result.Withheld) == 0 {
			return nil
		}
		want := u.wants[place]
		for _, field := range result.Withheld {
			if u.plan.Names(place, field.Name) {
				lost.named = fmt.Sprintf("field %q of entry %q", field.Name, want.Ref)
			}
			lost.names = append(lost.names, want.Source.Backend, want.Ref.Path(), field.Name, field.From.String())
			lost.keys = append(lost.keys, u.plan.KeysOf(place, field.Name)...)
		}
	}
	slices.Sort(lost.keys)
	lost.keys = slices.Compact(lost.keys)
	return lost
}

// weighLoss offers a person to accept what the backend no longer shows, and does without it once
// they have: what was reported, at the revision that it was reported at. Where nothing was ever
// served, and where no key is made of it, nothing is lost.
func (r *Reconciler) weighLoss(run *run) {
	lost := run.loss
	switch {
	case lost == nil:
		return
	case lost.named != "":
		r.refuse(run, also(run.readErr, "%s is named in spec.data: to do without it, take the item away", lost.named))
		return
	case run.known.Newest == 0 && run.known.Serving == 0, len(lost.keys) == 0:
		r.Poller.Forgo(run.key, run.snapshot.Seq)
		return
	}
	token := r.Keys.LossToken(run.id(run.known.Newest), lost.names)
	run.status.Blocked = &v1alpha1.BlockedStatus{Token: token, Keys: lost.keys[:min(len(lost.keys), maxListed)]}
	if run.object.Annotations[v1alpha1.AnnotationAccept] == token {
		r.memory.change(run.key, func(t *trouble) { t.conceded = lost.keys })
		r.Poller.Forgo(run.key, run.snapshot.Seq)
		return
	}
	r.refuse(run, also(run.readErr, "if the Secret is to lose what is not shown (%s): kubectl annotate secretsync %s --overwrite %s=%s",
		some(lost.keys), run.key.Name, v1alpha1.AnnotationAccept, token))
}

// conclude forgets what was accepted once a state without it was decided about.
func (u *run) conclude(t *trouble) {
	if u.content != nil && !u.wasted() {
		t.conceded = nil
	}
}

// also returns an error that tells more.
func also(err error, format string, args ...any) error {
	e := fault.As(err)
	return fault.New(e.Class, e.Reason, "%s; %s", e.Message, fmt.Sprintf(format, args...))
}

// some names the first of some keys.
func some(keys []string) string {
	text := strings.Join(keys[:min(len(keys), maxNames)], ", ")
	if more := len(keys) - maxNames; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
