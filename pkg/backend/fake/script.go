// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fake

// Fail makes reads of a path fail with err until it is called again with nil. An empty
// path means every read, probe and proof.
func (p *Provider) Fail(path string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		delete(p.failures, path)
		return
	}
	p.failures[path] = err
}

// FailNext makes the next reads fail with these errors, one each; nil lets one pass.
func (p *Provider) FailNext(errs ...error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = append(p.next, errs...)
}

// FailOpen makes Open fail with err; nil lets it succeed.
func (p *Provider) FailOpen(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.openErr = err
}

// Deny refuses reads of a path, or allows them again.
func (p *Provider) Deny(path string, denied bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.denied[path] = denied
}

// Reject refuses the logins of an identity, or accepts them again.
func (p *Provider) Reject(identity string, rejected bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.strange[identity] = rejected
}

// RemoveMount makes the mount go or come back; the entries stay.
func (p *Provider) RemoveMount(gone bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = gone
}

// Hang makes every call wait until the returned function is called or its context ends.
func (p *Provider) Hang() (release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hanging == nil {
		p.hanging = make(chan struct{})
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.release()
	}
}

// release lets hanging calls go on; p.mu is held.
func (p *Provider) release() {
	if p.hanging != nil {
		close(p.hanging)
		p.hanging = nil
	}
}

// scripted returns the error that was set for a read, or nil; p.mu is held.
func (p *Provider) scripted(path string) error {
	if len(p.next) > 0 {
		err := p.next[0]
		p.next = p.next[1:]
		if err != nil {
			return err
		}
	}
	if err := p.failures[path]; err != nil {
		return err
	}
	return p.failures[""]
}
