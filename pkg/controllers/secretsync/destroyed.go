// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"slices"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/events"
	"github.com/secretsync/secretsync/pkg/poll"
)

// versionsOf returns, by path, the versions that the backend told it has. A path that is
// read from two backends tells nothing: a status names no backends.
func versionsOf(wants []poll.Want, results []poll.Result) map[string][]string {
	versions, readFrom := map[string][]string{}, map[string]string{}
	for i, want := range wants {
		path := want.Ref.Path()
		if other, ok := readFrom[path]; ok && other != want.Source.Backend {
			delete(versions, path)
			readFrom[path] = ""
			continue
		}
		readFrom[path] = want.Source.Backend
		if results[i].Versions != nil {
			versions[path] = results[i].Versions
		}
	}
	return versions
}

// flagDestroyed marks in the history what the backend no longer has.
func (u *run) flagDestroyed() {
	for i := range u.status.History {
		entry := &u.status.History[i]
		for j := range entry.Sources {
			if source := &entry.Sources[j]; u.destroyed(*source) {
				source.Destroyed = new(true)
				u.tell(events.SourceDestroyed(entry.Revision, source.Path, source.Version))
			}
		}
	}
}

// destroyed reports whether a source that is not marked yet is gone.
func (u *run) destroyed(source v1alpha1.SourceVersion) bool {
	versions, known := u.versions[source.Path]
	return known && source.Version != "" && source.Destroyed == nil && !slices.Contains(versions, source.Version)
}
