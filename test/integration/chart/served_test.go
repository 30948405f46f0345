// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package chart

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/operator"
	"github.com/secretsync/secretsync/test/binaries"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/manifests"
	process "github.com/secretsync/secretsync/test/operator"
)

// apps is the namespace that is served.
const apps = "apps"

// served is a cluster in which Helm installs charts, an operator runs as they say, and two
// Secrets are served: one follows the backend, one is held.
type served struct {
	*cluster.Cluster

	client   client.Client
	dir      string
	binary   string
	operator *process.Operator
}

// TestServedThroughTheLifeOfAnInstallation upgrades from a chart that came before, uninstalls,
// and installs again under another name, the operator running where it is installed.
func TestServedThroughTheLifeOfAnInstallation(t *testing.T) {
	s := newServed(t)
	previous, current := s.packaged(t, "0.0.1"), s.packaged(t, "0.1.0")
	s.mustHelm(t, "install", "first", previous, "--create-namespace")
	s.run(t)
	s.serve(t)
	before := s.secrets(t)
	unchanged := func(after string) {
		t.Helper()
		if diff := cmp.Diff(before, s.secrets(t)); diff != "" {
			t.Errorf("%s (-before +after):\n%s", after, diff)
		}
	}

	s.mustHelm(t, "upgrade", "first", current)
	s.run(t)
	s.refresh(t, "upgraded")
	unchanged("the upgrade")
	s.mustHelm(t, "rollback", "first")
	s.refresh(t, "rolled back")
	unchanged("rolling the release back")

	s.stop(t)
	s.mustHelm(t, "uninstall", "first", "--wait")
	unchanged("uninstalling")

	// What was kept belongs to the first release, until somebody says otherwise.
	if err := s.helm(t, "install", "second", current); err == nil || !strings.Contains(err.Error(), "meta.helm.sh/release-name") {
		t.Errorf("want another release refused for what the first one left, got %v", err)
	}
	s.mustHelm(t, "install", "second", current, "--take-ownership")
	s.run(t)
	s.refresh(t, "installed again")
	unchanged("installing again")

	s.put(t, "follows", "third")
	s.await(t, "a change after all of it", func() bool { return s.password(t, "follows") == "third" })
	if got := s.password(t, "held"); got != "first" {
		t.Errorf("want the held state still, got %q", got)
	}
	s.mustHelm(t, "upgrade", "second", current) // The kept objects are the second release's now.
}

func newServed(t *testing.T) *served {
	t.Helper()
	s := &served{dir: t.TempDir()}
	s.Cluster = cluster.ForTest(t, cluster.Options{ControllerManager: true, Vault: &cluster.VaultOptions{}})
	var err error
	if s.client, err = client.New(s.Config(), client.Options{Scheme: operator.NewScheme()}); err != nil {
		t.Fatal(err)
	}
	if s.binary, err = process.Build(t.Context(), s.dir, "-race"); err != nil {
		t.Fatal(err)
	}
	if err := s.Vault().EnableKV(t.Context(), "secret", 2); err != nil {
		t.Fatal(err)
	}
	return s
}

// packaged returns the chart as a package of that version.
func (s *served) packaged(t *testing.T, version string) string {
	t.Helper()
	root, err := manifests.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.mustHelm(t, "package", filepath.Join(root, "helm", "secretsync"), "--version", version, "--app-version", version, "--destination", s.dir)
	return filepath.Join(s.dir, "secretsync-"+version+".tgz")
}

// helm runs Helm as an administrator of the cluster, in the operator's namespace.
func (s *served) helm(t *testing.T, args ...string) error {
	t.Helper()
	helm, err := binaries.Path(binaries.Helm)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), helm, append(args, "--namespace", namespace, "--kubeconfig", s.Kubeconfig())...)
	command.Env = []string{"HOME=" + s.dir} // so that nobody's plugins and settings count
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Run(); err != nil {
		return fmt.Errorf("helm %s: %w: %s", args[0], err, &out)
	}
	return nil
}

func (s *served) mustHelm(t *testing.T, args ...string) {
	t.Helper()
	if err := s.helm(t, args...); err != nil {
		t.Fatal(err)
	}
}

// run starts the operator with the command line and the identity that the chart gives it, in
// place of the one that ran.
func (s *served) run(t *testing.T) {
	t.Helper()
	s.stop(t)
	args, env, err := render(t, nil).CommandLine()
	if err != nil {
		t.Fatal(err)
	}
	identity, err := s.ServiceAccountConfig(t.Context(), namespace, "secretsync")
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig := filepath.Join(s.dir, "operator.kubeconfig")
	if err := errors.Join(os.RemoveAll(kubeconfig), cluster.WriteKubeconfig(kubeconfig, identity)); err != nil {
		t.Fatal(err)
	}
	p, err := process.New(process.Options{
		Binary: s.binary, Kubeconfig: kubeconfig, LogFile: filepath.Join(s.dir, "operator.log"), Command: args, Env: env,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.operator = p
	t.Cleanup(p.Kill)
}

func (s *served) stop(t *testing.T) {
	t.Helper()
	if s.operator == nil {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.operator.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

// serve serves two states of two Secrets, and goes back to the first with one of them.
func (s *served) serve(t *testing.T) {
	t.Helper()
	meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: apps, Name: name} }
	token := &corev1.Secret{ObjectMeta: meta("token"), StringData: map[string]string{"token": s.Vault().Root().Token()}}
	token.Labels = map[string]string{v1alpha1.LabelCredential: "true"}
	s.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: apps}}, token,
		&v1alpha1.SecretBackend{ObjectMeta: meta("vault"), Spec: v1alpha1.BackendSpec{Vault: &v1alpha1.VaultBackend{
			Address: s.Vault().Address(), Mount: "secret", TLS: v1alpha1.TLS{CABundle: string(s.Vault().CA())},
			Auth: v1alpha1.VaultAuth{Token: &v1alpha1.VaultTokenAuth{SecretRef: v1alpha1.SecretKeyRef{Name: "token", Key: "token"}}},
		}}})
	for _, name := range []string{"follows", "held"} {
		s.put(t, name, "first")
		s.create(t, &v1alpha1.SecretSync{ObjectMeta: meta(name), Spec: v1alpha1.SecretSyncSpec{
			BackendRef: &v1alpha1.BackendRef{Kind: v1alpha1.KindSecretBackend, Name: "vault"},
			Refresh:    v1alpha1.Refresh{Interval: &metav1.Duration{Duration: 5 * time.Second}},
			DataFrom:   []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: name}}},
		}})
		s.await(t, name+" to be served", func() bool { return s.password(t, name) == "first" })
		s.put(t, name, "second")
		s.await(t, "the change of "+name, func() bool { return s.password(t, name) == "second" })
	}
	s.annotate(t, "held", v1alpha1.AnnotationRollbackTo, "1")
	s.await(t, "the way back", func() bool { return s.password(t, "held") == "first" })
	s.refresh(t, "served")
}

func (s *served) create(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		if err := s.client.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *served) put(t *testing.T, name, password string) {
	t.Helper()
	if _, err := s.Vault().Root().KVv2("secret").Put(t.Context(), name, map[string]any{"password": password}); err != nil {
		t.Fatal(err)
	}
}

func (s *served) annotate(t *testing.T, name, annotation, text string) {
	t.Helper()
	patch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, annotation, text))
	sync := &v1alpha1.SecretSync{ObjectMeta: metav1.ObjectMeta{Namespace: apps, Name: name}}
	if err := s.client.Patch(t.Context(), sync, patch); err != nil {
		t.Fatal(err)
	}
}

// refresh has the backend read for both, and waits until the operator says that it did.
func (s *served) refresh(t *testing.T, why string) {
	t.Helper()
	for _, name := range []string{"follows", "held"} {
		s.annotate(t, name, v1alpha1.AnnotationRefresh, why)
		s.await(t, "the refresh of "+name, func() bool {
			var sync v1alpha1.SecretSync
			if err := s.client.Get(t.Context(), client.ObjectKey{Namespace: apps, Name: name}, &sync); err != nil {
				t.Fatal(err)
			}
			handled := sync.Status.LastHandledRefresh
			return handled != nil && handled.Request == why && handled.Result == "Unchanged"
		})
	}
}

func (s *served) password(t *testing.T, name string) string {
	t.Helper()
	var secret corev1.Secret
	if err := s.client.Get(t.Context(), client.ObjectKey{Namespace: apps, Name: name}, &secret); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	return string(secret.Data["password"])
}

// secrets tells of every Secret of the namespace what it holds and when it was last written.
func (s *served) secrets(t *testing.T) map[string]string {
	t.Helper()
	var list corev1.SecretList
	if err := s.client.List(t.Context(), &list, client.InNamespace(apps)); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for i := range list.Items {
		secret := &list.Items[i]
		found[secret.Name] = fmt.Sprintf("%s %q, uid %s, version %s", secret.Type, secret.Data["password"], secret.UID, secret.ResourceVersion)
	}
	if want := 2 + 4 + 1; len(found) != want {
		t.Errorf("want %d Secrets: two targets, two revisions of each, a credential; got %v", want, found)
	}
	return found
}

func (s *served) await(t *testing.T, what string, there func() bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, 2*time.Minute, true, func(context.Context) (bool, error) { return there(), nil })
	if err != nil {
		t.Fatalf("waiting for %s: %v\n%s", what, err, s.operator.Log())
	}
}
