// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"sync"
	"time"
)

// maxWrong is how many secrets of one account may be refused within firstRefusal, whoever
// shows them: one less than those that lock it.
const maxWrong = 2

// turns has the logins of one account, of whichever backend, made one after the other: what
// is refused must be known before the next secret is shown. The zero value is ready.
type turns struct {
	mu    sync.Mutex
	known map[credential]*turn
}

// turn is the turn of one account.
type turn struct {
	all *turns
	of  credential
	// busy holds something while a login is made.
	busy chan struct{}
	// users counts who holds the turn or waits for it, and refused says when secrets of the
	// account were refused, the last ones; turns.mu guards both.
	users   int
	refused []time.Time
}

// of returns the turn of an account; the zero account takes none. It is left by leave, or by
// an enter that fails.
func (ts *turns) of(account credential) *turn {
	if account == (credential{}) {
		return nil
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.known == nil {
		ts.known = map[credential]*turn{}
	}
	t := ts.known[account]
	if t == nil {
		ts.makeRoom()
		t = &turn{all: ts, of: account, busy: make(chan struct{}, 1)}
		ts.known[account] = t
	}
	t.users++
	return t
}

// makeRoom forgets the account whose last refusal is the oldest, where too many are known.
func (ts *turns) makeRoom() {
	if len(ts.known) < maxRefusals {
		return
	}
	var oldest *turn
	for _, t := range ts.known {
		if t.users == 0 && (oldest == nil || t.refused[len(t.refused)-1].Before(oldest.refused[len(oldest.refused)-1])) {
			oldest = t
		}
	}
	if oldest != nil {
		delete(ts.known, oldest.of)
	}
}

// enter waits until no other login of the account is made. Errors: that of ctx.
func (t *turn) enter(ctx context.Context) error {
	if t == nil {
		return nil
	}
	select {
	case t.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		t.release()
		return ctx.Err() //nolint:wrapcheck // The caller says whose it is.
	}
}

// leave ends the turn.
func (t *turn) leave() {
	if t != nil {
		<-t.busy
		t.release()
	}
}

// release forgets an account that nobody uses and that was refused nothing.
func (t *turn) release() {
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	t.users--
	if t.users == 0 && len(t.refused) == 0 {
		delete(t.all.known, t.of)
	}
}

// wait returns how long no secret of the account must be shown.
func (t *turn) wait(now time.Time) time.Duration {
	if t == nil {
		return 0
	}
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	if len(t.refused) < maxWrong {
		return 0
	}
	return t.refused[0].Add(firstRefusal).Sub(now)
}

// note remembers a refusal.
func (t *turn) note(now time.Time) {
	if t == nil {
		return
	}
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	t.refused = append(t.refused, now)
	if len(t.refused) > maxWrong {
		t.refused = t.refused[1:]
	}
}
