// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/bootstrap/destination/kubernetes"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

// secrets is a namespace of the test, and the cluster as the bootstrap helper sees it.
type secrets struct {
	cluster   *kubernetes.Cluster
	admin     client.Client
	namespace string
}

func newSecrets(t *testing.T) *secrets {
	t.Helper()
	c := shared.Get(t)
	admin, err := client.New(c.Config(), client.Options{})
	must(t, err)
	s := &secrets{
		cluster: kubernetes.Connect(kubernetes.Options{Kubeconfig: c.Kubeconfig()}),
		admin:   client.WithFieldOwner(admin, "somebody"), namespace: strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-")),
	}
	must(t, s.admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}))
	return s
}

func (s *secrets) place(name, key string) destination.Removable {
	return s.cluster.Secret(kubernetes.Place{Namespace: s.namespace, Name: name, Key: key})
}

func (s *secrets) get(t *testing.T, name string) *corev1.Secret {
	t.Helper()
	secret := &corev1.Secret{}
	must(t, s.admin.Get(t.Context(), client.ObjectKey{Namespace: s.namespace, Name: name}, secret))
	return secret
}

func (s *secrets) create(t *testing.T, secret *corev1.Secret) {
	t.Helper()
	secret.Namespace = s.namespace
	must(t, s.admin.Create(t.Context(), secret))
}

func keys(secret *corev1.Secret) []string { return slices.Sorted(maps.Keys(secret.Data)) }

func TestKeysOfOneSecretAreApart(t *testing.T) {
	s := newSecrets(t)
	a, b := s.place("both", "a"), s.place("both", "b")
	wantAbsent(t, a)
	before := observe(t, b)
	put(t, a, "1", owner("one", ""))
	// b was observed before a was written: what changed is no concern of b's.
	must(t, b.Write(t.Context(), sensitive.FromString("2"), before, owner("two", "")))
	wantHeld(t, a, "1", owner("one", ""))
	wantHeld(t, b, "2", owner("two", ""))
	put(t, a, "3", owner("one", ""))
	wantHeld(t, a, "3", owner("one", ""))
	wantHeld(t, b, "2", owner("two", ""))

	must(t, a.Remove(t.Context(), observe(t, a)))
	wantAbsent(t, a)
	wantHeld(t, b, "2", owner("two", ""))
	if got := places(t, s.cluster.Written(s.namespace), "shop"); len(got) != 1 {
		t.Errorf("written: %q, want what is left alone", got)
	}
	must(t, b.Remove(t.Context(), observe(t, b)))
	err := s.admin.Get(t.Context(), client.ObjectKey{Namespace: s.namespace, Name: "both"}, &corev1.Secret{})
	if client.IgnoreNotFound(err) != nil || err == nil {
		t.Errorf("the empty Secret: %v, want it gone", err)
	}
	must(t, b.Remove(t.Context(), observe(t, b)))
}

func TestCredentialLabelComesAndGoesWithItsKey(t *testing.T) {
	s := newSecrets(t)
	s.create(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "vault"}, Data: map[string][]byte{"theirs": []byte("x")}})
	place := s.cluster.Secret(kubernetes.Place{Namespace: s.namespace, Name: "vault", Key: "secretID", Credential: true})
	put(t, place, "1", owner("secret-id", ""))
	if got := s.get(t, "vault"); got.Labels[v1alpha1.LabelCredential] != "true" {
		t.Errorf("labels %v lack the credential's", got.Labels)
	}
	must(t, place.Remove(t.Context(), observe(t, place)))
	left := s.get(t, "vault")
	if diff := cmp.Diff([]string{"theirs"}, keys(left)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if len(left.Labels) > 0 || len(left.Annotations) > 0 {
		t.Errorf("labels %v and annotations %v are left", left.Labels, left.Annotations)
	}
}

func TestKubernetesRefusals(t *testing.T) {
	s := newSecrets(t)
	write := func(place destination.Destination, value string, by destination.Owner) error {
		return place.Write(t.Context(), sensitive.FromString(value), observe(t, place), by)
	}
	named := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name} }
	theirs := map[string][]byte{"key": []byte("theirs")}
	t.Run("OtherManager", func(t *testing.T) {
		s.create(t, &corev1.Secret{ObjectMeta: named("foreign"), Data: theirs})
		err := write(s.place("foreign", "key"), "ours", owner("one", ""))
		wantFault(t, err, fault.NotOwned, kubernetes.ReasonOtherManager, "somebody", s.namespace+"/foreign")
		put(t, s.place("foreign", "another"), "ours", owner("one", ""))
		if got := s.get(t, "foreign"); string(got.Data["key"]) != "theirs" || len(got.Data) != 2 {
			t.Errorf("keys %v: want theirs as it was, and ours beside it", keys(got))
		}
	})
	t.Run("OtherPlan", func(t *testing.T) {
		place := s.place("planned", "key")
		put(t, place, "first", owner("one", ""))
		stranger := owner("one", "")
		stranger.Plan = "blog"
		err := write(place, "second", stranger)
		wantFault(t, err, fault.NotOwned, destination.ReasonOtherOwner, `"shop"`, `"blog"`)
		wantHeld(t, place, "first", owner("one", ""))
	})
	t.Run("ChangedMeanwhile", func(t *testing.T) {
		place := s.place("raced", "key")
		before := observe(t, place)
		put(t, place, "first", owner("one", ""))
		err := place.Write(t.Context(), sensitive.FromString("second"), before, owner("one", ""))
		wantFault(t, err, fault.Conflict, destination.ReasonChanged)
		err = place.Remove(t.Context(), destination.State{Exists: true, Readable: true, Value: sensitive.FromString("other")})
		wantFault(t, err, fault.Conflict, destination.ReasonChanged)
		wantHeld(t, place, "first", owner("one", ""))
	})
	t.Run("OperatorsTarget", func(t *testing.T) {
		s.create(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
			Name: "target", Annotations: map[string]string{v1alpha1.AnnotationOwner: s.namespace + "/app"},
		}})
		wantFault(t, write(s.place("target", "key"), "ours", owner("one", "")), fault.NotOwned, "OperatorOwned")
	})
	t.Run("Immutable", func(t *testing.T) {
		s.create(t, &corev1.Secret{ObjectMeta: named("fixed"), Immutable: new(true)})
		wantFault(t, write(s.place("fixed", "key"), "ours", owner("one", "")), fault.Rejected, "Immutable")
	})
	t.Run("OtherType", func(t *testing.T) {
		typed := func(kind, key string) destination.Removable {
			return s.cluster.Secret(kubernetes.Place{Namespace: s.namespace, Name: "typed", Key: key, Type: kind})
		}
		put(t, typed("corp.example/token", "key"), "ours", owner("one", ""))
		if got := s.get(t, "typed").Type; got != "corp.example/token" {
			t.Errorf("the Secret is of type %q", got)
		}
		put(t, typed("", "second"), "ours", owner("two", ""))
		wantFault(t, write(typed("corp.example/other", "third"), "ours", owner("three", "")), fault.Rejected, "OtherType", "corp.example/token", "corp.example/other")
	})
	t.Run("NoNamespace", func(t *testing.T) {
		place := s.cluster.Secret(kubernetes.Place{Namespace: "nowhere", Name: "n", Key: "k"})
		wantFault(t, write(place, "ours", owner("one", "")), fault.NotFound, kubernetes.ReasonNamespaceNotFound, `"nowhere"`)
	})
	t.Run("BadKey", func(t *testing.T) {
		wantFault(t, write(s.place("bad", "a/b"), "ours", owner("one", "")), fault.Rejected, "Invalid", "a/b")
	})
}

// TestAlteredByHandIsPutRight: a key that is recorded as ours is ours whoever wrote it last.
func TestAlteredByHandIsPutRight(t *testing.T) {
	s := newSecrets(t)
	place := s.place("altered", "key")
	put(t, place, "first", owner("one", ""))
	alter := func() {
		t.Helper()
		secret := s.get(t, "altered")
		secret.Data["key"] = []byte("by hand")
		must(t, s.admin.Update(t.Context(), secret))
	}
	alter()
	put(t, place, "second", owner("one", ""))
	wantHeld(t, place, "second", owner("one", ""))
	alter()
	must(t, place.Remove(t.Context(), observe(t, place)))
	wantAbsent(t, place)
	if left := s.get(t, "altered"); len(left.Annotations) > 0 {
		t.Errorf("annotations %v are left", left.Annotations)
	}
}

func TestLongAndOddKeys(t *testing.T) {
	s := newSecrets(t)
	for _, key := range []string{strings.Repeat("k", 253), "-odd-", ".dockerconfigjson", "UPPER_case.1"} {
		place := s.place("odd", key)
		put(t, place, key, owner("one", "pr-7"))
		wantHeld(t, place, key, owner("one", "pr-7"))
	}
	if got := places(t, s.cluster.Written(""), "shop"); len(got) < 4 {
		t.Errorf("found %q, want all four", got)
	}
	if got := places(t, s.cluster.Written(s.namespace), "other"); len(got) > 0 {
		t.Errorf("another plan has %q", got)
	}
	for _, f := range must2(s.cluster.Written(s.namespace).List(t.Context(), "shop"))(t) {
		must(t, f.Place.Remove(t.Context(), observe(t, f.Place)))
	}
	if got := places(t, s.cluster.Written(s.namespace), "shop"); len(got) > 0 {
		t.Errorf("%q are left", got)
	}
}

func must2[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return value
	}
}

func TestClusterThatIsNotThereYet(t *testing.T) {
	c := shared.Get(t)
	gone := rest.CopyConfig(c.Config())
	gone.Host = "https://127.0.0.1:1"
	nobody, err := c.UserConfig("nobody")
	must(t, err)
	cases := map[string]struct {
		cluster *kubernetes.Cluster
		class   fault.Class
		reason  string
	}{
		"NoFile":    {kubernetes.Connect(kubernetes.Options{Kubeconfig: t.TempDir() + "/none"}), fault.Unavailable, kubernetes.ReasonNoCluster},
		"NoContext": {kubernetes.Connect(kubernetes.Options{Kubeconfig: c.Kubeconfig(), Context: "prod"}), fault.Unavailable, kubernetes.ReasonNoCluster},
		"NoServer":  {kubernetes.ForConfig(gone), fault.Unavailable, kubernetes.ReasonUnreachable},
		"NoRights":  {kubernetes.ForConfig(nobody), fault.Denied, "Forbidden"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := tc.cluster.Secret(kubernetes.Place{Namespace: "default", Name: "n", Key: "k"}).Observe(t.Context())
			wantFault(t, err, tc.class, tc.reason)
			_, err = tc.cluster.Written("").List(t.Context(), "shop")
			wantFault(t, err, tc.class, tc.reason)
		})
	}
}
