// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Names of errors that Infisical tells in its answers.
const (
	errorToken        = "TokenError"
	errorPathNotFound = "SecretPathNotFound"
	errorSecret       = "GetSecretByName"
	errorNotFound     = "NotFound"
)

// window is what a limit counts in: the wait if an answer names none.
const window = time.Minute

// answer is what Infisical said, whatever the status.
type answer struct {
	remote.Answer
	// kind is its name of an error, and text what it says of it, which never leaves the
	// package.
	kind, text string
}

// read takes an answer apart.
func read(got remote.Answer) *answer {
	a := &answer{Answer: got}
	if got.Status < http.StatusBadRequest {
		return a
	}
	var said struct {
		Error   string          `json:"error"`
		Message json.RawMessage `json:"message"` // A list, where a request is not valid.
	}
	if json.Unmarshal(got.Body, &said) == nil {
		a.kind = said.Error
		_ = json.Unmarshal(said.Message, &a.text)
	}
	return a
}

// decode reads the answer into target. The error carries none of its text.
func (a *answer) decode(target any) error {
	if a.TooLarge() {
		return unreadable("it is larger than 4 MiB")
	}
	switch err := json.Unmarshal(a.Body, target); {
	case errors.Is(err, errTooMany):
		return fault.As(unreadable(fmt.Sprintf("it lists more than %d items", maxItems))).Because(errTooMany)
	case err != nil:
		return unreadable("it is not the JSON that was expected")
	}
	return nil
}

// routeUnknown reports whether the server does not know the endpoint, which is how an older
// one answers a newer request.
func (a *answer) routeUnknown() bool {
	return a.Status == http.StatusNotFound && strings.HasPrefix(a.text, "Route ") && strings.HasSuffix(a.text, " not found")
}

// tokenRefused reports whether the token is not accepted, rather than what it asks for. An
// expired token is answered with 401 by some servers and with 403 by others.
func (a *answer) tokenRefused() bool {
	return a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden && a.kind == errorToken
}

// statusFault classes the answers that mean the same for every request. It returns nil for
// the others: 200, 304, and in Infisical's form 400, 401, 403, 404 and 422.
func (a *answer) statusFault() error {
	switch s := a.Status; {
	case s == http.StatusOK, s == http.StatusNotModified:
		return nil
	case s == 400, s == 401, s == 403, s == 404, s == 422:
		if a.IsJSON() {
			return nil
		}
		return unreadable(fmt.Sprintf("HTTP %d, and not the JSON that was expected", s))
	case s == http.StatusTooManyRequests:
		return fault.New(fault.Throttled, remote.ReasonThrottled, "Infisical asks for fewer requests (HTTP 429)").After(a.wait())
	case s == http.StatusGone:
		return fault.New(fault.NotFound, ReasonGone, "Infisical no longer has what is asked for (HTTP 410)")
	case s >= 300 && s < 400:
		return remote.Unavailable(remote.ReasonRedirected, "Infisical answers with a redirect (HTTP %d), and none is followed: spec.infisical.address must name the server itself", s)
	default:
		return remote.Unavailable(remote.ReasonServerError, "Infisical answers HTTP %d", s).After(a.Wait())
	}
}

// seconds finds how long a limit lasts, in what the server says of it.
var seconds = regexp.MustCompile(`\b([0-9]{1,4}) seconds?\b`)

// contention is how the text begins of a 429 that no limit is behind: another login of the
// identity holds a lock, for a moment.
const contention = "Failed to acquire lock"

// wait returns how long a limit asks to wait: by header, else by its text, else its window.
// Zero leaves it to whoever waits.
func (a *answer) wait() time.Duration {
	if wait := a.Wait(); wait > 0 {
		return wait
	}
	if strings.HasPrefix(a.text, contention) {
		return 0
	}
	if found := seconds.FindStringSubmatch(a.text); found != nil {
		if n, err := strconv.Atoi(found[1]); err == nil && n > 0 {
			return time.Duration(n) * time.Second
		}
	}
	return window
}

// unreadable is the error for an answer that is not what was asked for.
func unreadable(what string) error {
	return remote.Unavailable(remote.ReasonUnreadableAnswer, "unreadable answer from Infisical: %s", what)
}
