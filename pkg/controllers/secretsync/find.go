// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"fmt"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/history"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/render"
)

// reasonInvalidName is the reason of the error for a name in a folder that no path can have.
const reasonInvalidName = "InvalidName"

// search wants the entries in a folder, which the guard has to let through as a whole: who is
// told of a part of it would not know that it is one. Errors: InvalidSpec.
func (u *run) search(place int, want render.Want, folder backend.EntryRef, in resolved) error {
	if err := in.guard.CheckFolder(folder, want.Recursive); err != nil {
		return fmt.Errorf("checking a folder: %w", err)
	}
	plan, guard, known := u.plan, in.guard, map[string][]backend.Field{}
	u.searches = append(u.searches, search{place: place, known: known})
	u.guards = append(u.guards, guard)
	u.wants = append(u.wants, poll.Want{Source: in.source, Ref: folder, Takes: plan.Taking(place), Find: &poll.Find{
		Recursive: want.Recursive,
		Choose: func(names []string) (chosen []poll.Found) {
			if plan.CheckNames(place, names) != nil {
				return nil // It is told of by checkNames, which holds nobody up.
			}
			for _, name := range names {
				if !plan.Finds(place, name) {
					continue
				}
				// What cannot be read is told of by checkNames, and read by nobody.
				ref, err := backend.ParseRef(backend.Join(folder.Path(), name), "")
				if err == nil && guard.Allows(ref.Path()) {
					chosen = append(chosen, poll.Found{Ref: ref, Relative: name, Known: known[ref.Path()]})
				}
			}
			return chosen
		},
	}})
	return nil
}

// search is a want that is a find, and the fields that are known of what it may find, by path.
type search struct {
	place int
	known map[string][]backend.Field
}

// expect notes the fields that a revision took of entries, as far as the find still takes them.
func (s search) expect(plan render.Plan, sources []history.Source) {
	for _, source := range sources {
		for _, value := range source.Values {
			if plan.TakesFound(s.place, value.Field) {
				s.known[source.Path] = append(s.known[source.Path], backend.Field{Name: value.Field, From: value.Origin()})
			}
		}
	}
}

// include has what was found be wanted like what is named: an entry that is both is one.
func (u *run) include() {
	if len(u.snapshot.Found) == 0 {
		return
	}
	found := make([]render.Found, len(u.snapshot.Found))
	for i, f := range u.snapshot.Found {
		found[i] = render.Found{At: f.At, Path: f.Ref.Path(), Relative: f.Relative}
	}
	named := len(u.wants)
	results := append([]poll.Result(nil), u.snapshot.Results[:named]...)
	plan, places := u.plan.With(found)
	for i, f := range u.snapshot.Found {
		if places[i] < len(u.wants) {
			continue
		}
		u.wants = append(u.wants, poll.Want{Source: u.wants[f.At].Source, Ref: f.Ref})
		u.guards = append(u.guards, u.guards[f.At])
		results = append(results, u.snapshot.Results[named+i])
	}
	u.plan, u.snapshot.Results, u.snapshot.Found = plan, results, nil
}

// maxNames bounds how many names a message lists.
const maxNames = 8

// checkNames returns an error if a find takes what cannot be read: a name that is none of a
// path, or one that the guard refuses. It is never cleaned nor left out unsaid.
func (u *run) checkNames() error {
	for place, want := range u.wants {
		if want.Find == nil {
			continue
		}
		if err := u.plan.CheckNames(place, u.snapshot.Results[place].Names); err != nil {
			return fmt.Errorf("searching a folder: %w", err)
		}
		var wrong []string
		for _, name := range u.snapshot.Results[place].Names {
			if !u.plan.Finds(place, name) {
				continue
			}
			ref, err := backend.ParseRef(backend.Join(want.Ref.Path(), name), "")
			if err != nil {
				wrong = append(wrong, fmt.Sprintf("%.64q", name))
				continue
			}
			if err := u.guards[place].Check(ref); err != nil {
				return err //nolint:wrapcheck // classed and complete
			}
		}
		if len(wrong) > 0 {
			return fault.New(fault.InvalidContent, reasonInvalidName,
				"folder %q holds names that no path can have: %s (%d in all); rename them in the backend, or leave them out with match: segments of [A-Za-z0-9_.@ -] are valid",
				want.Ref.Path(), strings.Join(wrong[:min(len(wrong), maxNames)], ", "), len(wrong))
		}
	}
	return nil
}

// ownBackendRef returns the backend that an item names for itself, nil if it names none.
func ownBackendRef(from *v1alpha1.DataFrom) *v1alpha1.BackendRef {
	switch {
	case from.Entry != nil:
		return from.Entry.BackendRef
	case from.Find != nil:
		return from.Find.BackendRef
	default:
		return nil
	}
}
