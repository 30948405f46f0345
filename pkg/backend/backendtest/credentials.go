// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backendtest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// Kept is the credential that Credentials keep at first.
const Kept = "kept-cr3d3ntial"

// KeptRef names the credential that Credentials keep.
func KeptRef() v1alpha1.SecretKeyRef { return v1alpha1.SecretKeyRef{Name: "login", Key: "value"} }

// Credentials are a backend.CredentialSource in memory: credentials kept in Secrets, and a
// ServiceAccount's tokens, each another one.
type Credentials struct {
	mu      sync.Mutex
	secrets map[string]string // by name/key
	err     error
	reads   int
	tokens  int
}

var _ backend.CredentialSource = &Credentials{}

// NewCredentials returns credentials that hold Kept at KeptRef.
func NewCredentials() *Credentials {
	c := &Credentials{secrets: map[string]string{}}
	c.Set(Kept)
	return c
}

// Set changes what is kept at KeptRef.
func (c *Credentials) Set(value string) { c.Put(KeptRef().Name, KeptRef().Key, value) }

// Put changes one key of a Secret.
func (c *Credentials) Put(name, key, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets[name+"/"+key] = value
}

// Remove takes away what is kept at KeptRef.
func (c *Credentials) Remove() {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.secrets, KeptRef().Name+"/"+KeptRef().Key)
}

// Fail makes every read fail; nil ends that.
func (c *Credentials) Fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

// Count returns how often anything was read.
func (c *Credentials) Count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reads
}

// SecretKey returns what is kept.
func (c *Credentials) SecretKey(_ context.Context, _, name, key string) (sensitive.Value, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	value, ok := c.secrets[name+"/"+key]
	if !ok {
		return sensitive.Value{}, fault.New(fault.InvalidSpec, "CredentialNotFound", "no such Secret")
	}
	return sensitive.FromString(value), c.err
}

// ServiceAccountToken returns a text that names its number, the ServiceAccount and the
// audience.
func (c *Credentials) ServiceAccountToken(_ context.Context, namespace, name, audience string) (sensitive.Value, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	c.tokens++
	return sensitive.FromString(fmt.Sprintf("jwt %d of %s/%s for %s", c.tokens, namespace, name, audience)), c.err
}

// WantError checks class and reason of an error, both empty for none, and that neither a value
// nor a credential is in what it says.
func WantError(t *testing.T, err error, class fault.Class, reason string) {
	t.Helper()
	if fault.ClassOf(err) != class || fault.ReasonOf(err) != reason {
		t.Errorf("want %s/%s, got %s/%s: %v", class, reason, fault.ClassOf(err), fault.ReasonOf(err), err)
	}
	said := fmt.Sprintf("%v %+v %#v", err, err, err)
	WantNoMarker(t, "an error", said)
	if strings.Contains(said, Kept) {
		t.Errorf("an error holds a credential")
	}
}
