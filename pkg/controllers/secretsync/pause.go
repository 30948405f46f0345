// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/status"
)

// maxPause bounds how far ahead a pause may end, so that nobody forgets one.
const maxPause = 24 * time.Hour

// paused reports whether the target is to be left as it is for now, and notes it.
func (u *run) paused() bool {
	if !u.pausing() {
		return false
	}
	u.idle = status.ReasonPaused
	return true
}

func (u *run) pausing() bool {
	until, err := u.pauseUntil()
	return err == nil && until.After(u.now)
}

// pauseUntil returns when the pause ends; zero if there is none. Its error is an
// InvalidSpec: a pause that cannot be read is not in force, and that is told.
func (u *run) pauseUntil() (time.Time, error) {
	text := u.object.Annotations[v1alpha1.AnnotationPauseUntil]
	if text == "" {
		return time.Time{}, nil
	}
	until, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fault.New(fault.InvalidSpec, "InvalidPause",
			"annotation %s: %q is not an RFC 3339 time such as 2026-01-02T15:04:05Z", v1alpha1.AnnotationPauseUntil, shortened(text))
	}
	if until.Sub(u.now) > maxPause {
		return time.Time{}, fault.New(fault.InvalidSpec, "InvalidPause",
			"annotation %s: %q is more than 24 hours ahead", v1alpha1.AnnotationPauseUntil, text)
	}
	return until, nil
}
