// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/e2e/harness"
)

// suite is one installation for all tests, each of which runs an operator of its own.
var suite = harness.NewInstalledSuite(cluster.AuditBodies) //nolint:gochecknoglobals // One installation serves all tests.

func TestMain(m *testing.M) { os.Exit(suite.Main(m)) }

type (
	fields = map[string]any
	texts  = map[string]string
)

const (
	field    = "password"
	audience = "vault"
)

// quick makes the lease of an operator that was stopped pass on soon.
func quick() []string {
	return []string{"--lease-duration=3s", "--renew-deadline=2s", "--retry-period=500ms"}
}

// retire deletes the tenant's SecretSyncs and backends with the test, so that the operator
// of the next one finds nothing to do there.
func retire(t *testing.T, n *harness.Tenant) *harness.Tenant {
	t.Helper()
	t.Cleanup(func() {
		ctx := contextOf(t)
		for _, kind := range []client.Object{&v1alpha1.SecretSync{}, &v1alpha1.SecretBackend{}} {
			if err := n.Client.DeleteAllOf(ctx, kind, client.InNamespace(n.Namespace)); err != nil {
				t.Error(err)
			}
		}
	})
	return n
}

// items makes a SecretSync take these items and nothing else.
func items(list ...v1alpha1.DataItem) harness.SyncEdit {
	return func(s *v1alpha1.SecretSync) { s.Spec.Data, s.Spec.DataFrom = list, nil }
}

// one makes a SecretSync take the field of the entry of its own name, changed by edit.
func one(edit func(*v1alpha1.DataItem)) harness.SyncEdit {
	return func(s *v1alpha1.SecretSync) {
		item := v1alpha1.DataItem{SecretKey: "KEY", From: v1alpha1.FieldSource{
			EntrySource: v1alpha1.EntrySource{Path: s.Name}, Field: field,
		}}
		edit(&item)
		items(item)(s)
	}
}

// by makes a SecretSync read another backend of its namespace.
func by(backend string) harness.SyncEdit {
	return func(s *v1alpha1.SecretSync) {
		s.Spec.BackendRef = &v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: backend}
	}
}

// byCluster makes a SecretSync read a ClusterSecretBackend.
func byCluster(backend string) harness.SyncEdit {
	return func(s *v1alpha1.SecretSync) {
		s.Spec.BackendRef = &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: backend}
	}
}

// requests returns what the operator asked of the API server since a time, all of it.
func requests(t *testing.T, w *harness.Installed, since time.Time) []cluster.AuditEvent {
	t.Helper()
	var found []cluster.AuditEvent
	for event, err := range cluster.ReadAudit(w.Cluster.AuditLogPath()) {
		harness.Must(t, err)
		if event.User.Username == harness.OperatorUser && !event.ReceivedAt.Before(since) {
			found = append(found, event)
		}
	}
	return found
}

// about names what a request is about, with its subresource.
func about(event cluster.AuditEvent) string {
	if event.ObjectRef == nil {
		return ""
	}
	return strings.TrimSuffix(event.ObjectRef.Resource+"/"+event.ObjectRef.Subresource, "/")
}

// now is the API server's idea of the time, as good as this machine's: they share it.
func now() time.Time { return metav1.NowMicro().Time }

// contextOf outlives the test, for what is done after it.
func contextOf(t *testing.T) context.Context { return context.WithoutCancel(t.Context()) } //nolint:usetesting // see above
