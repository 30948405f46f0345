// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// TestAPIServerRestarted: what changed in Vault while it was away arrives when it is back,
// in the same process.
func TestAPIServerRestarted(t *testing.T) {
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Write(t, "same", fields{"password": "same-password"})
	n.Sync(t, "db")
	n.Sync(t, "same")
	n.AwaitReady(t, "db", 1)
	n.AwaitReady(t, "same", 1)
	before, pid := n.Secret(t, "same"), n.Operator.PID()
	n.Cluster.APIServer().Kill()
	n.Write(t, "db", fields{"password": "second-password"})
	reads := n.Reads(t, "db")
	harness.Await(t, "a read of the new value while the API server is away", func() string {
		if n.Reads(t, "db") == reads {
			return "there was none"
		}
		return ""
	})
	harness.Must(t, n.Cluster.APIServer().Start(harness.Patiently(t)))
	begin := time.Now()
	n.AwaitSecret(t, "db", texts{"password": "second-password"})
	t.Logf("served %s after the API server was back", time.Since(begin).Round(100*time.Millisecond))
	n.AwaitReady(t, "db", 2)
	n.Unchanged(t, before)
	if n.Operator.PID() != pid {
		t.Errorf("the operator did not live through it")
	}
}

// TestEverythingFrozen: the API server hangs with its connections open, then goes on.
func TestEverythingFrozen(t *testing.T) {
	n := suite.Tenant(t)
	n.Write(t, "db", fields{"password": "first-password"})
	n.Sync(t, "db")
	n.AwaitReady(t, "db", 1)
	harness.Must(t, n.Cluster.APIServer().Pause())
	n.Write(t, "db", fields{"password": "second-password"})
	reads := n.Reads(t, "db")
	harness.Await(t, "reads while the API server hangs", func() string {
		if n.Reads(t, "db") < reads+2 {
			return "there were not enough"
		}
		return ""
	})
	harness.Must(t, n.Cluster.APIServer().Resume())
	n.AwaitSecret(t, "db", texts{"password": "second-password"})
	n.AwaitReady(t, "db", 2)
}

// TestWatchesCut: what happened while nobody could tell the operator is found afterwards.
func TestWatchesCut(t *testing.T) {
	n := suite.Tenant(t)
	for _, name := range []string{"edited", "deleted", "respecified", "dropped", "new"} {
		n.Write(t, name, fields{"password": "the-password"})
	}
	for _, name := range []string{"edited", "deleted", "respecified", "dropped"} {
		n.Sync(t, name, onRequest)
		n.AwaitReady(t, name, 1)
	}
	dropped := n.Secret(t, "dropped")
	n.World.Proxy.Set(theGate.mode)
	harness.Must(t, n.World.Proxy.Down())
	n.EditSecret(t, "edited", func(s *corev1.Secret) { s.Data["password"] = []byte("edited by hand") })
	n.Delete(t, &corev1.Secret{}, "deleted")
	n.Edit(t, "respecified", func(s *v1alpha1.SecretSync) { s.Spec.Target.Name = "respecified-target" })
	n.Delete(t, &v1alpha1.SecretSync{}, "dropped")
	n.Sync(t, "new", onRequest)
	harness.Must(t, n.World.Proxy.Up())
	served := texts{"password": "the-password"}
	for _, name := range []string{"edited", "deleted", "respecified-target", "new"} {
		n.AwaitSecret(t, name, served)
	}
	n.AwaitReady(t, "new", 1)
	n.Unchanged(t, dropped)
}

// TestVaultLosesItsTokens: each identity logs in once more, and no Secret is touched.
func TestVaultLosesItsTokens(t *testing.T) {
	t.Parallel()
	const identities, each = 8, 4
	vault := cluster.VaultForTest(t, cluster.VaultOptions{Persistent: true, Audit: true})
	var tenants []*harness.Tenant
	before := map[*harness.Tenant]map[string]*corev1.Secret{}
	for range identities {
		n := sideBySide(t).Tenant(t, harness.TenantOptions{Vault: vault})
		tenants = append(tenants, n)
		for i := range each {
			name := fmt.Sprintf("db-%d", i)
			n.Write(t, name, fields{"password": "the-password"})
			n.Sync(t, name)
		}
	}
	for _, n := range tenants {
		before[n] = map[string]*corev1.Secret{}
		for i := range each {
			name := fmt.Sprintf("db-%d", i)
			n.AwaitReady(t, name, 1)
			before[n][name] = n.Secret(t, name)
		}
	}
	harness.Must(t, vault.Restart(harness.Patiently(t)))
	harness.Must(t, vault.RevokeTokens(harness.Patiently(t)))
	for _, n := range tenants {
		n.Write(t, "db-0", fields{"password": "the new password"})
	}
	logins := 0
	for _, n := range tenants {
		n.AwaitSecret(t, "db-0", texts{"password": "the new password"})
		n.AwaitReady(t, "db-0", 2)
		for i := 1; i < each; i++ {
			n.Unchanged(t, before[n][fmt.Sprintf("db-%d", i)])
		}
		logins += n.Logins(t)
	}
	t.Logf("%d identities with %d objects: %d logins, the first ones included", identities, identities*each, logins)
	if logins != 2*identities {
		t.Errorf("want 2 logins for each of %d identities, got %d", identities, logins)
	}
}

// TestWriterBeside: somebody writes to the target all the time, though not to what is
// ours. Conflicts are nobody's business.
func TestWriterBeside(t *testing.T) {
	t.Parallel()
	n := tenant(t)
	n.Write(t, "db", fields{"password": "password-number-0"})
	n.Sync(t, "db", onRequest)
	n.AwaitReady(t, "db", 1)
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-over:
				return
			default:
			}
			secret := &corev1.Secret{}
			if n.Client.Get(t.Context(), n.Key("db"), secret) != nil {
				continue
			}
			secret.Annotations["example.test/beside"] = fmt.Sprint(i)
			if err := n.Client.Update(t.Context(), secret); err != nil && !apierrors.IsConflict(err) {
				t.Errorf("writing beside: %v", err)
				return
			}
		}
	}()
	for i := 1; i <= 5; i++ {
		value := fmt.Sprintf("password-number-%d", i)
		n.Write(t, "db", fields{"password": value})
		n.Annotate(t, "db", v1alpha1.AnnotationRefresh, value)
		n.AwaitSecret(t, "db", texts{"password": value})
	}
	close(over)
	<-done
	s := n.AwaitReady(t, "db", 6)
	if s.Status.Drift != nil {
		t.Errorf("a foreign annotation was told as drift: %+v", s.Status.Drift)
	}
	if n.Secret(t, "db").Annotations["example.test/beside"] == "" {
		t.Error("what was written beside is gone")
	}
}
