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

// Known is what the status, the target and the revisions tell together.
type Known struct {
	// Highest number ever seen; zero if none.
	Highest int64
	// Newest is the revision that was recorded last; zero if none. After a restore its
	// number need not be the highest.
	Newest int64
	// Serving is the revision the target holds or held last; zero if none.
	Serving int64
}

// Decision says what to do.
type Decision struct {
	// Record is the number under which to record the rendered content; zero to record nothing.
	Record int64
	// Serve is the revision the target has to hold; zero if there is none.
	Serve int64
}

// Decide returns the revision to record and the one to serve: the newest state is
// followed. When nothing could be rendered that is the newest recorded one, because what
// came between recording and serving it (a crash, a pause, a refused write) may be over,
// and because a Secret must exist for Pods to start. Past MaxNumber nothing new is
// recorded.
func Decide(known Known, rendered Rendered) Decision {
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
