// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Want is one entry that a specification reads. It is comparable.
type Want struct {
	// Backend is the entry's backend, else the specification's; zero if neither names one,
	// so that the default cluster backend is meant.
	Backend v1alpha1.BackendRef
	// Path of the entry, as written; whether it is valid is the backend's business.
	Path string
	// Version that is pinned; empty for the newest.
	Version string
}

// Source is one entry as read.
type Source struct {
	// Path and Version are those of the Want it answers.
	Path, Version string
	// Fields holds the JSON text of each field's value, numbers with their digits.
	Fields map[string]sensitive.Value
}

// String returns the path, with the pinned version behind an @.
func (s Source) String() string {
	if s.Version == "" {
		return s.Path
	}
	return s.Path + "@" + s.Version
}

// Wants lists the entries that spec reads: data before dataFrom, each in the order of
// the specification, an entry that is named twice once. Errors: InvalidSpec.
func Wants(spec *v1alpha1.SecretSyncSpec) ([]Want, error) {
	p, err := newPlan(spec)
	return p.wants, err
}

// plan is the list of wants, and for each item of the specification its place in it.
type plan struct {
	wants    []Want
	data     []int
	dataFrom []int
}

func newPlan(spec *v1alpha1.SecretSyncSpec) (plan, error) {
	if len(spec.Data)+len(spec.DataFrom) == 0 {
		return plan{}, fault.New(fault.InvalidSpec, ReasonNoSource, "spec: give at least one of data and dataFrom")
	}
	var p plan
	seen := map[Want]int{}
	for i := range spec.Data {
		p.data = append(p.data, p.place(seen, spec, &spec.Data[i].From.EntrySource))
	}
	for i := range spec.DataFrom {
		if spec.DataFrom[i].Entry == nil {
			return plan{}, fault.New(fault.InvalidSpec, ReasonNoSource, "spec.dataFrom[%d]: give exactly one member: entry", i)
		}
		p.dataFrom = append(p.dataFrom, p.place(seen, spec, spec.DataFrom[i].Entry))
	}
	return p, nil
}

// place returns the place of the entry in p.wants, adding it if it is new.
func (p *plan) place(seen map[Want]int, spec *v1alpha1.SecretSyncSpec, entry *v1alpha1.EntrySource) int {
	want := Want{Path: entry.Path, Version: entry.Version}
	switch {
	case entry.BackendRef != nil:
		want.Backend = *entry.BackendRef
	case spec.BackendRef != nil:
		want.Backend = *spec.BackendRef
	}
	at, ok := seen[want]
	if !ok {
		at = len(p.wants)
		seen[want] = at
		p.wants = append(p.wants, want)
	}
	return at
}
