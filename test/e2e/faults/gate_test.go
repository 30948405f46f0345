// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/faultproxy"
)

// gate treats what the operator asks of the API server about the Secrets and SecretSyncs
// of one namespace; all else passes.
type gate struct {
	mu    sync.Mutex
	treat map[string]faultproxy.Mode
}

// theGate is the one in the proxy, that of the world whose tests run now.
var theGate = &gate{treat: map[string]faultproxy.Mode{}} //nolint:gochecknoglobals // The world has one proxy.

// guard has the requests about the tenant treated in that mode until the test ends.
func guard(t *testing.T, n *harness.Tenant, mode faultproxy.Mode) {
	t.Helper()
	theGate.set(n.Namespace, mode)
	n.World.Proxy.Set(theGate.mode)
	t.Cleanup(func() { theGate.set(n.Namespace, nil) })
}

func (g *gate) set(namespace string, mode faultproxy.Mode) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.treat[namespace] = mode
	if mode == nil {
		delete(g.treat, namespace)
	}
}

func (g *gate) mode(w http.ResponseWriter, r *http.Request, server faultproxy.Server) {
	g.mu.Lock()
	mode := g.treat[namespaceOf(r)]
	g.mu.Unlock()
	if mode == nil {
		mode = faultproxy.Pass()
	}
	mode(w, r, server)
}

// namespaceOf returns the namespace of the Secret or SecretSync that a request is about,
// empty if it is about something else, or a list or a watch.
func namespaceOf(r *http.Request) string {
	_, rest, ok := strings.Cut(r.URL.Path, "/namespaces/")
	parts := strings.Split(rest, "/")
	if !ok || len(parts) < 2 || parts[1] != "secrets" && parts[1] != "secretsyncs" {
		return ""
	}
	if r.Method == http.MethodGet && len(parts) < 3 {
		return ""
	}
	return parts[0]
}

func writes(r *http.Request) bool { return r.Method != http.MethodGet }

func inNamespace(n *harness.Tenant) client.ListOption { return client.InNamespace(n.Namespace) }

func named(name string) client.ListOption { return client.MatchingFields{"metadata.name": name} }

func degraded(c metav1.Condition) bool { return c.Type == v1alpha1.ConditionHistoryDegraded }
