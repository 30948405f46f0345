// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/infisical"
	"github.com/secretsync/secretsync/pkg/credentials"
	"github.com/secretsync/secretsync/test/cluster"
	simulator "github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

const (
	namespace   = "team"
	audience    = "infisical"
	environment = "dev"
)

// world is an Infisical with a project, an identity that may read below /contract in its
// environment dev, and what an operator would have of it.
type world struct {
	sim      *simulator.Simulator
	infisi   *admin.Client
	project  admin.Project
	identity admin.Identity
	roleID   string
	source   backend.CredentialSource
	auth     *v1alpha1.InfisicalAuth // universal, once it is allowed

	mu      sync.Mutex
	folders map[string]string            // by path: the ID
	entries map[string]map[string]string // by path: what it holds
	hidden  []admin.Rule
}

// newWorld starts a server, and takes credentials from source.
func newWorld(t *testing.T, o simulator.Options, source backend.CredentialSource) *world {
	t.Helper()
	o.TLS = true
	sim := simulator.ForTest(t, o)
	root := x509.NewCertPool()
	root.AppendCertsFromPEM(sim.CA())
	trusting := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: root, MinVersion: tls.VersionTLS12}}}
	t.Cleanup(trusting.CloseIdleConnections)
	w := &world{sim: sim, source: source, folders: map[string]string{}, entries: map[string]map[string]string{}}
	ctx := t.Context()
	var err error
	w.infisi, err = admin.Bootstrap(ctx, sim.Address(), trusting)
	must(t, err)
	w.infisi.V3 = o.Behavior.NoV4
	w.project, err = w.infisi.CreateProject(ctx, "contract")
	must(t, err)
	w.identity, err = w.infisi.CreateIdentity(ctx, "reader")
	must(t, err)
	w.roleID, err = w.infisi.CreateRole(ctx, w.project.ID, "reader", readable()...)
	must(t, err)
	must(t, w.infisi.Join(ctx, w.project.ID, w.identity.ID, "reader"))
	return w
}

// readable is what the identity may do: read below /contract, and know what is below /denied.
func readable() []admin.Rule {
	rules := []admin.Rule{{
		Subject: "secrets", Action: []string{"describeSecret"},
		Conditions: map[string]any{"environment": environment, "secretPath": map[string]any{"$glob": "/denied/**"}},
	}}
	for _, path := range []string{"/contract", "/contract/**"} {
		rules = append(rules, admin.Rule{
			Subject: "secrets", Action: []string{"describeSecret", "readValue"},
			Conditions: map[string]any{"environment": environment, "secretPath": map[string]any{"$glob": path}},
		})
	}
	return rules
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// hide takes one secret from what the identity is shown.
func (w *world) hide(t *testing.T, path, field string) {
	t.Helper()
	w.mu.Lock()
	w.hidden = append(w.hidden, admin.Rule{
		Subject: "secrets", Action: []string{"describeSecret", "readValue"}, Inverted: true,
		Conditions: map[string]any{"environment": environment, "secretPath": "/" + path, "secretName": field},
	})
	rules := append(readable(), w.hidden...)
	w.mu.Unlock()
	must(t, w.infisi.ChangeRole(t.Context(), w.project.ID, w.roleID, rules...))
}

func (w *world) at(path string) admin.Place {
	return w.project.At(environment, "/"+strings.Trim(path, "/"))
}

// folder makes a folder and those above it.
func (w *world) folder(t *testing.T, path string) {
	t.Helper()
	parent := ""
	for name := range strings.SplitSeq(path, "/") {
		at := strings.Trim(parent+"/"+name, "/")
		if _, made := w.folders[at]; !made {
			id, err := w.infisi.CreateFolder(t.Context(), w.at(parent), name)
			must(t, err)
			w.folders[at] = id
		}
		parent = at
	}
}

// write makes a folder hold exactly these secrets. The fields hold JSON texts.
func (w *world) write(t *testing.T, path string, fields map[string]string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.folder(t, path)
	had := w.entries[path]
	has := map[string]string{}
	for key, value := range fields {
		var text string
		must(t, json.Unmarshal([]byte(value), &text))
		has[key] = text
		before, known := had[key]
		var err error
		switch {
		case !known:
			_, err = w.infisi.CreateSecret(t.Context(), w.at(path), key, text)
		case before != text:
			_, err = w.infisi.SetSecret(t.Context(), w.at(path), key, text)
		}
		must(t, err)
	}
	for key := range had {
		if _, stays := has[key]; !stays {
			must(t, w.infisi.DeleteSecret(t.Context(), w.at(path), key))
		}
	}
	w.entries[path] = has
}

// remove removes a folder, or its secrets if there are folders in it.
func (w *world) remove(t *testing.T, path string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	holds := false
	for other := range w.folders {
		holds = holds || strings.HasPrefix(other, path+"/")
	}
	if holds {
		for key := range w.entries[path] {
			must(t, w.infisi.DeleteSecret(t.Context(), w.at(path), key))
		}
	} else {
		parent := path[:max(strings.LastIndex(path, "/"), 0)]
		must(t, w.infisi.DeleteFolder(t.Context(), w.at(parent), w.folders[path]))
		delete(w.folders, path)
	}
	delete(w.entries, path)
}

// logins counts the logins that the server was asked for.
func (w *world) logins(*testing.T) int {
	return w.count(func(r simulator.Request) bool { return strings.HasSuffix(r.Path, "/login") })
}

func (w *world) count(which func(simulator.Request) bool) int {
	n := 0
	for _, r := range w.sim.Requests() {
		if which(r) {
			n++
		}
	}
	return n
}

// spec is a backend at the server.
func (w *world) spec(auth v1alpha1.InfisicalAuth) *v1alpha1.InfisicalBackend {
	return &v1alpha1.InfisicalBackend{
		Address: w.sim.Address(), ProjectID: w.project.ID, Environment: environment, Auth: auth,
		TLS: v1alpha1.TLS{CABundle: string(w.sim.CA())},
	}
}

// config is what an operator opens the backend with, as the consumer's namespace.
func (w *world) config(spec *v1alpha1.InfisicalBackend, consumer string) backend.Config {
	_, loopback, err := net.ParseCIDR("127.0.0.0/8")
	if err != nil {
		panic(err) // A constant.
	}
	return backend.Config{
		Spec:                v1alpha1.BackendSpec{Infisical: spec},
		CredentialNamespace: namespace, IdentityNamespace: consumer,
		Credentials: w.source,
		Network:     backend.Network{AllowedCIDRs: []*net.IPNet{loopback}},
		Clock:       clock.RealClock{},
	}
}

func open(t *testing.T, cfg backend.Config) backend.Backend {
	t.Helper()
	b, err := infisical.New().Open(cfg)
	must(t, err)
	return b
}

// kubernetes is an API server with the ServiceAccounts that log in, and the credentials that
// are kept in its Secrets.
type kubernetes struct {
	cluster *cluster.Cluster
	admin   client.Client
	source  *credentials.Source
}

func newKubernetes(t *testing.T) *kubernetes {
	t.Helper()
	c := cluster.ForTest(t, cluster.Options{})
	a, err := client.New(c.Config(), client.Options{Scheme: clientgoscheme.Scheme})
	must(t, err)
	k := &kubernetes{cluster: c, admin: a, source: credentials.New(credentials.Options{Reader: a, Tokens: a})}
	for _, object := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: v1alpha1.DefaultServiceAccount}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: v1alpha1.DefaultServiceAccount}},
	} {
		must(t, a.Create(t.Context(), object))
	}
	return k
}

// keep puts credentials into a Secret that is offered as one, replacing what is there.
func (k *kubernetes) keep(ctx context.Context, t *testing.T, name string, data map[string]string) {
	t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
		Namespace: namespace, Name: name, Labels: map[string]string{v1alpha1.LabelCredential: "true"},
	}}
	must(t, client.IgnoreNotFound(k.admin.Delete(ctx, secret.DeepCopy())))
	secret.StringData = data
	must(t, k.admin.Create(ctx, secret))
}
