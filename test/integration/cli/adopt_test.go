// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// store is what the ExternalSecrets of these tests read.
const store = `
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: vault}
spec: {provider: {vault: {server: "https://vault.corp.example", path: secret, auth: {tokenSecretRef: {name: t, key: t}}}}}
`

// externals writes a file with ExternalSecrets, each for the Secret of its name or for another.
func externals(t *testing.T, policy string, secrets map[string]string) string {
	t.Helper()
	text := store
	for name, secret := range secrets {
		text += fmt.Sprintf(`---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: %s}
spec:
  secretStoreRef: {name: vault}
  target: {name: %s, creationPolicy: %s}
  dataFrom: [{extract: {key: app}}]
`, name, secret, policy)
	}
	file := filepath.Join(t.TempDir(), "theirs.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// served makes a Secret as another operator left it.
func (w *world) served(name string, annotations map[string]string) {
	w.t.Helper()
	w.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name, Annotations: annotations, Labels: map[string]string{"app": name}},
		Data:       map[string][]byte{"password": []byte(hush + name)},
	})
}

// adopters returns by whom the Secrets may be taken over.
func (w *world) adopters() map[string]string {
	w.t.Helper()
	adopters := map[string]string{}
	for _, secret := range w.secrets() {
		if by := secret.Annotations[v1alpha1.AnnotationAdoptBy]; by != "" {
			adopters[secret.Name] = by
		}
		if got := string(secret.Data["password"]); got != hush+secret.Name {
			w.t.Errorf("Secret %s was changed", secret.Name)
		}
	}
	return adopters
}

// TestAdoptGoesOn: of 200 Secrets somebody may annotate every other. Each that could not be is
// named, and somebody else goes on with those; a third time there is nothing to do.
func TestAdoptGoesOn(t *testing.T) {
	w := newWorld(t)
	secrets, want, mine := map[string]string{}, map[string]string{}, []string{}
	for i := range 200 {
		name := fmt.Sprintf("app-%03d", i)
		w.served(name, nil)
		secrets[name] = name
		if i%2 == 0 {
			mine, want[name] = append(mine, name), name
		}
	}
	file := externals(t, "Owner", secrets)
	few := rule("", []string{"secrets"}, []string{"patch"})
	few.ResourceNames = mine
	half := w.as("half", rule("", []string{"secrets"}, []string{"get"}), few)
	r := half.run("convert", "-f", file, "--adopt", "--yes")
	if r.err == nil || strings.Count(r.err.Error(), "forbidden") != 100 {
		t.Errorf("not every Secret is named that was not annotated: %v", r.err)
	}
	says(t, r.errOut, "Next:", "kubectl delete externalsecrets.external-secrets.io -n "+w.namespace+" app-000 --cascade=orphan")
	if strings.Contains(r.errOut, "app-001 --cascade") {
		t.Error("what could not be annotated is to be deleted")
	}
	if diff := cmp.Diff(want, w.adopters()); diff != "" {
		t.Errorf("after the first run: %s", diff)
	}

	w.good("convert", "-f", file, "--adopt", "--yes")
	if diff := cmp.Diff(secrets, w.adopters()); diff != "" {
		t.Errorf("after the second run: %s", diff)
	}
	before := w.versions()
	w.good("convert", "-f", file, "--adopt", "--yes")
	if diff := cmp.Diff(before, w.versions()); diff != "" {
		t.Errorf("the third run wrote: %s", diff)
	}
}

// versions returns the resource versions of the Secrets.
func (w *world) versions() map[string]string {
	w.t.Helper()
	versions := map[string]string{}
	for _, secret := range w.secrets() {
		versions[secret.Name] = secret.ResourceVersion
	}
	return versions
}

func (w *world) secrets() []corev1.Secret {
	w.t.Helper()
	var list corev1.SecretList
	if err := w.client.List(w.t.Context(), &list, client.InNamespace(w.namespace)); err != nil {
		w.t.Fatal(err)
	}
	return list.Items
}

// TestAdoptLeavesOthersAlone: what belongs to another SecretSync, or is promised to one, stays.
func TestAdoptLeavesOthersAlone(t *testing.T) {
	w := newWorld(t)
	w.served("taken", map[string]string{v1alpha1.AnnotationOwner: w.namespace + "/other"})
	w.served("promised", map[string]string{v1alpha1.AnnotationAdoptBy: "other"})
	w.served("mine", map[string]string{v1alpha1.AnnotationOwner: w.namespace + "/mine"})
	before := w.versions()
	r := w.run("convert", "-f", externals(t, "Owner", map[string]string{"taken": "taken", "promised": "promised", "mine": "mine", "absent": "absent"}), "--adopt")
	if r.err != nil {
		t.Fatal(r.err)
	}
	says(t, r.errOut, "no Secret "+w.namespace+"/absent yet", "/mine: is SecretSync mine's already", "/promised: stays as it is: SecretSync other may",
		"/taken: stays as it is: it is SecretSync "+w.namespace+"/other's", "mine --cascade=orphan")
	if diff := cmp.Diff(before, w.versions()); diff != "" {
		t.Errorf("something was written: %s", diff)
	}
}

// TestAdoptOneAfterAnother: two may merge keys into one Secret, and one of them is let in at a
// time.
func TestAdoptOneAfterAnother(t *testing.T) {
	w := newWorld(t)
	w.served("shared", nil)
	file := externals(t, "Merge", map[string]string{"first": "shared", "second": "shared"})
	r := w.run("convert", "-f", file, "--adopt", "--yes")
	if r.err != nil {
		t.Fatal(r.err)
	}
	says(t, r.errOut, "SecretSync first comes first", "kubectl annotate secret -n "+w.namespace+" shared secretsync.io/adopt-by-")
	if diff := cmp.Diff(map[string]string{"shared": "first"}, w.adopters()); diff != "" {
		t.Error(diff)
	}
	w.patch("shared", `{"metadata":{"annotations":{"secretsync.io/adopt-by":null,"merge.secretsync.io/first":"{}"}}}`)
	w.good("convert", "-f", file, "--adopt", "--yes")
	if diff := cmp.Diff(map[string]string{"shared": "second"}, w.adopters()); diff != "" {
		t.Error(diff)
	}
}

func (w *world) patch(secret, patch string) {
	w.t.Helper()
	object := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: secret}}
	if err := w.client.Patch(w.t.Context(), object, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
		w.t.Fatal(err)
	}
}

// TestAdoptAnotherOfTheName: a Secret that was made anew between the look at it and the answer
// to the question is not the one that was looked at.
func TestAdoptAnotherOfTheName(t *testing.T) {
	w := newWorld(t)
	w.served("db", nil)
	w.stdin = "yes\n"
	w.meanwhile = func() {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "db"}}
		if err := w.client.Delete(t.Context(), secret); err != nil {
			t.Error(err)
		}
		w.served("db", nil)
	}
	w.bad("convert", "-f", externals(t, "Owner", map[string]string{"db": "db"}), "--adopt")
	if got := w.adopters(); len(got) != 0 {
		t.Errorf("it was annotated: %v", got)
	}
}

// TestAdoptWithoutRights: whoever may not look at a Secret, or not write it, is told which
// right is lacking, and the objects are printed all the same.
func TestAdoptWithoutRights(t *testing.T) {
	w := newWorld(t)
	w.served("db", nil)
	file := externals(t, "Owner", map[string]string{"db": "db"})
	for name, tc := range map[string]struct{ verbs, lacks []string }{
		"eve":   {lacks: []string{"forbidden", `verbs: ["get"]`}},
		"peter": {verbs: []string{"get"}, lacks: []string{"forbidden", `verbs: ["patch"]`}},
	} {
		user := w.as(name)
		if tc.verbs != nil {
			user = w.as(name, rule("", []string{"secrets"}, tc.verbs))
		}
		r := user.run("convert", "-f", file, "--adopt", "--yes")
		if r.err == nil {
			t.Fatalf("%s: it is said to be done", name)
		}
		says(t, r.err.Error(), tc.lacks...)
		says(t, r.out, "kind: SecretBackend", "kind: SecretSync")
		if strings.Contains(r.errOut, "Next:") {
			t.Errorf("%s: it is told to go on", name)
		}
	}
	if got := w.adopters(); len(got) != 0 {
		t.Errorf("it was annotated: %v", got)
	}
}

// TestConvertAmongOtherFiles: values of a chart that lie among the manifests are told and left out;
// where nothing else is, it is an error.
func TestConvertAmongOtherFiles(t *testing.T) {
	w := newWorld(t)
	file := externals(t, "Owner", map[string]string{"db": "db"})
	values := filepath.Join(filepath.Dir(file), "values.yaml")
	if err := os.WriteFile(values, []byte("replicas: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := w.run("convert", "-f", filepath.Dir(file))
	if r.err != nil {
		t.Fatal(r.err)
	}
	says(t, r.errOut, "left out", "values.yaml")
	says(t, r.out, "kind: SecretBackend", "kind: SecretSync", "name: db")
	says(t, w.bad("convert", "-f", values), "values.yaml")
}
