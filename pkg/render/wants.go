// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render

import (
	"fmt"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Want is one entry that a specification reads.
type Want struct {
	// Backend is the entry's backend, else the specification's; nil if neither names one,
	// so that the default cluster backend is meant.
	Backend *v1alpha1.BackendRef
	// Ref names the entry and the version.
	Ref backend.EntryRef
}

// Source is one entry as read.
type Source struct {
	// Ref is the Ref of the Want it answers.
	Ref backend.EntryRef
	// Entry is what the backend holds there.
	Entry backend.Entry
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

// wantKey is what makes two wants the same.
type wantKey struct {
	backend v1alpha1.BackendRef
	ref     backend.EntryRef
}

func newPlan(spec *v1alpha1.SecretSyncSpec) (plan, error) {
	if len(spec.Data)+len(spec.DataFrom) == 0 {
		return plan{}, fault.New(fault.InvalidSpec, ReasonNoSource, "spec: give at least one of data and dataFrom")
	}
	var p plan
	seen := map[wantKey]int{}
	for _, item := range spec.Data {
		at, err := p.want(seen, spec, &item.From.EntrySource)
		if err != nil {
			return plan{}, within(err, "spec.data[secretKey=%s].from", item.SecretKey)
		}
		p.data = append(p.data, at)
	}
	for i, item := range spec.DataFrom {
		if item.Entry == nil {
			return plan{}, fault.New(fault.InvalidSpec, ReasonNoSource, "spec.dataFrom[%d]: give exactly one member: entry", i)
		}
		at, err := p.want(seen, spec, item.Entry)
		if err != nil {
			return plan{}, within(err, "spec.dataFrom[%d].entry", i)
		}
		p.dataFrom = append(p.dataFrom, at)
	}
	return p, nil
}

// want returns the place of the entry in p.wants, adding it if it is new.
func (p *plan) want(seen map[wantKey]int, spec *v1alpha1.SecretSyncSpec, entry *v1alpha1.EntrySource) (int, error) {
	ref, err := backend.ParseRef(entry.Path, entry.Version)
	if err != nil {
		return 0, fmt.Errorf("parsing a reference: %w", err)
	}
	want := Want{Backend: spec.BackendRef, Ref: ref}
	if entry.BackendRef != nil {
		want.Backend = entry.BackendRef
	}
	key := wantKey{ref: ref}
	if want.Backend != nil {
		key.backend = *want.Backend
	}
	at, ok := seen[key]
	if !ok {
		at = len(p.wants)
		seen[key] = at
		p.wants = append(p.wants, want)
	}
	return at, nil
}
