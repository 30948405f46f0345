// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/marker"
)

var shared = cluster.NewShared(cluster.Options{Vault: &cluster.VaultOptions{Audit: true}}) //nolint:gochecknoglobals // One cluster serves all tests.

// binary is the helper, built once.
var binary struct { //nolint:gochecknoglobals // One binary serves all tests.
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := shared.Main(m)
	_ = os.RemoveAll(binary.dir)
	os.Exit(code)
}

func helper(t *testing.T) string {
	t.Helper()
	binary.once.Do(func() {
		if binary.dir, binary.err = os.MkdirTemp("", "bootstrap"); binary.err != nil { //nolint:usetesting // it outlives this test
			return
		}
		build := exec.Command("go", "build", "-o", binary.dir, "./cmd/secretsync-bootstrap")
		build.Dir = "../../.."
		if output, err := build.CombinedOutput(); err != nil {
			binary.err = fmt.Errorf("building the helper: %w\n%s", err, output)
		}
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return filepath.Join(binary.dir, "secretsync-bootstrap")
}

// world is a namespace, a KV mount and a plan of one test.
type world struct {
	*cluster.Cluster

	marks  marker.Set
	name   string // of the namespace and of the mount
	dir    string
	client kubernetes.Interface
	env    map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Cluster: shared.Get(t), dir: t.TempDir()}
	client, err := kubernetes.NewForConfig(w.Config())
	must(t, err)
	namespace, err := client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "boot-"}}, metav1.CreateOptions{})
	must(t, err)
	w.name, w.client = namespace.Name, client
	must(t, w.Vault().EnableKV(t.Context(), w.name, 2))
	must(t, os.WriteFile(filepath.Join(w.dir, "ca.pem"), w.Vault().CA(), 0o600))
	token := w.Vault().Root().Token()
	w.marks.Add("Vault token", token)
	w.env = map[string]string{"KUBECONFIG": w.Kubeconfig(), "VAULT_TOKEN": token, "HOME": w.dir, "PATH": os.Getenv("PATH")}
	return w
}

// plan writes a plan with these values for the environments prod and test.
func (w *world) plan(t *testing.T, values ...string) {
	t.Helper()
	vault := fmt.Sprintf("{address: %q, caFile: ca.pem}", w.Vault().Address())
	text := "apiVersion: bootstrap.secretsync.io/v1alpha1\nkind: Bootstrap\nenvironments:\n" +
		"  prod: {vault: " + vault + "}\n" +
		"  test: {vault: " + vault + ", instances: \"pr-[0-9]+\"}\n" +
		"values:\n"
	for _, value := range values {
		text += "- " + strings.ReplaceAll(value, "NS", w.name) + "\n"
	}
	must(t, os.WriteFile(filepath.Join(w.dir, "bootstrap.yaml"), []byte(text), 0o600))
}

// result is how a run of the helper ended.
type result struct {
	code           int
	stdout, stderr string
}

// run runs the helper in the world's folder, and searches what it says for every marker.
func (w *world) run(t *testing.T, args ...string) result {
	t.Helper()
	r := w.runQuietly(t, "", args...)
	w.search(t, strings.Join(args, " "), r)
	return r
}

func (w *world) search(t *testing.T, what string, r result) {
	t.Helper()
	for where, text := range map[string]string{"stdout": r.stdout, "stderr": r.stderr} {
		for _, finding := range w.marks.Find(text) {
			t.Errorf("%s of %s: %s", where, what, finding)
		}
	}
}

// runQuietly runs the helper and searches nothing.
func (w *world) runQuietly(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	command := exec.CommandContext(t.Context(), helper(t), args...)
	command.Dir, command.Stdin = w.dir, strings.NewReader(stdin)
	for name, value := range w.env {
		command.Env = append(command.Env, name+"="+value)
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	return result{code: command.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
}

// want fails the test unless a run ended with this code and said these words.
func (r result) want(t *testing.T, code int, words ...string) result {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit code %d, want %d\n%s\n%s", r.code, code, r.stdout, r.stderr)
	}
	for _, word := range words {
		if !strings.Contains(r.stdout+r.stderr, word) {
			t.Errorf("nothing says %q:\n%s\n%s", word, r.stdout, r.stderr)
		}
	}
	return r
}

// object decodes what -o json printed.
func (r result) object(t *testing.T) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(r.stdout), &object); err != nil {
		t.Fatalf("%v in %s", err, r.stdout)
	}
	return object
}

// secret returns a key of a Secret, empty if there is none.
func (w *world) secret(t *testing.T, name, key string) string {
	t.Helper()
	secrets, err := w.client.CoreV1().Secrets(w.name).List(t.Context(), metav1.ListOptions{})
	must(t, err)
	for _, secret := range secrets.Items {
		if secret.Name == name {
			return string(secret.Data[key])
		}
	}
	return ""
}

// entry returns a field of an entry in Vault, empty if there is none.
func (w *world) entry(t *testing.T, path, field string) string {
	t.Helper()
	secret, err := w.Vault().Root().Logical().ReadWithContext(t.Context(), w.name+"/data/"+path)
	must(t, err)
	if secret == nil {
		return ""
	}
	data, _ := secret.Data["data"].(map[string]any)
	text, _ := data[field].(string)
	return text
}

func (w *world) put(ctx context.Context, t *testing.T, path, field, value string) {
	t.Helper()
	_, err := w.Vault().Root().KVv2(w.name).Put(ctx, path, map[string]any{field: value})
	must(t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
