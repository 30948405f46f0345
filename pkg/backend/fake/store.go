// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fake

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// entry is one entry's versions; number n is at index n-1.
type entry struct{ versions []version }

type version struct {
	fields    map[string]string
	at        time.Time
	deleted   bool
	destroyed bool
}

// Put writes a new version of an entry and returns its name, empty if there are none. The
// fields hold JSON text.
func (p *Provider) Put(path string, fields map[string]string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[path]
	if e == nil || p.unversioned {
		e = &entry{}
		p.entries[path] = e
	}
	e.versions = append(e.versions, version{fields: maps.Clone(fields), at: p.clock.Now()})
	if p.unversioned {
		return ""
	}
	return strconv.Itoa(len(e.versions))
}

// Delete soft-deletes the newest version; without versions it removes the entry.
func (p *Provider) Delete(path string) {
	if p.unversioned {
		p.Remove(path)
		return
	}
	p.edit(path, "", func(v *version) { v.deleted = true })
}

// Undelete brings a soft-deleted version back; an empty name is the newest.
func (p *Provider) Undelete(path, name string) {
	p.edit(path, name, func(v *version) { v.deleted = false })
}

// Destroy destroys a version for good; an empty name is the newest.
func (p *Provider) Destroy(path, name string) {
	p.edit(path, name, func(v *version) { v.destroyed, v.fields = true, nil })
}

// Remove removes an entry with all its versions.
func (p *Provider) Remove(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.entries, path)
}

func (p *Provider) edit(path, name string, change func(*version)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v := p.entries[path].find(name); v != nil {
		change(v)
	}
}

// find returns the named version, the newest if the name is empty, or nil.
func (e *entry) find(name string) *version {
	if e == nil || len(e.versions) == 0 {
		return nil
	}
	number := len(e.versions)
	if name != "" {
		var err error
		if number, err = strconv.Atoi(name); err != nil || number < 1 || number > len(e.versions) {
			return nil
		}
	}
	return &e.versions[number-1]
}

// names returns the names of the versions that are wanted, newest first.
func (e *entry) names(wanted func(version) bool) []string {
	var names []string
	for i, v := range slices.Backward(e.versions) {
		if wanted(v) {
			names = append(names, strconv.Itoa(i+1))
		}
	}
	return names
}

// readable lists the versions that can be read, newest first.
func (e *entry) readable() string {
	names := e.names(func(v version) bool { return !v.deleted && !v.destroyed })
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// lookup returns what the store holds at ref; p.mu is held.
func (p *Provider) lookup(ref backend.EntryRef) (backend.Entry, error) {
	e := p.entries[ref.Path()]
	if e == nil {
		return backend.Entry{}, fault.New(fault.NotFound, backend.ReasonEntryNotFound, "no entry %q", ref.Path())
	}
	v := e.find(ref.Version())
	switch {
	case v == nil:
		return backend.Entry{}, fault.New(fault.NotFound, backend.ReasonVersionNotFound,
			"%q has no version %s; versions that can be read: %s", ref.Path(), ref.Version(), e.readable())
	case v.destroyed:
		return backend.Entry{}, fault.New(fault.NotFound, backend.ReasonVersionDestroyed, "the version of %q is destroyed", ref.Path())
	case v.deleted:
		return backend.Entry{}, fault.New(fault.NotFound, backend.ReasonEntryDeleted, "the version of %q is deleted", ref.Path())
	}
	out := backend.Entry{Fields: map[string]sensitive.Value{}}
	for name, text := range v.fields {
		out.Fields[name] = sensitive.FromString(text)
	}
	if p.unversioned {
		return out, nil
	}
	out.Version, out.VersionTime = ref.Version(), v.at
	if out.Version == "" {
		out.Version = strconv.Itoa(len(e.versions))
	}
	return out, nil
}
