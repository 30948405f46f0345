// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package poll

import "slices"

// quest is what a subscriber has that searches folders.
type quest struct {
	wants  []Want
	sought []mark  // by want: the listing that was looked at last
	found  []Found // in it, and wanted from the first place behind the wants on
}

// link has a new subscriber want its wants, and what is found for them now.
func (p *Poller) link(s *subscriber, wants []Want) {
	s.fixed = len(wants)
	for i := range wants {
		p.linkOne(s, wants[i])
	}
	if slices.ContainsFunc(wants, func(w Want) bool { return w.Find != nil }) {
		s.quest = &quest{wants: wants}
		s.look()
		p.linkFound(s, s.seek(nil))
	}
}

// linkFound has s want what was found for it.
func (p *Poller) linkFound(s *subscriber, found []Found) {
	s.quest.found = found
	for _, f := range found {
		want := &s.quest.wants[f.At]
		p.linkOne(s, Want{Source: want.Source, Ref: f.Ref, Known: f.Known, Takes: want.Takes})
	}
}

func (p *Poller) linkOne(s *subscriber, w Want) {
	place := len(s.entries)
	s.regards = append(s.regards, regard{known: w.Known, takes: w.Takes, settled: w.Find != nil})
	s.entries = append(s.entries, p.attach(s, place, w))
}

// look notes which listings are looked at.
func (s *subscriber) look() {
	s.quest.sought = make([]mark, s.fixed)
	for i := range s.quest.sought {
		s.quest.sought[i] = s.entries[i].good.mark
	}
}

// seek returns what the folders show that is wanted. What they show no more is wanted until a
// read of it has found it missing: an answer that is short of a name is not believed alone.
func (s *subscriber) seek(before []Found) (found []Found) {
	for at := range s.fixed {
		e := s.entries[at]
		if !e.lists() {
			continue
		}
		names := e.names
		for i, old := range before {
			if old.At == at && !e.shows(old) && !s.absent(s.fixed+i) {
				names = append(slices.Clip(names), old.Relative)
			}
		}
		if len(names) > len(e.names) {
			slices.Sort(names)
		}
		for _, chosen := range s.quest.wants[at].Find.Choose(names) {
			chosen.At = at
			found = append(found, chosen)
		}
	}
	return found
}

// shows reports whether a folder lists what was found in it.
func (e *entry) shows(found Found) bool {
	_, listed := slices.BinarySearch(e.names, found.Relative)
	return listed
}

// seekAnew takes over how the wants choose, though they are the same.
func (p *Poller) seekAnew(s *subscriber, wants []Want) {
	if s.quest != nil {
		s.quest.wants = wants
		clear(s.quest.sought)
		p.unsettle(s)
	}
}

// follow has a subscriber want what its folders show now, and reports whether that is something
// else than before. Then it is another subscriber, who was told what this one was told: what was
// found is served until all that is found now has been read.
func (p *Poller) follow(s *subscriber) bool {
	if s.quest == nil || !s.outdated() {
		return false
	}
	s.look()
	q := s.quest
	found := s.seek(q.found)
	if slices.EqualFunc(found, q.found, func(a, b Found) bool { return a.At == b.At && a.Ref == b.Ref }) {
		for i, f := range found {
			s.know(s.fixed+i, &Want{Known: f.Known, Takes: q.wants[f.At].Takes})
		}
		return false
	}
	next := &subscriber{
		id: s.id, epoch: s.epoch, interval: s.interval,
		request: s.request, acked: s.acked, pending: s.pending,
		fixed: s.fixed, quest: &quest{wants: q.wants, sought: q.sought},
	}
	p.subscribers[s.id] = next
	for i := range q.wants {
		p.linkOne(next, q.wants[i])
	}
	p.linkFound(next, found)
	next.inherit(s)
	p.collect(next)
	s.pending = nil // It is the other's now.
	p.detach(s)
	p.first(next)
	return true
}

// outdated reports whether a folder was listed anew since it was looked at, or something that
// it shows no more was found missing.
func (s *subscriber) outdated() bool {
	for i, sought := range s.quest.sought {
		if e := s.entries[i]; e.lists() && sought != e.good.mark {
			return true
		}
	}
	for i, found := range s.quest.found {
		if s.absent(s.fixed+i) && !s.entries[found.At].shows(found) {
			return true
		}
	}
	return false
}
