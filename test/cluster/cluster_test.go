// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/secretsync/secretsync/test/binaries"
)

// patience bounds waiting for what takes a second or two.
const patience = 30 * time.Second

var shared = NewShared(Options{Audit: AuditBodies, ControllerManager: true, Vault: &VaultOptions{Audit: true}}) //nolint:gochecknoglobals // One cluster serves all tests.

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// client is a client with every right.
func client(t *testing.T, c *Cluster) *kubernetes.Clientset {
	t.Helper()
	k, err := kubernetes.NewForConfig(c.Config())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// newNamespace makes a namespace with the ServiceAccount app.
func newNamespace(t *testing.T, c *Cluster) string {
	t.Helper()
	k := client(t, c)
	namespace, err := k.CoreV1().Namespaces().Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.CoreV1().ServiceAccounts(namespace.Name).Create(t.Context(),
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "app"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return namespace.Name
}

func newSecret(t *testing.T, c *Cluster, namespace string) *corev1.Secret {
	t.Helper()
	secret, err := client(t, c).CoreV1().Secrets(namespace).Create(t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "kept"},
		Data:       map[string][]byte{"key": []byte("value")},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// await asks until the answer is true.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waiting in vain: %s", what)
		}
	}
}

func TestControllersRun(t *testing.T) {
	c := shared.Get(t)
	k, namespace := client(t, c), newNamespace(t, c)
	await(t, "the default ServiceAccount is made", func() bool {
		_, err := k.CoreV1().ServiceAccounts(namespace).Get(t.Context(), "default", metav1.GetOptions{})
		return err == nil
	})

	owner := newSecret(t, c, namespace)
	owned := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
		Name:            "owned",
		OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Secret", Name: owner.Name, UID: owner.UID}},
	}}
	if _, err := k.CoreV1().Secrets(namespace).Create(t.Context(), owned, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := k.CoreV1().Secrets(namespace).Delete(t.Context(), owner.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	await(t, "what the deleted object owned is collected", func() bool {
		list, err := k.CoreV1().Secrets(namespace).List(t.Context(), metav1.ListOptions{})
		return err == nil && len(list.Items) == 0
	})

	if err := k.CoreV1().Namespaces().Delete(t.Context(), namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	await(t, "the namespace goes", func() bool {
		list, err := k.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=" + namespace})
		return err == nil && len(list.Items) == 0
	})
}

func TestAPIServerRestartKeepsObjects(t *testing.T) {
	c := shared.Get(t)
	namespace := newNamespace(t, c)
	before := newSecret(t, c, namespace)
	c.APIServer().Kill()
	if _, err := client(t, c).CoreV1().Secrets(namespace).Get(t.Context(), before.Name, metav1.GetOptions{}); err == nil {
		t.Error("a killed API server answers")
	}
	restart(t, c.APIServer().Restart)
	sameSecret(t, c, before)
}

func TestEtcdRestartKeepsObjects(t *testing.T) {
	c := shared.Get(t)
	before := newSecret(t, c, newNamespace(t, c))
	restart(t, c.Etcd().Restart)
	await(t, "the API server finds etcd again", func() bool {
		_, err := client(t, c).CoreV1().Secrets(before.Namespace).Get(t.Context(), before.Name, metav1.GetOptions{})
		return err == nil
	})
	sameSecret(t, c, before)
}

func restart(t *testing.T, server func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	if err := server(ctx); err != nil {
		t.Fatal(err)
	}
}

func sameSecret(t *testing.T, c *Cluster, before *corev1.Secret) {
	t.Helper()
	after, err := client(t, c).CoreV1().Secrets(before.Namespace).Get(t.Context(), before.Name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if after.UID != before.UID || after.ResourceVersion != before.ResourceVersion {
		t.Errorf("the object is another one: %s/%s, was %s/%s", after.UID, after.ResourceVersion, before.UID, before.ResourceVersion)
	}
}

func TestPausedAPIServerHangs(t *testing.T) {
	c := shared.Get(t)
	if err := c.APIServer().Pause(); err != nil {
		t.Fatal(err)
	}
	config := c.Config()
	config.Timeout = 200 * time.Millisecond
	k, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.CoreV1().Namespaces().Get(t.Context(), "default", metav1.GetOptions{})
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("a frozen API server: error %v, want a timeout", err)
	}
	if err := c.APIServer().Resume(); err != nil {
		t.Fatal(err)
	}
	if _, err := client(t, c).CoreV1().Namespaces().Get(t.Context(), "default", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
}

func TestFailedStartTellsWhyAndLeavesNothing(t *testing.T) {
	cases := map[string]struct {
		reason  string
		options Options
		want    string
	}{
		"APIServer": {
			reason:  "the error is the failed server's, with its log",
			options: Options{APIServerArgs: []string{"--no-such-flag"}},
			want:    "unknown flag: --no-such-flag",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
			defer cancel()
			_, err := Start(ctx, tc.options)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: Start = %v, want an error with %q", tc.reason, err, tc.want)
			}
			left, err := filepath.Glob(filepath.Join(os.TempDir(), "secretsync-cluster-*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %q (%v)", left, err)
			}
		})
	}
}

func TestStopEndsEveryServer(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	dir := filepath.Join(t.TempDir(), "given")
	c, err := Start(ctx, Options{Dir: dir, Vault: &VaultOptions{}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if c.Etcd().Running() || c.APIServer().Running() || c.Vault().Server().Running() {
		t.Error("a server runs after Stop")
	}
	for _, address := range []string{c.Host(), c.Vault().Address()} {
		if conn, err := net.Dial("tcp", strings.TrimPrefix(address, "https://")); err == nil { //nolint:noctx // Refused at once.
			t.Errorf("somebody listens at %s", address)
			_ = conn.Close()
		}
	}
	if _, err := os.Stat(c.APIServer().LogFile()); err != nil {
		t.Errorf("a given folder does not stay: %v", err)
	}
	if err := c.Stop(); err != nil {
		t.Errorf("a second Stop: %v", err)
	}
	if _, err := Start(ctx, Options{Dir: dir}); err == nil {
		t.Error("a folder in use is taken")
	}
}

func TestTemporaryFolderGoes(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	v, err := StartVault(ctx, VaultOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(v.Dir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the temporary folder after Stop: %v, want %v", err, fs.ErrNotExist)
	}
}

func TestMissingBinariesFailTheStart(t *testing.T) {
	t.Setenv("SECRETSYNC_CACHE", t.TempDir())
	for name, start := range map[string]func() error{
		"Cluster": func() error { _, err := Start(t.Context(), Options{}); return err },
		"Vault":   func() error { _, err := StartVault(t.Context(), VaultOptions{}); return err },
	} {
		t.Run(name, func(t *testing.T) {
			if err := start(); !errors.Is(err, binaries.ErrMissing) {
				t.Errorf("Start = %v, want an error that is %v", err, binaries.ErrMissing)
			}
		})
	}
}

// status is the HTTP status of a Vault error, 0 for any other.
func status(err error) int {
	if response, ok := errors.AsType[*api.ResponseError](err); ok {
		return response.StatusCode
	}
	return 0
}
