// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"context"
	"fmt"
	"slices"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Find is a search in a folder.
type Find struct {
	// Recursive says that the folders below are searched as well.
	Recursive bool
	// Choose says which of the names that the folder lists, relative to it, are entries that are
	// wanted, in the order of the names. It is called with the poller's lock held: it is quick,
	// says the same of a name each time, and never calls the poller. Another one may be given at
	// any time.
	Choose func(names []string) []Found
}

// Found is an entry that was found in a folder.
type Found struct {
	// At is the place of the want that found it; it is the poller's to fill in.
	At int
	// Ref is the entry's, Relative its name as the folder lists it.
	Ref      backend.EntryRef
	Relative string
	// Known is as in Want.
	Known []backend.Field
}

// kind is what is asked of a reference.
type kind uint8

const (
	asEntry  kind = iota // the fields of an entry
	asFolder             // the names of the entries in a folder
	asTree               // the same, with the folders below it
)

// wanted names an entry within its source.
type wanted struct {
	ref backend.EntryRef
	as  kind
}

func kindOf(w *Want) kind {
	switch {
	case w.Find == nil:
		return asEntry
	case w.Find.Recursive:
		return asTree
	default:
		return asFolder
	}
}

// lists reports whether e stands for a folder, which has names and no value.
func (e *entry) lists() bool { return e.as != asEntry }

// span is from the end of the first read in a row that found something to the start of the
// last.
type span struct{ first, last tick }

// absent reports whether an entry that was found in a folder counts as not being in it: it was
// deleted, though the folder may still list it; or it shows nothing, and the subscriber misses
// nothing of it.
func (s *subscriber) absent(i int) bool {
	e := s.entries[i]
	return i >= s.fixed && (missingEntry(e.ref, e.err) || e.bare() && !e.awaits(&s.regards[i]))
}

// bare reports whether e, which is there, shows no field at all.
func (e *entry) bare() bool { return fault.ReasonOf(e.err) == backend.ReasonNothingShown }

// span returns since when what is known of the entry at a place holds; of one that was found,
// that may be its absence.
func (s *subscriber) span(i int) span {
	e := s.entries[i]
	if s.absent(i) {
		return e.away
	}
	return span{e.good.first, e.good.last}
}

// atHand reports whether there is all that a snapshot shows of e, if it is there.
func (e *entry) atHand() bool {
	return e.held != nil || e.lists() && e.err == nil && e.good.at > 0
}

// noteAway notes since when an entry whose read failed just now is away, as far as that makes it
// absent.
func (p *Poller) noteAway(e *entry) {
	switch {
	case !missingEntry(e.ref, e.err) && !e.bare():
		return
	case e.away == span{}:
		e.away.first = p.tick()
	}
	e.away.last = e.started
}

// search lists the folder that the job is about.
func (p *Poller) search(ctx context.Context, j job, b backend.Backend) (out outcome) {
	out.capabilities = b.Capabilities()
	lister, able := b.(backend.FolderLister)
	if !able {
		out.err = fault.New(fault.InvalidSpec, "ListingUnsupported", "this backend cannot tell which entries there are (capability Listing): name them one by one")
		return out
	}
	out.listing, out.err = observed(ctx, p, j, OperationFind, func(ctx context.Context) (backend.FolderListing, error) {
		return lister.ListFolder(ctx, j.entry.ref, j.entry.as == asTree)
	})
	if out.err == nil && bytesOf(out.listing.Names) > backend.MaxFolderBytes {
		out.err = backend.FolderTooLarge(j.entry.ref, fmt.Sprintf("%d KiB of names", backend.MaxFolderBytes>>10))
	}
	if out.err == nil {
		slices.Sort(out.listing.Names)
		out.listing.Names = slices.Compact(out.listing.Names)
		out.mark = p.marker.listing(out.listing.Names)
	}
	return out
}

func bytesOf(names []string) (size int) {
	for _, name := range names {
		size += len(name)
	}
	return size
}
