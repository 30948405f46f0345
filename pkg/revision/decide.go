// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package revision

// Rendered says how what the backend holds now relates to what was recorded.
type Rendered int

// The relations.
const (
	// None: the backend was not read, or its answer cannot be served.
	None Rendered = iota
	// Same: the rendered content equals that of the newest revision.
	Same
	// New: it does not.
	New
)

// Decision says what to do.
type Decision struct {
	// Record is the number under which to record the rendered content; zero to record nothing.
	Record int64
	// Serve is the revision the target has to hold; zero if there is none.
	Serve int64
	// Hold is the hold that is in force then; zero if there is none.
	Hold Hold
}

// Decide returns the revision to record and the one to serve, given what was asked for:
//
//   - nothing: the newest state is followed, also where a hold ends and the newest does not
//     have the highest number;
//   - a revision: it is served and held, and newer states are recorded all the same;
//   - a revision in place of one that failed: the same, until there is a newer one;
//   - something that could not be resolved (a Hold without a number): what is served stays,
//     with the hold that was in force. Where nothing was ever served the newest state is,
//     because a Secret must exist for Pods to start.
//
// Past MaxNumber nothing new is recorded.
func Decide(known Known, rendered Rendered, asked Hold) Decision {
	d := follow(known, rendered)
	switch {
	case (asked.Request == "" && known.Held.Number > 0 || asked.overtaken(known, d)) && rendered == None && known.Newest > 0:
		d.Serve = known.Newest
	case asked.overtaken(known, d):
	case asked.Number > 0:
		d.Serve, d.Hold = asked.Number, asked
	case asked.Request != "" && known.Serving > 0:
		d.Serve = known.Serving
		if known.Held.Number == known.Serving {
			d.Hold = known.Held
		}
	}
	return d
}

// follow decides where nothing is asked for. When nothing could be rendered the newest
// recorded state is served, because what came between recording and serving it (a crash, a
// pause, a refused write) may be over, and because a Secret must exist for Pods to start.
func follow(known Known, rendered Rendered) Decision {
	highest := max(known.Highest, known.Newest, known.Serving)
	switch {
	case rendered == New && highest < MaxNumber:
		return Decision{Record: highest + 1, Serve: highest + 1}
	case rendered == Same:
		return Decision{Serve: known.Newest}
	default:
		return Decision{Serve: max(known.Newest, known.Serving)}
	}
}
