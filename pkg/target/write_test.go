// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
)

// world is a Writer over a fake API server that a test can make fail, and that notes the
// requests.
type world struct {
	*Writer

	server client.WithWatch
	fail   map[string]error
	alter  func(*corev1.Secret) // what an admission webhook does, if there is one
	asked  []string
}

func newWorld(objects ...client.Object) *world {
	w := &world{fail: map[string]error{}, server: fake.NewClientBuilder().WithObjects(objects...).Build()}
	ask := func(verb string, do func() error) error {
		w.asked = append(w.asked, verb)
		if err := w.fail[verb]; err != nil {
			return err
		}
		return do()
	}
	w.Writer = NewWriter(interceptor.NewClient(w.server, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			return ask("get", func() error { return c.Get(ctx, key, o, opts...) })
		},
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			return ask("create", func() error { return c.Create(ctx, w.admit(o), opts...) })
		},
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			return ask("update", func() error { return c.Update(ctx, w.admit(o), opts...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			return ask("delete", func() error { return c.Delete(ctx, o, opts...) })
		},
	}))
	return w
}

func (w *world) admit(o client.Object) client.Object {
	if secret, ok := o.(*corev1.Secret); ok && w.alter != nil {
		w.alter(secret)
	}
	return o
}

// TestAlteredWrite: what an admission webhook made of a Secret is not what was asked for.
func TestAlteredWrite(t *testing.T) {
	for name, begin := range map[string]func() *world{
		"Created": func() *world { return newWorld() },
		"Updated": func() *world { return newWorld(live(WantOf(syncOf(), 1), contentOf("A", "old"))) },
		"Recreated": func() *world {
			return newWorld(live(WantOf(syncOf(), 1), render.FromSecret("corp.example/other", nil)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, want := begin(), WantOf(syncOf(recreatable), 2)
			w.alter = func(s *corev1.Secret) { s.Data["A"] = []byte("altered " + marker) }
			var err error
			if name == "Created" {
				_, err = w.Create(t.Context(), want, contentOf("A", marker))
			} else {
				err = w.update(want, contentOf("A", marker))
			}
			wantFault(t, err, fault.Rejected, ReasonAltered)
		})
	}
}

// secret returns the target as it is now, nil if it is not there.
func (w *world) secret(t *testing.T) *corev1.Secret {
	t.Helper()
	var secret corev1.Secret
	err := w.server.Get(t.Context(), client.ObjectKey{Namespace: "payments", Name: "db"}, &secret)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		t.Fatalf("reading the target: %v", err)
	}
	return &secret
}

func (w *world) look(t *testing.T, want Want) Live {
	t.Helper()
	l, err := w.Look(t.Context(), want, false)
	if err != nil {
		t.Fatalf("Look: %v", err)
	}
	w.asked = nil
	return l
}

// wantHeld checks that the target is as wanted, in the eyes of a live look.
func (w *world) wantHeld(t *testing.T, want Want, content render.Content) {
	t.Helper()
	l := w.look(t, want)
	if differs := l.Differences(want, content); len(differs) > 0 || l.Ownership != Ours {
		t.Errorf("the target differs: %v, ownership %d", differs, l.Ownership)
	}
}

func (w *world) wantAsked(t *testing.T, verbs ...string) {
	t.Helper()
	if !slices.Equal(w.asked, verbs) {
		t.Errorf("the API server was asked to %v, want %v", w.asked, verbs)
	}
}

func refusals() map[fault.Class]error {
	secrets := schema.GroupResource{Resource: "secrets"}
	return map[fault.Class]error{
		fault.Rejected: apierrors.NewForbidden(secrets, "db", errors.New("webhook refuses "+marker)),
		fault.Conflict: apierrors.NewConflict(secrets, "db", errors.New(marker)),
		fault.Internal: apierrors.NewInternalError(errors.New(marker)),
	}
}

func TestCreate(t *testing.T) {
	w, want, content := newWorld(), WantOf(syncOf(deletedWithOwner), 1), contentOf("A", marker)
	created, err := w.Create(t.Context(), want, content)
	if err != nil || !created {
		t.Fatalf("Create = %t, %v", created, err)
	}
	w.wantAsked(t, "create")
	w.wantHeld(t, want, content)
	w.asked = nil
	if created, err = w.Create(t.Context(), want, contentOf("A", "other")); err != nil || created {
		t.Errorf("Create where there is one = %t, %v", created, err)
	}
	w.wantHeld(t, want, content)
}

func TestLook(t *testing.T) {
	want, content := WantOf(syncOf(), 3), contentOf("A", marker)
	if l := newWorld().look(t, want); l.Exists() {
		t.Error("a target that is not there exists")
	}
	l := newWorld(live(want, content)).look(t, want)
	if !l.Exists() || l.Ownership != Ours || l.Revision() != 3 || !l.Content().Equal(content) {
		t.Errorf("Look = ownership %d, revision %d, or other content", l.Ownership, l.Revision())
	}
	foreign := newWorld(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "db"}})
	for served, ownership := range map[bool]Ownership{true: Ours, false: Foreign} {
		if l, err := foreign.Look(t.Context(), want, served); err != nil || l.Ownership != ownership {
			t.Errorf("served before: %t: ownership %d, %v; want %d", served, l.Ownership, err, ownership)
		}
	}
}

func TestUpdate(t *testing.T) {
	before, content := WantOf(syncOf(labelled(map[string]v1alpha1.LabelValue{"team": "red"})), 3), contentOf("A", marker)
	w := newWorld(live(before, contentOf("A", "old", "B", "gone"), func(s *corev1.Secret) {
		s.Labels["foreign"], s.Annotations["foreign"] = "1", "1"
		s.Finalizers = []string{"foreign.io/keep"}
		s.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "c", UID: "uid-7"}}
	}))
	want := WantOf(syncOf(), 4)
	if err := w.Update(t.Context(), w.look(t, want), want, content); err != nil {
		t.Fatalf("Update: %v", err)
	}
	w.wantAsked(t, "update")
	w.wantHeld(t, want, content)
	secret := w.secret(t)
	wantLabels := map[string]string{"foreign": "1", "secretsync.io/target": "true"}
	if diff := cmp.Diff(wantLabels, secret.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if secret.Annotations["foreign"] != "1" || len(secret.Finalizers) != 1 || len(secret.OwnerReferences) != 1 || secret.UID != "uid-secret" {
		t.Errorf("what others put on the Secret is lost: %v", secret.ObjectMeta)
	}
}

func TestUpdateOfForeignSecret(t *testing.T) {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "db"}, Data: map[string][]byte{"A": []byte(marker)}}
	for name, s := range map[string]*v1alpha1.SecretSync{"Update": syncOf(), "Recreate": syncOf(recreatable)} {
		t.Run(name, func(t *testing.T) {
			w, want := newWorld(secret.DeepCopy()), WantOf(s, 1)
			content := contentOf("A", "x")
			content.Type = "corp.example/other"
			wantFault(t, w.Update(t.Context(), w.look(t, want), want, content), fault.NotOwned, "NotOwned")
			w.wantAsked(t)
			if got := w.secret(t); string(got.Data["A"]) != marker || len(got.Labels) != 0 {
				t.Error("a foreign Secret was touched")
			}
		})
	}
}

func TestUpdateOfAdoptableSecret(t *testing.T) {
	w := newWorld(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "db", Annotations: map[string]string{v1alpha1.AnnotationAdoptBy: "db"}},
		Type:       corev1.SecretTypeOpaque,
	})
	want, content := WantOf(syncOf(), 2), contentOf("A", marker)
	if err := w.Update(t.Context(), w.look(t, want), want, content); err != nil {
		t.Fatalf("Update: %v", err)
	}
	w.wantHeld(t, want, content)
}

// TestUpdateIsOptimistic: a change between look and write is looked at again.
func TestUpdateIsOptimistic(t *testing.T) {
	want := WantOf(syncOf(), 3)
	w := newWorld(live(want, contentOf("A", "old")))
	l, meanwhile := w.look(t, want), w.secret(t)
	meanwhile.Labels["new"] = "1"
	if err := w.server.Update(t.Context(), meanwhile); err != nil {
		t.Fatal(err)
	}
	wantFault(t, w.Update(t.Context(), l, want, contentOf("A", marker)), fault.Conflict, "Conflict")
	if string(w.secret(t).Data["A"]) != "old" {
		t.Error("the change was overwritten")
	}
	wantFault(t, w.Delete(t.Context(), l), fault.Conflict, "Conflict")
	if w.secret(t) == nil {
		t.Error("a changed Secret was deleted")
	}
}

// TestUpdateOfWhatWasDeletedMeanwhile: that is not a refusal that anybody has to read.
func TestUpdateOfWhatWasDeletedMeanwhile(t *testing.T) {
	want := WantOf(syncOf(), 3)
	w := newWorld(live(want, contentOf("A", "old")))
	l := w.look(t, want)
	if err := w.server.Delete(t.Context(), w.secret(t)); err != nil {
		t.Fatal(err)
	}
	wantFault(t, w.Update(t.Context(), l, want, contentOf("A", marker)), fault.Conflict, "Conflict")
	if err := w.Delete(t.Context(), l); err != nil {
		t.Errorf("deleting what is gone: %v", err)
	}
}

func TestRefusalsAreClassed(t *testing.T) {
	for class, refusal := range refusals() {
		t.Run(string(class), func(t *testing.T) {
			want := WantOf(syncOf(recreatable), 3)
			w := newWorld(live(want, contentOf("A", "old")))
			l := w.look(t, want)
			for _, verb := range []string{"get", "create", "update", "delete"} {
				w.fail[verb] = refusal
			}
			_, lookErr := w.Look(t.Context(), want, true)
			created, createErr := w.Create(t.Context(), want, contentOf())
			other := contentOf()
			other.Type = "corp.example/other"
			for name, err := range map[string]error{
				"Look": lookErr, "Create": createErr, "Delete": w.Delete(t.Context(), l),
				"Update": w.Update(t.Context(), l, want, contentOf()), "Recreate": w.Update(t.Context(), l, want, other),
			} {
				if fault.ClassOf(err) != class {
					t.Errorf("%s: class %s", name, fault.ClassOf(err))
				}
				wantFault(t, err, class, fault.ReasonOf(refusalOf(refusal)))
			}
			if created || w.secret(t) == nil {
				t.Error("something was done after all")
			}
		})
	}
}

func refusalOf(err error) error { return fault.FromAPI(err, "x") }

func TestRecreate(t *testing.T) {
	other := contentOf("A", marker)
	other.Type = "corp.example/other"
	immutable := func(s *corev1.Secret) { s.Immutable = new(true) }
	cases := map[string]struct {
		reason  string
		change  func(*corev1.Secret)
		sync    func(*v1alpha1.SecretSync)
		content render.Content
		want    []string
		refused fault.Class
	}{
		"TypeForbidden": {content: other, refused: fault.InvalidSpec},
		"AdoptableForbidden": {
			reason:  "no watch shows when a Secret that was never ours goes, so it must be tried again",
			content: other, refused: fault.NotOwned,
			change: func(s *corev1.Secret) {
				s.Annotations = map[string]string{v1alpha1.AnnotationAdoptBy: syncOf().Name}
			},
		},
		"TypeAllowed":        {sync: recreatable, content: other, want: []string{"delete", "create"}},
		"ImmutableForbidden": {change: immutable, content: contentOf("A", marker), refused: fault.InvalidSpec},
		"ImmutableAllowed":   {change: immutable, sync: recreatable, content: contentOf("A", marker), want: []string{"delete", "create"}},
		"ImmutableSameData": {
			reason: "metadata of an immutable Secret can change", change: immutable, content: contentOf("A", "old"), want: []string{"update"},
		},
		"NotImmutable": {
			change: func(s *corev1.Secret) { s.Immutable = new(false) }, content: contentOf("A", marker), want: []string{"update"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := syncOf(labelled(map[string]v1alpha1.LabelValue{"team": "red"}))
			secret := live(WantOf(s, 3), contentOf("A", "old"), func(s *corev1.Secret) {
				s.Labels["foreign"], s.Annotations["foreign"] = "1", "1"
				s.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "c", UID: "uid-7"}}
			})
			if tc.change != nil {
				tc.change(secret)
			}
			if tc.sync != nil {
				tc.sync(s)
			}
			labelled(map[string]v1alpha1.LabelValue{"tier": "db"})(s) // the label team leaves the specification at once
			w, want := newWorld(secret), WantOf(s, 4)
			err := w.Update(t.Context(), w.look(t, want), want, tc.content)
			if tc.refused != "" {
				wantFault(t, err, tc.refused, "RecreateForbidden")
				w.wantAsked(t)
				return
			}
			if err != nil {
				t.Fatalf("Update: %v", err)
			}
			w.wantAsked(t, tc.want...)
			w.wantHeld(t, want, tc.content)
			w.wantForeignMetadata(t, map[string]string{"foreign": "1", "tier": "db", "secretsync.io/target": "true"})
		})
	}
}

func (w *world) wantForeignMetadata(t *testing.T, labels map[string]string) {
	t.Helper()
	secret := w.secret(t)
	if diff := cmp.Diff(labels, secret.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if secret.Annotations["foreign"] != "1" || len(secret.OwnerReferences) != 1 {
		t.Errorf("what others put on the Secret is lost: %v", secret.ObjectMeta)
	}
}

// TestRecreateAfterACrash: the target is gone, and the next reconcile creates it.
func TestRecreateAfterACrash(t *testing.T) {
	other := contentOf("A", marker)
	other.Type = "corp.example/other"
	want := WantOf(syncOf(recreatable), 4)
	w := newWorld(live(want, contentOf("A", "old")))
	w.fail["create"] = context.DeadlineExceeded
	wantFault(t, w.Update(t.Context(), w.look(t, want), want, other), fault.Internal, "APIServerUnavailable")
	delete(w.fail, "create")
	if created, err := w.Create(t.Context(), want, other); err != nil || !created {
		t.Fatalf("Create = %t, %v", created, err)
	}
	w.wantHeld(t, want, other)
}

func TestDelete(t *testing.T) {
	want := WantOf(syncOf(), 3)
	w := newWorld(live(want, contentOf("A", marker)))
	if err := w.Delete(t.Context(), w.look(t, want)); err != nil || w.secret(t) != nil {
		t.Errorf("Delete = %v, still there: %t", err, w.secret(t) != nil)
	}
}

// TestWritesDoNotChangeWhatWasRead: a live read may be used for another verdict.
func TestWritesDoNotChangeWhatWasRead(t *testing.T) {
	other := contentOf("A", marker)
	other.Type = "corp.example/other"
	for name, content := range map[string]render.Content{"Update": contentOf("A", marker), "Recreate": other} {
		t.Run(name, func(t *testing.T) {
			want := WantOf(syncOf(recreatable, annotated(map[string]v1alpha1.AnnotationValue{"note": "x"})), 4)
			w := newWorld(live(WantOf(syncOf(), 3), contentOf("A", "old")))
			l := w.look(t, want)
			labels, annotations := maps.Clone(l.secret.Labels), maps.Clone(l.secret.Annotations)
			if err := w.Update(t.Context(), l, want, content); err != nil {
				t.Fatalf("Update: %v", err)
			}
			if !maps.Equal(labels, l.secret.Labels) || !maps.Equal(annotations, l.secret.Annotations) || string(l.secret.Data["A"]) != "old" {
				t.Error("what was read has changed")
			}
		})
	}
}
