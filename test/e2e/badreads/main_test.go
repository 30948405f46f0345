// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package badreads

import (
	"fmt"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

var suite = harness.NewSuite(harness.Options{}) //nolint:gochecknoglobals // One world serves all tests.

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

const (
	// entry is what is read; its Secret and its SecretSync have its name.
	entry = "db"
	// timeout of one read: short, so that hanging ones are soon over.
	timeout = 2 * time.Second
)

type (
	fields = map[string]any
	texts  = map[string]string
)

// victim is a tenant that serves revision 1 of a good value, and what the Secret was then.
type victim struct {
	*harness.Tenant

	secret *corev1.Secret
}

// behindProxy returns a victim whose Vault is behind a proxy of its own.
func behindProxy(t *testing.T) victim {
	t.Helper()
	return newVictim(t, harness.TenantOptions{Proxied: true})
}

// withVault returns a victim whose Vault is its own.
func withVault(t *testing.T, options cluster.VaultOptions) victim {
	t.Helper()
	return newVictim(t, harness.TenantOptions{Vault: cluster.VaultForTest(t, options)})
}

func newVictim(t *testing.T, o harness.TenantOptions) victim {
	t.Helper()
	o.Edit = func(b *v1alpha1.SecretBackend) { b.Spec.Limits.Timeout = &metav1.Duration{Duration: timeout} }
	v := victim{Tenant: suite.World(t).Tenant(t, o)}
	v.Write(t, entry, fields{"password": "first-password", "user": "the-user"})
	v.Sync(t, entry)
	v.AwaitReady(t, entry, 1)
	v.secret = v.Secret(t, entry)
	return v
}

// change writes another value to Vault, which nobody sees while reads are bad.
func (v victim) change(t *testing.T) {
	t.Helper()
	v.Write(t, entry, fields{"password": "second-password", "user": "the-user"})
}

// awaitChange waits until the other value is served.
func (v victim) awaitChange(t *testing.T) {
	t.Helper()
	v.AwaitSecret(t, entry, texts{"password": "second-password", "user": "the-user"})
	v.AwaitReady(t, entry, 2)
}

// asked is how often the proxy was asked for the entry.
func (v victim) asked() int { return v.Proxy.Requests()[v.path()] }

func (v victim) path() string { return "/v1/" + v.Namespace + "/data/" + entry }

// awaitAsked waits for that many more requests for the entry.
func (v victim) awaitAsked(t *testing.T, more int) {
	t.Helper()
	before := v.asked()
	harness.Await(t, "requests for the entry", func() string {
		if now := v.asked(); now < before+more {
			return fmt.Sprintf("there were %d", now-before)
		}
		return ""
	})
}

// awaitUnreachable waits until the backend says, for that reason, that it is not reachable.
func (v victim) awaitUnreachable(t *testing.T, reason string) {
	t.Helper()
	v.awaitReachable(t, metav1.ConditionFalse, reason)
}

func (v victim) awaitReachable(t *testing.T, status metav1.ConditionStatus, reason string) {
	t.Helper()
	harness.Await(t, fmt.Sprintf("Reachable=%s/%s", status, reason), func() string {
		var b v1alpha1.SecretBackend
		if err := v.Client.Get(t.Context(), v.Key(harness.Backend), &b); err != nil {
			return err.Error()
		}
		got := meta.FindStatusCondition(b.Status.Conditions, v1alpha1.ConditionReachable)
		if got == nil || got.Status != status || got.Reason != reason {
			return fmt.Sprintf("it is %+v", b.Status.Conditions)
		}
		return ""
	})
}

// stillReady fails the test unless the SecretSync is as ready as before: an outage blocks
// nobody.
func (v victim) stillReady(t *testing.T) {
	t.Helper()
	if s := v.Get(t, entry); !meta.IsStatusConditionTrue(s.Status.Conditions, v1alpha1.ConditionReady) {
		t.Errorf("an outage turned Ready False: %+v", s.Status.Conditions)
	}
}

// calm fails the test if the status changes during another bad read.
func (v victim) calm(t *testing.T, another func()) {
	t.Helper()
	before := v.Get(t, entry)
	another()
	if after := v.Get(t, entry); after.ResourceVersion != before.ResourceVersion {
		t.Errorf("the status keeps changing:\n%+v\n%+v", before.Status, after.Status)
	}
}
