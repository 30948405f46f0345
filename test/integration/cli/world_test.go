// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/cli"
	"github.com/secretsync/secretsync/pkg/poll"
	"github.com/secretsync/secretsync/pkg/revision"
	"github.com/secretsync/secretsync/test/cluster"
	"github.com/secretsync/secretsync/test/manifests"
)

var shared = cluster.NewShared(cluster.Options{}) //nolint:gochecknoglobals // One cluster serves all tests.

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// installed makes the CRDs once, whichever test comes first.
var installed sync.Once //nolint:gochecknoglobals // One cluster serves all tests.

// hush is in every value, so that a value that shows is seen.
const hush = "hush-"

// world is a namespace, and a person at a command line who works in it.
type world struct {
	t          *testing.T
	client     client.Client
	namespace  string
	kubeconfig string
	// stdin is what the person types, after what somebody else does meanwhile, if anything.
	stdin     string
	meanwhile func()
	// anywhere leaves the flag --namespace out.
	anywhere bool
}

// typist types a text, once something else has happened.
type typist struct {
	first func()
	text  io.Reader
}

func (t *typist) Read(p []byte) (int, error) {
	if t.first != nil {
		t.first()
		t.first = nil
	}
	return t.text.Read(p)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c := shared.Get(t)
	scheme := clientgoscheme.Scheme
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	admin, err := client.New(c.Config(), client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	installed.Do(func() { err = manifests.ApplyCRDs(t.Context(), admin) })
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, client: admin, kubeconfig: c.Kubeconfig()}
	w.namespace = w.newNamespace()
	return w
}

func (w *world) newNamespace() string {
	w.t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "cli-"}}
	w.create(namespace)
	// Without it, which a controller would make, there can be no Pod.
	w.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace.Name, Name: "default"}})
	return namespace.Name
}

func (w *world) create(object client.Object) {
	w.t.Helper()
	if err := w.client.Create(w.t.Context(), object); err != nil {
		w.t.Fatalf("creating %T: %v", object, err)
	}
}

// as returns the world of a user who has these rights in the namespace, and no other.
func (w *world) as(user string, rules ...rbacv1.PolicyRule) *world {
	w.t.Helper()
	config, err := shared.Get(w.t).UserConfig(user)
	if err != nil {
		w.t.Fatal(err)
	}
	path := filepath.Join(w.t.TempDir(), user)
	if err := cluster.WriteKubeconfig(path, config); err != nil {
		w.t.Fatal(err)
	}
	w.allow(user, w.namespace, rules...)
	other := *w
	other.kubeconfig = path
	return &other
}

func (w *world) allow(user, namespace string, rules ...rbacv1.PolicyRule) {
	w.t.Helper()
	meta := metav1.ObjectMeta{Namespace: namespace, GenerateName: "cli-"}
	role := &rbacv1.Role{ObjectMeta: meta, Rules: rules}
	w.create(role)
	w.create(&rbacv1.RoleBinding{
		ObjectMeta: meta,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	})
}

func rule(group string, resources, verbs []string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: resources, Verbs: verbs}
}

// result is what a command printed and returned.
type result struct {
	out, errOut string
	err         error
}

// run runs the plugin as main does. No output may show a value, unless --reveal is given.
func (w *world) run(args ...string) result {
	w.t.Helper()
	var out, errOut bytes.Buffer
	command := cli.New(cli.Options{
		IOStreams: genericiooptions.IOStreams{In: &typist{first: w.meanwhile, text: strings.NewReader(w.stdin)}, Out: &out, ErrOut: &errOut},
		Clock:     clock.RealClock{}, Zone: time.UTC, Version: "v1.2.3",
	})
	where := []string{"--kubeconfig", w.kubeconfig}
	if !w.anywhere {
		where = append(where, "--namespace", w.namespace)
	}
	if len(args) > 0 && args[0] == "__complete" {
		args = slices.Concat(args[:2], where, args[2:])
	} else {
		args = append(args, where...)
	}
	command.SetArgs(args)
	err := command.ExecuteContext(w.t.Context())
	r := result{out: out.String(), errOut: errOut.String(), err: err}
	if text := r.out + r.errOut + fmt.Sprint(err); strings.Contains(text, hush) && !slices.Contains(args, "--reveal") {
		w.t.Errorf("%q shows a value:\n%s", args, text)
	}
	return r
}

// good runs a command that must succeed and returns what it printed.
func (w *world) good(args ...string) string {
	w.t.Helper()
	r := w.run(args...)
	if r.err != nil {
		w.t.Fatalf("%q: %v\n%s%s", args, r.err, r.out, r.errOut)
	}
	return r.out
}

// bad runs a command that must fail and returns what it said.
func (w *world) bad(args ...string) string {
	w.t.Helper()
	r := w.run(args...)
	if r.err == nil {
		w.t.Fatalf("%q did not fail:\n%s%s", args, r.out, r.errOut)
	}
	return r.err.Error()
}

// says fails the test unless the text contains all the parts, in their order.
func says(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Errorf("want %q (of %q, in that order) in:\n%s", part, parts, text)
			return
		}
		rest = after
	}
}

// start is when the first revision of every SecretSync was observed; one follows an hour
// after the other.
func start() time.Time { return time.Now().UTC().Add(-5 * time.Hour).Truncate(time.Second) }

// states are what the three revisions of every SecretSync hold: a password that changes,
// and a URL that the last one adds.
func states() []map[string][]byte {
	return []map[string][]byte{
		{"USER": []byte(hush + "u"), "PASSWORD": []byte(hush + "1")},
		{"USER": []byte(hush + "u"), "PASSWORD": []byte(hush + "2")},
		{"USER": []byte(hush + "u"), "PASSWORD": []byte(hush + "3"), "URL": []byte(hush + "url")},
	}
}

// sync makes a SecretSync as the operator leaves it after three states: revisions, target, status.
func (w *world) sync(namespace, name string, edits ...func(*v1alpha1.SecretSync)) *v1alpha1.SecretSync {
	w.t.Helper()
	s := &v1alpha1.SecretSync{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"app": "shop"}},
		Spec: v1alpha1.SecretSyncSpec{
			BackendRef: &v1alpha1.BackendRef{Kind: v1alpha1.KindClusterSecretBackend, Name: "vault"},
			Data: []v1alpha1.DataItem{{
				SecretKey: "PASSWORD",
				From:      v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{Path: "shop/db"}, Field: "password"},
			}},
			DataFrom: []v1alpha1.DataFrom{{Entry: &v1alpha1.EntrySource{Path: "shop/config"}}},
		},
	}
	for _, edit := range edits {
		edit(s)
	}
	w.create(s)
	for i, data := range states() {
		w.serve(s, int64(i+1), start().Add(time.Duration(i)*time.Hour), data)
	}
	s.Status.Conditions = []metav1.Condition{condition(v1alpha1.ConditionReady, metav1.ConditionTrue, "Serving", "serves the newest")}
	w.updateStatus(s)
	w.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: s.TargetName(), Annotations: map[string]string{
			v1alpha1.AnnotationOwner: namespace + "/" + name, v1alpha1.AnnotationRevision: "3",
		}},
		Type: corev1.SecretTypeOpaque,
		Data: states()[2],
	})
	return s
}

func (w *world) serve(s *v1alpha1.SecretSync, number int64, at time.Time, data map[string][]byte) {
	w.t.Helper()
	version := strconv.FormatInt(number, 10)
	w.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: s.Namespace, Name: revision.ID{Name: s.Name, Number: number}.SecretName(),
			Annotations: map[string]string{
				"secretsync.io/revision-type": "Opaque",
				"secretsync.io/sources": fmt.Sprintf(`[{"backend":%q,"path":"shop/db","version":%q},{"backend":%q,"path":"shop/config","version":"7"}]`,
					backendKey(s), version, backendKey(s)),
			},
		},
		Type: v1alpha1.SecretTypeRevision, Immutable: new(true), Data: data,
	})
	status := &s.Status
	status.ServingRevision, status.NewestRevision = number, number
	status.History = slices.Insert(status.History, 0, v1alpha1.HistoryEntry{
		Revision: number, ObservedAt: metav1.NewTime(at),
		Sources: []v1alpha1.SourceVersion{{Path: "shop/db", Version: version}, {Path: "shop/config", Version: "7"}},
		Keys:    v1alpha1.KeyChanges{Changed: []string{"PASSWORD"}},
	})
	status.Served = slices.Insert(status.Served, 0, v1alpha1.ServedEntry{
		Revision: number, From: metav1.NewTime(at), Cause: v1alpha1.CauseNewVersion,
	})
}

// backendKey names the backend as the operator records it.
func backendKey(s *v1alpha1.SecretSync) string {
	object := poll.Object{Kind: s.Spec.BackendRef.Kind, Name: s.Spec.BackendRef.Name}
	if object.Kind == v1alpha1.KindSecretBackend {
		object.Namespace = s.Namespace
	}
	return object.Key()
}

func condition(kind string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: status, Reason: reason, Message: message, LastTransitionTime: metav1.Now()}
}

func (w *world) updateStatus(s *v1alpha1.SecretSync) {
	w.t.Helper()
	if err := w.client.Status().Update(w.t.Context(), s); err != nil {
		w.t.Fatalf("updating a status: %v", err)
	}
}

func (w *world) get(namespace, name string) *v1alpha1.SecretSync {
	w.t.Helper()
	s := &v1alpha1.SecretSync{}
	w.read(namespace, name, s)
	return s
}

func (w *world) read(namespace, name string, into client.Object) {
	w.t.Helper()
	if err := w.client.Get(w.t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, into); err != nil {
		w.t.Fatalf("reading %T %s/%s: %v", into, namespace, name, err)
	}
}
