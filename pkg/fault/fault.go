// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package fault owns the classes every error of SecretSync belongs to. A class
// says who has to act and what happens next; pkg/status turns it into conditions,
// events and a requeue. Of Kubernetes the package knows its API errors, to class them;
// it must not know a backend or a log.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Class says what kind of failure an error is.
type Class string

// The classes. Each error that leaves a package carries exactly one.
const (
	// InvalidSpec waits for an edit: a bad reference, a refused type, a path outside the guard.
	InvalidSpec Class = "InvalidSpec"
	// InvalidContent waits for an edit or a backend change: a field missing in the entry, bad data.
	InvalidContent Class = "InvalidContent"
	// NotFound means that the entry, version or mount is absent in the backend.
	NotFound Class = "NotFound"
	// Denied means that the backend refuses this identity.
	Denied Class = "Denied"
	// Throttled means that the backend asks to be read less often.
	Throttled Class = "Throttled"
	// Unavailable means that the backend cannot answer now: sealed, 5xx, timeout, unreadable answer.
	Unavailable Class = "Unavailable"
	// Suspicious means that the answer is readable but too odd to serve: a shrink, a mass deletion.
	Suspicious Class = "Suspicious"
	// NotOwned means that the target belongs to somebody else.
	NotOwned Class = "NotOwned"
	// Rejected means that the Kubernetes API refuses the request: 403, 413, 422, quota.
	Rejected Class = "Rejected"
	// Conflict means that the object changed under our hands; it is retried in silence.
	Conflict Class = "Conflict"
	// Internal is the class of an error that carries none: a defect or an API server out of reach.
	Internal Class = "Internal"
)

// Classes returns every class, for tests and tables that must cover them all.
func Classes() []Class {
	return []Class{
		InvalidSpec, InvalidContent, NotFound, Denied, Throttled, Unavailable,
		Suspicious, NotOwned, Rejected, Conflict, Internal,
	}
}

// Error is a classed error. Reason and Message are published in conditions and
// events, so they are stable (no times, no counters that move) and hold neither a
// secret byte nor raw backend text. The cause is for errors.Is, errors.As and logs.
type Error struct {
	// Class says who acts next.
	Class Class
	// Reason is a CamelCase word for machines, such as EntryNotFound.
	Reason string
	// Message tells a person what is wrong and what would help.
	Message string
	// RetryAfter is how long the other side asked us to wait; zero if it did not say.
	RetryAfter time.Duration
	// ForAll says that it concerns everybody who asks the other side from here, whoever they
	// are: a limit that counts by address.
	ForAll bool

	cause error
}

// New returns a classed error with a message for people.
func New(class Class, reason, format string, args ...any) *Error {
	return &Error{Class: class, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Because returns a copy of e that wraps cause. The cause's text reaches logs but
// never a condition, so it too must be free of secret bytes.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// After returns a copy of e with the wait the other side asked for.
func (e *Error) After(wait time.Duration) *Error {
	c := *e
	c.RetryAfter = wait
	return &c
}

// ToAll returns a copy of e that concerns everybody who asks the other side from here.
func (e *Error) ToAll() *Error {
	c := *e
	c.ForAll = true
	return &c
}

// Error returns message and cause.
func (e *Error) Error() string {
	if e.cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// As returns the first classed error in err's chain, or nil.
func As(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return nil
}

// ClassOf returns the class of err: Internal if it carries none, empty if err is nil.
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	if e := As(err); e != nil {
		return e.Class
	}
	return Internal
}

// Is reports whether err is of one of the classes.
func Is(err error, classes ...Class) bool {
	return slices.Contains(classes, ClassOf(err))
}

// ReasonOf returns the reason of err: the word Internal if it carries none, empty if err is nil.
func ReasonOf(err error) string {
	if err == nil {
		return ""
	}
	if e := As(err); e != nil {
		return e.Reason
	}
	return string(Internal)
}

// ForAll reports whether err concerns everybody who asks the other side from here.
func ForAll(err error) bool {
	e := As(err)
	return e != nil && e.ForAll
}

// RetryAfter returns the wait that err asks for; zero if it asks for none.
func RetryAfter(err error) time.Duration {
	if e := As(err); e != nil {
		return e.RetryAfter
	}
	return 0
}
