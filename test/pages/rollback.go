// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package pages

import (
	"strconv"
	"time"

	"github.com/secretsync/secretsync/pkg/revision"
)

// The forms in which examples say what to go back to, beside revision.Previous and
// revision.Current.
const (
	FormNumber = "number"
	FormTime   = "time"
)

// Rollback returns the form of a text of the annotation rollback-to. Its error is that of an
// operator that serves revision 6 and keeps 3, which it served all the time before; the day it
// asks on is after every time that a page shows.
func Rollback(text string) (form string, err error) {
	today := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	known := revision.Known{
		Highest: 6, Newest: 6, Serving: 6, Kept: []int64{3, 6},
		Lives: []revision.Life{{Number: 6, From: today}, {Number: 3}},
	}
	if _, err := revision.Resolve(text, known, today); err != nil {
		return "", err //nolint:wrapcheck // classed and complete
	}
	if _, err := strconv.Atoi(text); err == nil {
		return FormNumber, nil
	}
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return FormTime, nil
	}
	return text, nil
}
