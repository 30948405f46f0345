// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package revision

import (
	"slices"
	"time"
)

// Known is what the status, the target and the revisions tell together.
type Known struct {
	// Highest number ever seen; zero if none.
	Highest int64
	// Newest is the revision that was recorded last; zero if none. After a restore its
	// number need not be the highest.
	Newest int64
	// Serving is the revision the target holds or held last; zero if none.
	Serving int64
	// Kept are the revisions that can be served.
	Kept []int64
	// Lives are the changes of what was served, the newest first.
	Lives []Life
	// Held is the hold that is in force; zero if there is none.
	Held Hold
	// Failed is the revision that is served and with which Pods do not come up, where that is
	// to be taken back; zero if there is none.
	Failed int64
	// Accepted is the request of a hold that a person lets go.
	Accepted string
}

// Life is a time from which on a revision was served.
type Life struct {
	// Number of the revision.
	Number int64
	// From is when it became live.
	From time.Time
}

// Told is what each of them tells, before it is put together.
type Told struct {
	// Indexed is the highest number of a revision that was seen.
	Indexed int64
	// Asked is the request that stands now.
	Asked string
	// Kept are the revisions that can be served, Newest is the one of them that was recorded
	// last.
	Kept   []int64
	Newest int64
	// Failed and Accepted are as in Known.
	Failed   int64
	Accepted string
	// Target is what the annotations of the target say.
	Target Target
	// Status is what was noted last; any part of it may be lost or old.
	Status Status
}

// Target is what the annotations of a target of ours say. The zero Target is none.
type Target struct {
	// Number of the revision it holds.
	Number int64
	// HeldFor is the request that it is held for; empty if it follows the backend.
	HeldFor string
}

// Status is what the status of a SecretSync says.
type Status struct {
	// Serving and Newest revision.
	Serving, Newest int64
	// Held is the hold in force.
	Held Hold
	// Lives are the changes of what was served, the newest first.
	Lives []Life
}

// Know puts together what is told. The target is the durable truth, written ahead of the
// status: where a crash came between the two, it is believed. What another hand made of it is
// not, but its number is not used again all the same.
func Know(t Told) Known {
	highest := max(t.Indexed, t.Target.Number, t.Status.Newest, t.Status.Serving)
	for _, life := range t.Status.Lives {
		highest = max(highest, life.Number)
	}
	return Known{
		Highest: highest, Newest: t.Newest, Serving: t.serving(), Kept: t.Kept, Lives: t.Status.Lives, Held: t.held(),
		Failed: t.Failed, Accepted: t.Accepted,
	}
}

// serving believes a target that is ahead of the status, or that was brought to a hold, or
// out of one, of which the status does not know.
func (t Told) serving() int64 {
	written, noted := t.Target, t.Status
	switch {
	case written.Number == 0:
		return noted.Serving
	case noted.Serving == 0:
		return written.Number
	case t.stands(), !slices.Contains(t.Kept, written.Number):
		return noted.Serving
	case t.released(), written.HeldFor != "" && written.HeldFor != noted.Held.Request:
		return written.Number
	case noted.Held.Number > 0:
		return noted.Serving
	default:
		return max(written.Number, noted.Serving)
	}
}

// held believes the status unless the target tells of a later hold, or of its end.
func (t Told) held() Hold {
	written, noted := t.Target, t.Status.Held
	switch {
	case t.stands(), noted.Number > 0 && !t.released() && (written.HeldFor == "" || written.HeldFor == noted.Request):
		return noted
	case written.HeldFor != "" && written.Number > 0:
		return Hold{Request: written.HeldFor, Number: written.Number}
	default:
		return Hold{}
	}
}

// stands reports whether the hold that the status knows is still asked for. What the target
// says else is another hand's then.
func (t Told) stands() bool { return t.Status.Held.Number > 0 && t.Status.Held.Request == t.Asked }

// released reports whether the target was brought out of the hold that the status knows: it
// carries no request and holds another revision. While something else is asked for that
// could also be another hand's doing, unless the revision is a later one.
func (t Told) released() bool {
	written, held := t.Target, t.Status.Held.Number
	return held > 0 && written.Number > 0 && written.HeldFor == "" && written.Number != held &&
		(t.Asked == "" || written.Number > held) && slices.Contains(t.Kept, written.Number)
}
