// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

const (
	// note is the metadata of a secret that says who wrote it.
	note = "secretsync-bootstrap"
	// Instance stands in a path for any instance.
	Instance = "{instance}"
)

// secret is one secret as a place.
type secret struct {
	client *Client
	path   string
	ref    backend.EntryRef
}

var _ destination.Removable = &secret{}

// Secret returns the secret of a path, /FOLDER/.../NAME, as a destination. Errors: InvalidSpec.
func (c *Client) Secret(name string) (destination.Removable, error) { return c.secret(name) }

func (c *Client) secret(name string) (*secret, error) {
	folder, key := path.Split(name)
	if folder != backend.Root {
		folder = strings.TrimSuffix(strings.TrimPrefix(folder, "/"), "/")
	}
	ref, err := backend.ParseValueRef(folder, key, "")
	if err != nil {
		return nil, err
	}
	if key == "" || strings.ContainsAny(key, ":") || !strings.HasPrefix(name, "/") {
		return nil, fault.New(fault.InvalidSpec, "InvalidSecret", "infisical %q: /FOLDER/.../NAME is valid, the name without a colon", name)
	}
	return &secret{client: c, path: name, ref: ref}, nil
}

// Describe names the secret and its environment.
func (s *secret) Describe() string {
	return fmt.Sprintf("infisical %s in environment %s", s.path, s.client.name)
}

// Observe reads the secret.
func (s *secret) Observe(ctx context.Context) (destination.State, error) {
	held, err := s.client.values.InspectValue(ctx, s.ref)
	if err != nil {
		return destination.State{}, s.fault(err)
	}
	return stateOf(held), nil
}

func stateOf(held backend.HeldValue) destination.State {
	return destination.State{
		Exists: held.Exists, Readable: held.Readable || !held.Exists, Value: held.Value, Version: held.Version,
		Owner: destination.ParseRecord(held.Notes[note]),
	}
}

// Write writes the secret. Infisical has no check-and-set: what somebody else writes in the
// moment between looking and writing is written over.
func (s *secret) Write(ctx context.Context, value sensitive.Value, observed destination.State, owner destination.Owner) error {
	if !utf8.Valid(value.Reveal()) {
		return fault.New(fault.InvalidContent, "NotText", "%s: the value is no UTF-8 text, which Infisical cannot hold: encode it as base64", s.Describe())
	}
	held, err := s.client.values.InspectValue(ctx, s.ref)
	if err != nil {
		return s.fault(err)
	}
	now := stateOf(held)
	if err := s.unchanged(observed, now); err != nil {
		return err
	}
	if err := destination.CheckOwner(s.Describe(), now, owner); err != nil {
		return err
	}
	return s.fault(s.client.values.PutValue(ctx, s.ref, held, value, map[string]string{note: owner.Record()}))
}

// Remove removes the secret; its folder stays.
func (s *secret) Remove(ctx context.Context, observed destination.State) error {
	now, err := s.Observe(ctx)
	if err != nil || !now.Exists {
		return err
	}
	if err := s.unchanged(observed, now); err != nil {
		return err
	}
	return s.fault(s.client.values.DeleteValue(ctx, s.ref))
}

// unchanged compares versions too: a value may not be shown.
func (s *secret) unchanged(observed, now destination.State) error {
	if observed.Version != now.Version {
		return s.changed()
	}
	return destination.CheckUnchanged(s.Describe(), observed, now)
}

func (s *secret) changed() error {
	return fault.New(fault.Conflict, destination.ReasonChanged,
		"%s was changed by somebody else meanwhile, and nothing was written there: run the command again", s.Describe())
}

// written lists the secrets that a path, in which Instance may stand, can mean.
type written struct {
	client  *Client
	folder  backend.EntryRef
	pattern *regexp.Regexp
}

// Written lists the secrets that the bootstrap helper wrote at a path, in which Instance
// stands for any. Errors: InvalidSpec.
func (c *Client) Written(name string) (destination.Lister, error) {
	folder, _, _ := strings.Cut(name, Instance)
	folder = strings.Trim(folder[:strings.LastIndex(folder, "/")+1], "/")
	if folder == "" {
		folder = backend.Root
	}
	ref, err := backend.ParseRef(folder, "")
	if err != nil {
		return nil, err
	}
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(name), regexp.QuoteMeta(Instance), "[^/]+") + "$"
	return written{client: c, folder: ref, pattern: regexp.MustCompile(pattern)}, nil
}

// List returns the secrets that the plan wrote.
func (w written) List(ctx context.Context, plan string) ([]destination.Found, error) {
	noted, err := w.client.values.ListNoted(ctx, w.folder, note)
	if err != nil {
		return nil, worded(err)
	}
	var found []destination.Found
	for ref, text := range noted {
		name := path.Join("/", ref.Path(), ref.Field())
		owner := destination.ParseRecord(text)
		if owner.Plan != plan || !w.pattern.MatchString(name) {
			continue
		}
		place, err := w.client.secret(name)
		if err != nil {
			return nil, err
		}
		found = append(found, destination.Found{Place: place, Owner: owner})
	}
	slices.SortFunc(found, func(a, b destination.Found) int { return cmp.Compare(a.Place.Describe(), b.Place.Describe()) })
	return found, nil
}
