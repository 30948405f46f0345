// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/bench/measure"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

const (
	// infisicalBackend is the ClusterSecretBackend of the entries in Infisical.
	infisicalBackend = "infisical"
	// infisicalEnvironment is where they are.
	infisicalEnvironment = "dev"
	// infisicalFolders are shared by the fleet.
	infisicalFolders = 20
	// unchangedTarget is the least share of lists that say no more than that nothing changed.
	unchangedTarget = 0.95
)

// readInfisical measures what objects cost that share a few folders of Infisical and do not
// change, and then what logins leave behind.
func readInfisical(ctx context.Context, s *suite) (err error) {
	server, err := startInfisical(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if err := s.shareFolders(ctx, server); err != nil {
		return err
	}
	return s.logInOften(ctx, server)
}

// shareFolders measures the operator at rest.
func (s *suite) shareFolders(ctx context.Context, server *infisicalServer) (err error) {
	n := s.sizes(1000)[0]
	w, err := s.newWorld(ctx, cluster.AuditMetadata)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	f := newFleet("a", n, s.interval)
	f.folders, f.backend = infisicalFolders, infisicalBackend
	if err := server.seed(ctx, f); err != nil {
		return err
	}
	if err := w.declareInfisical(ctx, server); err != nil {
		return err
	}
	if _, err := w.declare(ctx, f); err != nil {
		return err
	}
	if _, err := w.sync(ctx, f); err != nil {
		return err
	}
	begin := time.Now()
	server.Forget()
	rest, err := w.rest(ctx, f, s.intervals, 0)
	if err != nil {
		return err
	}
	lists := listsOf(server.Requests(), time.Since(begin).Seconds()/f.interval.Seconds())
	s.judgeRequests(fmt.Sprintf("%d objects over %d folders of Infisical at %s over %d intervals", n, f.folders, f.interval, s.intervals), rest)
	s.judgeLists(lists)
	return nil
}

// infisicalServer is a simulated Infisical with a project and somebody who may read it.
type infisicalServer struct {
	*infisical.Simulator

	admin   *admin.Client
	project admin.Project
	login   admin.Universal
}

func startInfisical(ctx context.Context) (*infisicalServer, error) {
	simulator, err := infisical.Start(infisical.Options{TLS: true})
	if err != nil {
		return nil, fmt.Errorf("starting an Infisical: %w", err)
	}
	server := &infisicalServer{Simulator: simulator}
	if err := server.furnish(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing Infisical: %w", err), simulator.Close())
	}
	return server, nil
}

func (i *infisicalServer) furnish(ctx context.Context) (err error) {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(i.CA())
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	if i.admin, err = admin.Bootstrap(ctx, i.Address(), client); err != nil {
		return err
	}
	if i.project, err = i.admin.CreateProject(ctx, "bench"); err != nil {
		return err
	}
	reader, err := i.admin.CreateIdentity(ctx, "bench")
	if err != nil {
		return err
	}
	if err := i.admin.Join(ctx, i.project.ID, reader.ID, "viewer"); err != nil {
		return err
	}
	i.login, err = i.admin.AllowUniversal(ctx, reader.ID, admin.Tokens{})
	return err
}

// seed makes the folders of a fleet: all lie in one, each has an entry's values.
func (i *infisicalServer) seed(ctx context.Context, f fleet) error {
	top, _, _ := strings.Cut(f.path(0), "/")
	if _, err := i.admin.CreateFolder(ctx, i.project.At(infisicalEnvironment, "/"), top); err != nil {
		return fmt.Errorf("preparing Infisical: %w", err)
	}
	return each(ctx, len(f.paths()), func(ctx context.Context, n int) error {
		_, name, _ := strings.Cut(f.path(n), "/")
		if _, err := i.admin.CreateFolder(ctx, i.project.At(infisicalEnvironment, "/"+top), name); err != nil {
			return fmt.Errorf("preparing Infisical: %w", err)
		}
		values := map[string]string{}
		for key, value := range entry("first") {
			values[key] = fmt.Sprint(value)
		}
		return i.admin.CreateSecrets(ctx, i.project.At(infisicalEnvironment, "/"+f.path(n)), values)
	})
}

// spec is a backend that reads the project as the reader, whose client secret a Secret of
// that name holds.
func (i *infisicalServer) spec(credential string) v1alpha1.BackendSpec {
	return v1alpha1.BackendSpec{
		Infisical: &v1alpha1.InfisicalBackend{
			Address: i.Address(), ProjectID: i.project.ID, Environment: infisicalEnvironment,
			TLS: v1alpha1.TLS{CABundle: string(i.CA())},
			Auth: v1alpha1.InfisicalAuth{Universal: &v1alpha1.InfisicalUniversalAuth{
				ClientID: i.login.ClientID, ClientSecretRef: v1alpha1.SecretKeyRef{Name: credential, Key: clientSecretKey},
			}},
		},
		Limits: v1alpha1.Limits{ReadsPerSecond: new(int32(10000)), Burst: new(int32(10000))},
	}
}

// clientSecretKey is the key, in a Secret, of what a login shows.
const clientSecretKey = "clientSecret"

// declareInfisical makes the backend of the entries in Infisical.
func (w *world) declareInfisical(ctx context.Context, server *infisicalServer) error {
	credential := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: infisicalBackend, Labels: map[string]string{v1alpha1.LabelCredential: "true"}},
		StringData: map[string]string{clientSecretKey: server.login.ClientSecret},
	}
	backend := &v1alpha1.ClusterSecretBackend{ObjectMeta: metav1.ObjectMeta{Name: infisicalBackend}}
	backend.Spec.BackendSpec = server.spec(credential.Name)
	backend.Spec.Allow = v1alpha1.Allow{Namespaces: &v1alpha1.NamespaceSelection{}, Paths: []string{"**"}}
	for _, object := range []client.Object{credential, backend} {
		if err := w.client.Create(ctx, object); err != nil {
			return fmt.Errorf("creating %T: %w", object, err)
		}
	}
	return nil
}

// lists are requests of folders.
type lists struct {
	// intervals is how long they were counted.
	intervals float64
	// all of them, and those that were answered with no more than that nothing changed.
	all, unchanged int
	// others are requests of any other kind.
	others int
}

func listsOf(requests []infisical.Request, intervals float64) lists {
	l := lists{intervals: intervals}
	for _, request := range requests {
		switch {
		case request.Method != http.MethodGet || request.Path != "/api/v4/secrets":
			l.others++
		case request.Status == http.StatusNotModified:
			l.unchanged++
			fallthrough
		default:
			l.all++
		}
	}
	return l
}

func (s *suite) judgeLists(l lists) {
	perInterval, unchanged := float64(l.all)/l.intervals, float64(l.unchanged)/float64(max(l.all, 1))
	s.add(measure.Row{
		What: "the same, lists of folders per interval", Measured: fmt.Sprintf("%.1f", perInterval),
		Target: fmt.Sprintf("<= %d", infisicalFolders), Verdict: measure.Judge(l.all > 0 && math.Round(perInterval) <= infisicalFolders),
	})
	s.add(measure.Row{
		What: "the same, lists answered 304", Measured: fmt.Sprintf("%.1f %%", 100*unchanged),
		Target: fmt.Sprintf(">= %.0f %%", 100*unchangedTarget), Verdict: measure.Judge(unchanged >= unchangedTarget),
	})
	s.note("at rest Infisical was asked for %d lists in %.1f intervals, and for %d other things", l.all, l.intervals, l.others)
}
