// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	clientfake "sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/poll"
)

// stub is a backend whose Probe answers with err.
type stub struct {
	err    error
	closed int
}

func (s *stub) Open(backend.Config) (backend.Backend, error) { return s, nil }
func (s *stub) Read(context.Context, backend.EntryRef) (backend.Entry, error) {
	return backend.Entry{}, s.err
}
func (s *stub) Probe(context.Context) error        { return s.err }
func (s *stub) Capabilities() backend.Capabilities { return backend.Capabilities{backend.Versions} }
func (s *stub) Close(context.Context) error        { s.closed++; return nil }

// newBackend returns a ClusterSecretBackend that logs in with the Secret "approle".
func newBackend(mods ...func(*v1alpha1.ClusterSecretBackend)) *v1alpha1.ClusterSecretBackend {
	b := &v1alpha1.ClusterSecretBackend{
		ObjectMeta: metav1.ObjectMeta{Name: "vault", Generation: 2, UID: "1"},
		Spec: v1alpha1.ClusterBackendSpec{BackendSpec: v1alpha1.BackendSpec{Vault: &v1alpha1.VaultBackend{
			Address: "https://vault.example",
			Auth:    v1alpha1.VaultAuth{AppRole: &v1alpha1.VaultAppRoleAuth{RoleID: "r", SecretIDRef: v1alpha1.SecretKeyRef{Name: "approle", Key: "id"}}},
		}}},
	}
	for _, mod := range mods {
		mod(b)
	}
	return b
}

func newReconciler(t *testing.T, provider *stub, objects ...client.Object) *Reconciler {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	c := clientfake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithStatusSubresource(&v1alpha1.ClusterSecretBackend{}, &v1alpha1.SecretBackend{}).Build()
	return New(v1alpha1.KindClusterSecretBackend, Options{
		Client: c, Credentials: c, Poller: poll.New(poll.Options{}),
		Opener: poll.Opener{Registry: backend.Registry{"vault": provider}, Namespace: "secretsync"},
		Clock:  clocktesting.NewFakePassiveClock(time.Date(2026, 11, 12, 14, 0, 0, 0, time.UTC)),
	})
}

func TestReconcile(t *testing.T) {
	perConsumer := func(b *v1alpha1.ClusterSecretBackend) {
		b.Spec.Vault.Auth = v1alpha1.VaultAuth{Kubernetes: &v1alpha1.VaultKubernetesAuth{
			Role: "app", ServiceAccountIdentity: v1alpha1.ServiceAccountIdentity{Audience: "vault", Identity: v1alpha1.IdentityConsumer},
		}}
	}
	wasReady := func(b *v1alpha1.ClusterSecretBackend) {
		meta.SetStatusCondition(&b.Status.Conditions, metav1.Condition{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: "Usable"})
	}
	badAllow := func(b *v1alpha1.ClusterSecretBackend) {
		b.Spec.Allow = v1alpha1.Allow{Namespaces: &v1alpha1.NamespaceSelection{}, Paths: []string{"apps//x"}}
	}
	cases := map[string]struct {
		reason    string
		err       error
		mods      []func(*v1alpha1.ClusterSecretBackend)
		want      map[string]metav1.ConditionStatus
		wantTried bool
	}{
		"Usable":       {reason: "it answers and accepts the login", want: map[string]metav1.ConditionStatus{"Ready": "True", "Reachable": "True"}, wantTried: true},
		"Denied":       {reason: "it answers, and refuses", err: fault.New(fault.Denied, "LoginDenied", "no"), want: map[string]metav1.ConditionStatus{"Ready": "False", "Reachable": "True"}, wantTried: true},
		"Down":         {reason: "it was never usable", err: fault.New(fault.Unavailable, "Timeout", "no"), want: map[string]metav1.ConditionStatus{"Ready": "False", "Reachable": "False"}, wantTried: true},
		"Outage":       {reason: "an outage blocks nobody's deployment", err: fault.New(fault.Unavailable, "Sealed", "no"), mods: []func(*v1alpha1.ClusterSecretBackend){wasReady}, want: map[string]metav1.ConditionStatus{"Ready": "True", "Reachable": "False"}, wantTried: true},
		"InvalidSpec":  {reason: "somebody has to edit it", err: fault.New(fault.InvalidSpec, "CredentialNotFound", "no"), want: map[string]metav1.ConditionStatus{"Ready": "False", "Stalled": "True"}, wantTried: true},
		"InvalidAllow": {reason: "a guard that cannot be read allows nothing", mods: []func(*v1alpha1.ClusterSecretBackend){badAllow}, want: map[string]metav1.ConditionStatus{"Ready": "False", "Stalled": "True"}},
		"PerConsumer":  {reason: "nobody can log in for all", mods: []func(*v1alpha1.ClusterSecretBackend){perConsumer}, want: map[string]metav1.ConditionStatus{"Ready": "True"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			provider := &stub{err: tc.err}
			r := newReconciler(t, provider, newBackend(tc.mods...))
			if _, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "vault"}}); err != nil {
				t.Fatal(err)
			}
			var after v1alpha1.ClusterSecretBackend
			if err := r.Client.Get(t.Context(), client.ObjectKey{Name: "vault"}, &after); err != nil {
				t.Fatal(err)
			}
			got := map[string]metav1.ConditionStatus{}
			for _, condition := range after.Status.Conditions {
				got[condition.Type] = condition.Status
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if tried := provider.closed == 1; tried != tc.wantTried {
				t.Errorf("tried and closed = %v, want %v: %s", tried, tc.wantTried, tc.reason)
			}
			if after.Status.ObservedGeneration != 2 {
				t.Errorf("observedGeneration = %d", after.Status.ObservedGeneration)
			}
		})
	}
}

func TestReconcileOfWhatIsGone(t *testing.T) {
	r := newReconciler(t, &stub{})
	result, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "vault"}})
	if err != nil || result != (ctrl.Result{}) {
		t.Errorf("Reconcile() = %v, %v; want nothing to do", result, err)
	}
}

func TestUsersOf(t *testing.T) {
	r := newReconciler(t, &stub{}, newBackend())
	secret := func(namespace, name string) *metav1.PartialObjectMetadata {
		return &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	}
	cases := map[string]struct {
		reason string
		secret *metav1.PartialObjectMetadata
		want   int
	}{
		"ItsCredential":  {reason: "it logs in with it", secret: secret("secretsync", "approle"), want: 1},
		"OtherName":      {reason: "it does not name it", secret: secret("secretsync", "other")},
		"OtherNamespace": {reason: "references resolve in the operator's namespace", secret: secret("shop", "approle")},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := len(r.usersOf(t.Context(), tc.secret)); got != tc.want {
				t.Errorf("%d users, want %d: %s", got, tc.want, tc.reason)
			}
		})
	}
}

func TestCredentialVersions(t *testing.T) {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "secretsync", Name: "approle"}}
	r := newReconciler(t, &stub{}, newBackend(), secret)
	s, err := r.load(t.Context(), client.ObjectKey{Name: "vault"})
	if err != nil {
		t.Fatal(err)
	}
	version := func() string {
		text, err := r.credentialVersions(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := version()
	key := client.ObjectKey{Name: "vault"}
	if r.seen.changed(key, first) {
		t.Error("the first sight counts as a change")
	}
	if r.seen.changed(key, version()) {
		t.Error("nothing changed, and that counts as a change")
	}
	secret.Data = map[string][]byte{"id": []byte("rotated")}
	if err := r.Client.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if !r.seen.changed(key, version()) {
		t.Error("a rotated credential does not count as a change")
	}
}

func TestCredentialNames(t *testing.T) {
	b := newBackend(func(b *v1alpha1.ClusterSecretBackend) {
		b.Spec.Vault.TLS = v1alpha1.TLS{CARef: &v1alpha1.SecretKeyRef{Name: "ca"}, ClientCertRef: &v1alpha1.LocalRef{Name: "approle"}}
	})
	if diff := cmp.Diff([]string{"approle", "ca"}, credentialNames(&b.Spec.BackendSpec)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
