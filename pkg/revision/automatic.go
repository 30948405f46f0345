// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package revision

import (
	"slices"
	"strconv"
	"strings"
)

// automatic is what the request of a hold begins with that nobody asked for: the Pods did
// not come up with the revision whose number follows.
const automatic = "auto:"

// Automatic returns the request of the hold that takes back a revision whose roll-out failed.
// It is kept on the target like that of a person, so that it stands until it ends.
func Automatic(failed int64) string { return automatic + strconv.FormatInt(failed, 10) }

// TakenBack returns the number of the revision that a hold with that request took back; zero
// if it was asked for by somebody.
func TakenBack(request string) int64 {
	digits, ok := strings.CutPrefix(request, automatic)
	number, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || number < 1 || number > MaxNumber || Automatic(number) != request {
		return 0
	}
	return number
}

// react returns the hold that is in force while nobody asks for anything: that by which a
// failed revision was taken back, or is to be now. What was taken back once is not taken
// back further when it fails, too: while one such hold stands there is no other. A person
// ends one by accepting its request, and one that was accepted does not come again.
func (k Known) react() Hold {
	switch failed := TakenBack(k.Held.Request); {
	case failed > 0 && k.Held.Request == k.Accepted:
		return Hold{}
	case failed > 0 && k.Held.Number > 0:
		return k.Held
	case k.Failed == 0, k.Failed != k.Serving, k.Held.Number > 0, k.Accepted == Automatic(k.Failed):
		return Hold{}
	}
	number, why := k.previous()
	if why != "" || !slices.Contains(k.Kept, number) {
		return Hold{}
	}
	return Hold{Request: Automatic(k.Failed), Number: number}
}

// overtaken reports whether a revision was taken back, and a newer one than that is there.
func (h Hold) overtaken(known Known, d Decision) bool {
	failed := TakenBack(h.Request)
	return failed > 0 && (d.Record > 0 || known.Newest > failed)
}
