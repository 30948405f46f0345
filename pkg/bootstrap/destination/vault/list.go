// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/login"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Instance stands in a path for any instance.
const Instance = "{instance}"

// written lists the fields of the entries at one path, or where it has Instance in it at all
// that it can mean.
type written struct {
	client *Client
	mount  string
	path   []string
}

// Written lists the fields that the bootstrap helper wrote to the entries of a place, whose
// path may have Instance in it; its field is not looked at. Errors: InvalidSpec.
func (c *Client) Written(place Place) (destination.Lister, error) {
	if _, err := backend.ParseRef(strings.ReplaceAll(place.Path, Instance, "x"), ""); err != nil {
		return nil, err
	}
	return written{client: c, mount: place.Mount, path: strings.Split(place.Path, "/")}, nil
}

// List returns the fields that the plan wrote. A KV engine of version 1 records nobody.
func (w written) List(ctx context.Context, plan string) ([]destination.Found, error) {
	mount, err := w.client.mount(w.mount)
	if err != nil {
		return nil, err
	}
	paths := []string{""}
	for i, segment := range w.path {
		if paths, err = w.descend(ctx, mount, paths, segment, i == len(w.path)-1); err != nil {
			return nil, login.At("listing "+w.mount+"/"+strings.Join(w.path, "/"), w.client.fault(ctx, err))
		}
	}
	var found []destination.Found
	for _, path := range paths {
		here, err := w.entry(ctx, mount, path, plan)
		if err != nil {
			return nil, err
		}
		found = append(found, here...)
	}
	slices.SortFunc(found, func(a, b destination.Found) int { return cmp.Compare(a.Place.Describe(), b.Place.Describe()) })
	return found, nil
}

// descend adds one segment to each path, as many times as there is something of such a name.
func (w written) descend(ctx context.Context, mount backend.Writer, paths []string, segment string, last bool) ([]string, error) {
	var next []string
	for _, path := range paths {
		names := []string{segment}
		if strings.Contains(segment, Instance) {
			listed, err := mount.List(ctx, path)
			if err != nil {
				return nil, err
			}
			names = matching(listed, segment, last)
		}
		for _, name := range names {
			next = append(next, strings.TrimPrefix(path+"/"+name, "/"))
		}
	}
	return next, nil
}

// matching returns the listed entries, or folders without their slash, that a segment with
// Instance in it can mean.
func matching(listed []string, segment string, entries bool) []string {
	pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(segment), regexp.QuoteMeta(Instance), ".+") + "$")
	var names []string
	for _, name := range listed {
		folder := strings.HasSuffix(name, "/")
		if name = strings.TrimSuffix(name, "/"); folder != entries && pattern.MatchString(name) {
			names = append(names, name)
		}
	}
	return names
}

// entry returns the fields of one entry that the plan wrote.
func (w written) entry(ctx context.Context, mount backend.Writer, path, plan string) ([]destination.Found, error) {
	ref, err := backend.ParseRef(path, "")
	if err != nil {
		return nil, nil //nolint:nilerr // Vault takes names that no path of ours can have: it is none of ours.
	}
	held, err := mount.Inspect(ctx, ref)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, login.At("vault "+w.mount+"/"+path, w.client.fault(ctx, err))
	}
	var found []destination.Found
	for name, text := range held.Notes {
		field, ours := strings.CutPrefix(name, notePrefix)
		owner := destination.ParseRecord(text)
		if _, there := held.Fields[field]; !ours || !there || owner.Plan != plan {
			continue
		}
		place, err := w.client.Field(Place{Mount: w.mount, Path: path, Field: field})
		if err != nil {
			return nil, err
		}
		found = append(found, destination.Found{Place: place, Owner: owner})
	}
	return found, nil
}
