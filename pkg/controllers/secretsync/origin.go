// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"maps"
	"slices"

	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/history"
)

// taken lists the fields of the entry at a place that are taken and of which the backend
// tells more than the value, sorted.
func (u *run) taken(place int) []string {
	var fields []string
	for _, field := range slices.Sorted(maps.Keys(u.snapshot.Results[place].Entry.Values)) {
		if u.plan.Takes(place, field) {
			fields = append(fields, field)
		}
	}
	return fields
}

// checkOrigins returns nil if the namespace may have what is taken of the entry at a place,
// wherever it comes from, and all of it is a value.
func (u *run) checkOrigins(place int) error {
	ref, values := u.wants[place].Ref, u.snapshot.Results[place].Entry.Values
	for _, field := range u.taken(place) {
		if err := u.guards[place].CheckOrigin(ref, field, values[field].From); err != nil {
			return err //nolint:wrapcheck // classed and complete
		}
		if values[field].Unresolved {
			return fault.New(fault.InvalidContent, "ReferenceNotExpanded",
				"field %q of %q refers to another value, and a backend with allow.paths expands no references: write the value itself, or set expandReferences: false on the backend to serve it as it is written", field, ref.Path())
		}
	}
	return nil
}

// sourceOf describes the entry at a place as a revision records it.
func (u *run) sourceOf(place int) history.Source {
	want, entry := u.wants[place], u.snapshot.Results[place].Entry
	source := history.Source{Backend: want.Source.Backend, Path: want.Ref.Path(), Version: entry.Version}
	if want.Ref.Field() != "" {
		source.Version = "" // It is the value's.
	}
	size := 0
	for _, field := range u.taken(place) {
		info := entry.Values[field]
		value := history.Value{Field: field, ID: info.ID, Version: info.Version, From: info.From.Path, Container: info.From.Container, Beyond: info.From.Beyond}
		size += len(value.Field) + len(value.ID) + len(value.Version) + len(value.From) + len(value.Container) + 64
		if size > history.MaxValuesSize/len(u.wants) {
			source.Cut = true
			break
		}
		source.Values = append(source.Values, value)
	}
	return source
}

// tellAmbiguous tells which values that are recorded now won against others of their name.
func (u *run) tellAmbiguous() {
	if u.snapshot == nil {
		return
	}
	for place := range u.wants {
		ref, values := u.wants[place].Ref, u.snapshot.Results[place].Entry.Values
		var ambiguous []string
		for _, field := range u.taken(place) {
			if len(values[field].Hides) > 0 {
				ambiguous = append(ambiguous, field)
			}
		}
		if len(ambiguous) > 0 {
			u.tell(events.FieldsAmbiguous(ref.Path(), ambiguous))
		}
	}
}
