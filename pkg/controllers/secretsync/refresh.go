// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"fmt"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Requests of our own, which ask the poller for values that were given back already. A
// person's request is prefixed, so that none can look like one of ours.
const (
	requestOfUser = "user/"
	requestAccept = "accept/"
	requestRetry  = "retry/"
)

// requestRefresh passes on what has to be read again: a refresh that nobody has answered
// yet, a state that was let through, a state that could not be recorded.
func (r *Reconciler) requestRefresh(run *run) {
	if request, ok := run.openRequest(); ok {
		r.Poller.Refresh(run.key, requestOfUser+request)
		return
	}
	accepted := run.object.Annotations[v1alpha1.AnnotationAccept]
	if blocked := run.before.Blocked; blocked != nil && blocked.Token == accepted {
		r.Poller.Refresh(run.key, requestAccept+accepted)
		return
	}
	if trouble := r.memory.of(run.key); trouble.unrecorded != nil || trouble.unkept != nil {
		r.Poller.Refresh(run.key, fmt.Sprintf("%s%d", requestRetry, trouble.attempts))
	}
}

// openRequest returns the refresh that the annotation asks for and nobody has answered.
func (u *run) openRequest() (string, bool) {
	request := shortened(u.object.Annotations[v1alpha1.AnnotationRefresh])
	handled := u.before.LastHandledRefresh
	return request, request != "" && (handled == nil || handled.Request != request)
}

// acknowledge answers a requested refresh once the backend was read for it, or could not
// be asked at all.
func (u *run) acknowledge() {
	request, open := u.openRequest()
	answered := u.snapshot != nil && u.snapshot.Request == requestOfUser+request
	refused := fault.Is(u.readErr, fault.InvalidSpec) && u.snapshot == nil
	if !open || !answered && !refused {
		return
	}
	at := u.now
	if answered {
		at = u.snapshot.At
	}
	u.status.LastHandledRefresh = &v1alpha1.RefreshStatus{
		Request: request, At: metav1.NewTime(at.UTC().Truncate(time.Second)), Result: u.refreshResult(),
	}
}

func (u *run) refreshResult() string {
	switch {
	case u.readErr != nil:
		return fault.ReasonOf(u.readErr)
	case u.serveErr != nil:
		return fault.ReasonOf(u.serveErr)
	case u.decision.Record > 0:
		return "Changed"
	default:
		return "Unchanged"
	}
}

// maxRequest bounds, in bytes, what a status repeats of an annotation.
const maxRequest = 253

// shortened cuts text to what a status repeats, between characters.
func shortened(text string) string { return shortenedTo(text, maxRequest) }

func shortenedTo(text string, bound int) string {
	if len(text) <= bound {
		return text
	}
	cut := bound
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}
