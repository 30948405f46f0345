// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/bench/raw"
	"github.com/secretsync/secretsync/test/cluster"
)

// captured is how many objects a capture has.
const captured = 8

// script returns the requests that the operator makes for a new object, with their bodies,
// captured once in a world of its own.
func (s *suite) script(ctx context.Context) (_ raw.Script, err error) {
	if s.first != nil {
		return *s.first, nil
	}
	w, err := s.newWorld(ctx, cluster.AuditBodies)
	if err != nil {
		return raw.Script{}, err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	f := newFleet("a", captured, s.interval)
	if err := w.seed(ctx, f); err != nil {
		return raw.Script{}, err
	}
	objects, err := w.declare(ctx, f)
	if err != nil {
		return raw.Script{}, err
	}
	synced, err := w.sync(ctx, f)
	if err != nil {
		return raw.Script{}, err
	}
	script := scriptOf(objects, synced.calls)
	s.first = &script
	return script, nil
}

// scriptOf returns the shortest of the objects' scripts: what the operator repeats for one
// of them is no reason for the raw program to.
func scriptOf(objects []raw.Object, calls []measure.Call) raw.Script {
	var shortest raw.Script
	for i, object := range objects {
		about := slices.DeleteFunc(slices.Clone(calls), func(c measure.Call) bool { return !concerns(c, object) })
		if i == 0 || len(about) < len(shortest.Calls()) {
			shortest = raw.NewScript(object, about)
		}
	}
	return shortest
}

// concerns reports whether a request is about an object, its target or a revision of it.
func concerns(c measure.Call, o raw.Object) bool {
	name, _, _ := strings.Cut(c.Name, ".")
	return c.Namespace == o.Namespace && name == o.Name
}
