// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backend

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/util/workqueue"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	clientfake "sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/metrics"
	"github.com/secretsync/secretsync/pkg/poll"
)

// stub is a backend whose Probe answers with err.
type stub struct {
	err    error
	probes atomic.Int32
}

func (s *stub) Open(backend.Config) (backend.Backend, error) { return s, nil }
func (s *stub) Read(context.Context, backend.EntryRef) (backend.Entry, error) {
	return backend.Entry{}, s.err
}
func (s *stub) Probe(context.Context) error {
	s.probes.Add(1)
	return s.err
}
func (s *stub) Capabilities() backend.Capabilities { return backend.Capabilities{backend.Versions} }
func (s *stub) Close(context.Context) error        { return nil }

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

// testReconciler is a Reconciler with a running poller, and what that wakes.
type testReconciler struct {
	*Reconciler

	woken chan types.NamespacedName
}

func newReconciler(t *testing.T, provider *stub, objects ...client.Object) testReconciler {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	c := clientfake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithStatusSubresource(&v1alpha1.ClusterSecretBackend{}, &v1alpha1.SecretBackend{}).Build()
	woken := make(chan types.NamespacedName, 8)
	poller := poll.New(poll.Options{Wake: func(id types.NamespacedName) { woken <- id }})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- poller.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return testReconciler{woken: woken, Reconciler: New(v1alpha1.KindClusterSecretBackend, Options{
		Metrics: metrics.New(""),
		Client:  c, Credentials: c, Poller: poller,
		Opener: poll.Opener{Registry: backend.Registry{"vault": provider}, Namespace: "secretsync"},
		Clock:  clocktesting.NewFakePassiveClock(time.Date(2026, 11, 12, 14, 0, 0, 0, time.UTC)),
	})}
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
		reason string
		err    error
		mods   []func(*v1alpha1.ClusterSecretBackend)
		want   map[string]metav1.ConditionStatus
		probed bool
	}{
		"Usable":       {reason: "it answers and accepts the login", want: map[string]metav1.ConditionStatus{"Ready": "True", "Reachable": "True"}, probed: true},
		"Denied":       {reason: "it answers, and refuses", err: fault.New(fault.Denied, "LoginDenied", "no"), want: map[string]metav1.ConditionStatus{"Ready": "False", "Reachable": "True"}, probed: true},
		"Down":         {reason: "it was never usable", err: fault.New(fault.Unavailable, "Timeout", "no"), want: map[string]metav1.ConditionStatus{"Ready": "False", "Reachable": "False"}, probed: true},
		"Outage":       {reason: "an outage blocks nobody's deployment", err: fault.New(fault.Unavailable, "Sealed", "no"), mods: []func(*v1alpha1.ClusterSecretBackend){wasReady}, want: map[string]metav1.ConditionStatus{"Ready": "True", "Reachable": "False"}, probed: true},
		"InvalidSpec":  {reason: "somebody has to edit it", err: fault.New(fault.InvalidSpec, "CredentialNotFound", "no"), want: map[string]metav1.ConditionStatus{"Ready": "False", "Stalled": "True"}, probed: true},
		"InvalidAllow": {reason: "a guard that cannot be read allows nothing", mods: []func(*v1alpha1.ClusterSecretBackend){badAllow}, want: map[string]metav1.ConditionStatus{"Ready": "False", "Stalled": "True"}},
		"PerConsumer":  {reason: "nobody can log in for all", mods: []func(*v1alpha1.ClusterSecretBackend){perConsumer}, want: map[string]metav1.ConditionStatus{"Ready": "True"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r := newReconciler(t, &stub{err: tc.err}, newBackend(tc.mods...))
			reconcile := func() {
				if _, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "vault"}}); err != nil {
					t.Fatal(err)
				}
			}
			reconcile()
			if tc.probed {
				<-r.woken
				reconcile()
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

func TestBell(t *testing.T) {
	bell := NewBell(v1alpha1.KindSecretBackend)
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[ctrl.Request]())
	defer queue.ShutDown()
	if err := bell.Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	own := client.ObjectKey{Namespace: "shop", Name: "vault"}
	if !bell.Ring(subscriber(v1alpha1.KindSecretBackend, own)) {
		t.Error("a backend of the kind is not known")
	}
	if bell.Ring(own) || bell.Ring(subscriber(v1alpha1.KindClusterSecretBackend, own)) {
		t.Error("a SecretSync or a backend of the other kind is taken for one of this kind")
	}
	bell.Health("ClusterSecretBackend/other")
	bell.Health("SecretBackend/shop/other")
	var got []string
	for range 2 {
		request, _ := queue.Get()
		got = append(got, request.String())
	}
	if diff := cmp.Diff([]string{"shop/vault", "shop/other"}, got); diff != "" || queue.Len() > 0 {
		t.Errorf("%d left, (-want +got):\n%s", queue.Len(), diff)
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
	if r.memory.credentials(key, first) {
		t.Error("the first sight counts as a change")
	}
	if r.memory.credentials(key, version()) {
		t.Error("nothing changed, and that counts as a change")
	}
	secret.Data = map[string][]byte{"id": []byte("rotated")}
	if err := r.Client.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if !r.memory.credentials(key, version()) {
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

// TestProbedAgain: a credential that changed and an hour that passed are reasons to probe a
// backend that is well, and nothing else is.
func TestProbedAgain(t *testing.T) {
	start := time.Date(2026, 11, 12, 14, 10, 0, 0, time.UTC)
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "secretsync", Name: "approle"}}
	provider := &stub{}
	r := newReconciler(t, provider, newBackend(), secret)
	passive := clocktesting.NewFakePassiveClock(start)
	r.Clock = passive
	reconcile := func() {
		t.Helper()
		if _, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "vault"}}); err != nil {
			t.Fatal(err)
		}
	}
	probes := int32(0)
	want := func(more int32, reason string) {
		t.Helper()
		reconcile()
		for range more {
			<-r.woken // The probe is over.
			reconcile()
		}
		probes += more
		if got := provider.probes.Load(); got != probes {
			t.Errorf("%s: want %d probes, got %d", reason, probes, got)
		}
	}
	want(1, "the first time")
	want(0, "nothing has changed")
	passive.SetTime(start.Add(20 * time.Minute))
	want(0, "within the hour")
	passive.SetTime(start.Add(time.Hour))
	want(1, "an hour has passed")
	if err := r.Client.Get(t.Context(), client.ObjectKeyFromObject(secret), secret); err != nil {
		t.Fatal(err)
	}
	secret.Labels = map[string]string{v1alpha1.LabelCredential: "true"}
	if err := r.Client.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	want(1, "the credential changed")
	want(0, "and not again")
}
