// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
)

func merging(s *v1alpha1.SecretSync) { s.Spec.Target.Mode = v1alpha1.ModeMerge }

func named(name string) func(*v1alpha1.SecretSync) {
	return func(s *v1alpha1.SecretSync) {
		s.Spec.Target.Name = s.Name
		s.Name = name
	}
}

// mergeWant is how payments/<name> has keys in the Secret db at a revision.
func mergeWant(name string, number int64, changes ...func(*v1alpha1.SecretSync)) Want {
	return WantOf(syncOf(append([]func(*v1alpha1.SecretSync){named(name), merging}, changes...)...), number)
}

// foreign returns the Secret db of somebody else.
func foreign(pairs ...string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "db"}, Type: "corp.example/own",
		Data: contentOf(pairs...).Reveal(),
	}
}

// put brings the live target to content, as a reconcile does.
func (w *world) put(t *testing.T, want Want, content render.Content, before *render.Content) error {
	t.Helper()
	live, err := w.Look(t.Context(), want, before != nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.Update(t.Context(), live.Judged(content, before), want, content)
}

func (w *world) wantTexts(t *testing.T, want ...string) {
	t.Helper()
	got := render.FromSecret("Opaque", w.secret(t).Data)
	if diff := render.Diff(contentOf(want...), got); !cmp.Equal(diff, v1alpha1.KeyChanges{}) {
		t.Errorf("the Secret differs: %+v", diff)
	}
}

func TestMergeJudges(t *testing.T) {
	claimed := func(name string, keys ...string) func(*corev1.Secret) {
		return func(s *corev1.Secret) {
			metav1.SetMetaDataAnnotation(&s.ObjectMeta, v1alpha1.AnnotationMergePrefix+name, mergeWant(name, 1).claim(keys).text())
		}
	}
	noted := func(key, value string) func(*corev1.Secret) {
		return func(s *corev1.Secret) { metav1.SetMetaDataAnnotation(&s.ObjectMeta, key, value) }
	}
	adopt := noted(v1alpha1.AnnotationAdoptBy, "app")
	content := contentOf("A", marker+" new")
	old := contentOf("A", marker+" old")
	cases := map[string]struct {
		reason string
		live   []func(*corev1.Secret)
		before *render.Content
		want   Ownership
		fault  string
		says   string
	}{
		"Free":             {reason: "nobody has the key", live: []func(*corev1.Secret){func(s *corev1.Secret) { s.Data = nil }}, want: Ours},
		"Ours":             {reason: "the claim says so", live: []func(*corev1.Secret){claimed("app", "A")}, want: Ours},
		"OwnersKey":        {live: nil, want: Foreign, fault: ReasonKeyNotOwned, says: "secretsync.io/adopt-by=app"},
		"OwnersSameKey":    {reason: "that it holds the same today does not make it ours tomorrow", live: []func(*corev1.Secret){func(s *corev1.Secret) { s.Data = content.Reveal() }}, want: Foreign, fault: ReasonKeyNotOwned},
		"Offered":          {live: []func(*corev1.Secret){adopt}, want: Adoptable},
		"OfferedToAnother": {live: []func(*corev1.Secret){noted(v1alpha1.AnnotationAdoptBy, "other")}, want: Foreign, fault: ReasonKeyNotOwned},
		"AnothersKey":      {reason: "the owner cannot offer what is another SecretSync's", live: []func(*corev1.Secret){claimed("other", "A"), adopt}, want: Foreign, fault: ReasonKeyNotOwned, says: "merge.secretsync.io/other-"},
		"AnothersAbsent":   {reason: "it will be put right by its holder", live: []func(*corev1.Secret){claimed("other", "A"), func(s *corev1.Secret) { s.Data = nil }}, want: Foreign, fault: ReasonKeyNotOwned},
		"ClaimedTwice":     {reason: "the one whose name comes first has it", live: []func(*corev1.Secret){claimed("other", "A"), claimed("app", "A")}, want: Ours},
		"ClaimedTwiceLost": {live: []func(*corev1.Secret){claimed("aaa", "A"), claimed("app", "A")}, want: Foreign, fault: ReasonKeyNotOwned},
		"ClaimRemoved":     {reason: "it holds what we served last", before: &old, want: Ours},
		"ClaimRemovedEdit": {reason: "it holds what we never served", before: &content, want: Foreign, fault: ReasonKeyNotOwned},
		"Copied":           {reason: "a claim of another namespace came with a copy", live: []func(*corev1.Secret){noted(v1alpha1.AnnotationMergePrefix+"app", `{"owner":"else/app","revision":1,"keys":["A"]}`)}, want: Foreign, fault: ReasonKeyNotOwned},
		"CopiedHere":       {reason: "nor does that of another Secret", live: []func(*corev1.Secret){noted(v1alpha1.AnnotationMergePrefix+"app", `{"owner":"payments/app","target":"other","revision":1,"keys":["A"]}`)}, want: Foreign, fault: ReasonKeyNotOwned},
		"Unnamed":          {reason: "an earlier release wrote it", live: []func(*corev1.Secret){noted(v1alpha1.AnnotationMergePrefix+"app", `{"owner":"payments/app","revision":1,"keys":["A"]}`)}, want: Ours},
		"Unreadable":       {live: []func(*corev1.Secret){noted(v1alpha1.AnnotationMergePrefix+"app", `{`)}, want: Foreign, fault: ReasonKeyNotOwned},
		"OwnedWhole":       {live: []func(*corev1.Secret){noted(v1alpha1.AnnotationOwner, "payments/other")}, want: Foreign, fault: "NotOwned", says: `belongs to SecretSync "payments/other"`},
		"WasOursWhole":     {reason: "the mode was changed", live: []func(*corev1.Secret){noted(v1alpha1.AnnotationOwner, "payments/app")}, want: Ours},
		"RefusedType":      {live: []func(*corev1.Secret){func(s *corev1.Secret) { s.Type = corev1.SecretTypeServiceAccountToken }}, want: Foreign, fault: "NotOwned"},
		"Credential":       {reason: "its values are sent to backends", live: []func(*corev1.Secret){func(s *corev1.Secret) { s.Data, s.Labels = nil, map[string]string{v1alpha1.LabelCredential: "true"} }}, want: Foreign, fault: "NotOwned", says: v1alpha1.LabelCredential},
		"Immutable":        {live: []func(*corev1.Secret){claimed("app", "A"), func(s *corev1.Secret) { s.Immutable = new(true) }}, want: Ours, fault: "RecreateForbidden"},
		"Crowded": {live: []func(*corev1.Secret){func(s *corev1.Secret) {
			s.Data = nil
			for i := range maxClaims {
				claimed(fmt.Sprintf("z%d", i), fmt.Sprint(i))(s)
			}
		}}, want: Foreign, fault: "NotOwned", says: "32 SecretSyncs"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			secret := foreign("A", marker+" old")
			for _, change := range tc.live {
				change(secret)
			}
			w, want := newWorld(secret), mergeWant("app", 2)
			if got := w.look(t, want).Judged(content, tc.before).Ownership; got != tc.want {
				t.Errorf("ownership = %d, want %d: %s", got, tc.want, tc.reason)
			}
			err := w.put(t, want, content, tc.before)
			if tc.fault == "" {
				if err != nil {
					t.Fatal(err)
				}
				w.wantTexts(t, "A", marker+" new")
				return
			}
			wantFault(t, err, fault.NotOwned, tc.fault)
			if !strings.Contains(err.Error(), tc.says) {
				t.Errorf("the message %q does not say %q", err, tc.says)
			}
			if got := w.secret(t); got.ResourceVersion != "999" {
				t.Error("the Secret was written to")
			}
		})
	}
}

// TestMergeLives plays SecretSyncs that put keys into one Secret, change them, suffer drift and
// leave, in any order. At each point each has exactly its keys, and the owner's are untouched.
func TestMergeLives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := foreign("owner", "stays")
		served := map[string]render.Content{} // by name, as it has to be
		owner := map[string]string{"owner": "stays"}
		wants := map[string]Want{}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0: // a change, which may be refused
				content := contentOf()
				for key, value := range drawMap(t, "content", "x", "y", "z", "owner") {
					content.Data[key] = contentOf(key, value).Data[key]
				}
				want := mergeWant(name, wants[name].Revision+1, deletedWithOwner)
				if applied(secret, want, content) {
					served[name], wants[name] = content, want
				}
			case 1: // the owner's edit
				owner["owner"] = rapid.StringMatching(`[a-z]{1,3}`).Draw(t, "edit")
				secret.Data["owner"] = []byte(owner["owner"])
			case 2: // drift of keys, repaired
				content, there := served[name]
				for key := range content.Data {
					delete(secret.Data, key)
				}
				if there && !applied(secret, wants[name], content) {
					t.Fatalf("%s may not repair its keys", name)
				}
			default:
				release(secret, types.NamespacedName{Namespace: "payments", Name: name}, "")
				delete(served, name)
			}
			checkShares(t, secret, served, owner)
		}
	})
}

// applied puts content into secret, unless that is refused.
func applied(secret *corev1.Secret, want Want, content render.Content) bool {
	live := Live{secret: secret, Ownership: want.ownership(secret, false), share: newShare(want, secret)}.Judged(content, nil)
	if live.Ownership != Ours {
		return false
	}
	live.share.apply(secret, want, content)
	return true
}

func checkShares(t *rapid.T, secret *corev1.Secret, served map[string]render.Content, owner map[string]string) {
	want := maps.Clone(owner)
	for name, content := range served {
		for key, value := range content.Reveal() {
			if other, taken := want[key]; taken {
				t.Fatalf("%s has key %s, which holds %q of another", name, key, other)
			}
			want[key] = string(value)
		}
		if claim, ok := ClaimOf(secret, name); !ok || !slices.Equal(claim.Keys, slices.Sorted(maps.Keys(content.Data))) {
			t.Fatalf("%s claims %v", name, claim)
		}
	}
	got := map[string]string{}
	for key, value := range secret.Data {
		got[key] = string(value)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("the Secret holds something else (-want +got):\n%s", diff)
	}
	if labelled := secret.Labels[v1alpha1.LabelTarget] == "true"; labelled != (len(served) > 0) {
		t.Fatalf("labelled = %t with %d claims", labelled, len(served))
	}
}

// TestObservedShare: what the cache knows tells whether our keys are right, whatever the owner's
// are; and it holds no value.
func TestObservedShare(t *testing.T) {
	keys := testKeys(1, 2)
	want, content := mergeWant("app", 3), contentOf("A", marker, "B", marker+"2")
	id := testID(3)
	id.Name = "app"
	digest := keys.Digest(id, content.Type, content.Data)
	cases := map[string]struct {
		reason string
		edit   func(*corev1.Secret)
		want   bool
	}{
		"Untouched":  {edit: func(*corev1.Secret) {}, want: true},
		"OwnersEdit": {reason: "it is not ours", edit: func(s *corev1.Secret) { s.Data["owner"], s.Data["more"] = []byte("x"), nil }, want: true},
		"Edited":     {edit: func(s *corev1.Secret) { s.Data["A"] = []byte("x") }},
		"Missing":    {edit: func(s *corev1.Secret) { delete(s.Data, "A") }},
		"Unclaimed":  {edit: func(s *corev1.Secret) { s.Annotations = nil }},
		"Unlabelled": {edit: func(s *corev1.Secret) { s.Labels = nil }},
		"Upgraded": {reason: "an earlier release did not write whose claim it is", edit: func(s *corev1.Secret) {
			claim := want.claim([]string{"A", "B"})
			claim.Target = ""
			s.Annotations[want.claimAnnotation()] = claim.text()
		}, want: true},
		"ClaimsLess": {edit: func(s *corev1.Secret) { s.Annotations[want.claimAnnotation()] = want.claim([]string{"A"}).text() }},
		"ClaimsMore": {edit: func(s *corev1.Secret) {
			s.Annotations[want.claimAnnotation()] = want.claim([]string{"A", "B", "owner"}).text()
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(foreign("owner", marker))
			if err := w.put(t, want, content, nil); err != nil {
				t.Fatal(err)
			}
			secret := w.secret(t)
			tc.edit(secret)
			shown, err := Transform(keys)(secret)
			if err != nil {
				t.Fatal(err)
			}
			for key, value := range shown.(*corev1.Secret).Data {
				if strings.Contains(string(value), marker) {
					t.Errorf("the cache holds a value under %s", key)
				}
			}
			cached := fake.NewClientBuilder().WithObjects(shown.(*corev1.Secret)).Build()
			observed, err := Observe(t.Context(), cached, types.NamespacedName{Namespace: "payments", Name: "db"})
			if err != nil {
				t.Fatal(err)
			}
			if got := observed.Holds(want, digest); got != tc.want {
				t.Errorf("Holds = %t, want %t: %s", got, tc.want, tc.reason)
			}
			if number := observed.Revision(want.Owner); name != "Unclaimed" && number != 3 {
				t.Errorf("Revision = %d", number)
			}
		})
	}
}

// TestAdoptionLeavesKeysOfOthers: a Secret that holds keys of other SecretSyncs is not taken
// over whole.
func TestAdoptionLeavesKeysOfOthers(t *testing.T) {
	w := newWorld(foreign("owner", "stays"))
	if err := w.put(t, mergeWant("app", 1), contentOf("A", marker), nil); err != nil {
		t.Fatal(err)
	}
	secret := w.secret(t)
	secret.Annotations[v1alpha1.AnnotationAdoptBy] = "whole"
	if err := w.server.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	want := WantOf(syncOf(named("whole")), 1)
	wantFault(t, w.Update(t.Context(), w.look(t, want), want, contentOf("B", marker)), fault.NotOwned, "NotOwned")
	w.wantTexts(t, "owner", "stays", "A", marker)
}

// TestReleaseLeavesCopies: a Secret that was copied with its claims is nobody's but its owner's.
func TestReleaseLeavesCopies(t *testing.T) {
	w, want := newWorld(foreign("owner", "stays")), mergeWant("app", 1, deletedWithOwner)
	if err := w.put(t, want, contentOf("A", marker), nil); err != nil {
		t.Fatal(err)
	}
	duplicate := w.secret(t)
	duplicate.Name, duplicate.ResourceVersion = "db-canary", ""
	if got := Claimants(duplicate); len(got) > 0 {
		t.Errorf("%v claim keys of the copy", got)
	}
	if err := w.server.Create(t.Context(), duplicate); err != nil {
		t.Fatal(err)
	}
	if released, err := w.Release(t.Context(), duplicate.Name, want.Owner, v1alpha1.Delete); err != nil || released {
		t.Errorf("released = %t, %v", released, err)
	}
}

// TestMergeOfAnotherType: a revision that was recorded for a Secret of our own has a type, which
// that of somebody else need not have.
func TestMergeOfAnotherType(t *testing.T) {
	w, want := newWorld(foreign("owner", "stays")), mergeWant("app", 1)
	content := contentOf("tls.crt", marker, "tls.key", marker)
	content.Type = string(corev1.SecretTypeTLS)
	if err := w.put(t, want, content, nil); err != nil {
		t.Fatal(err)
	}
	w.wantTexts(t, "owner", "stays", "tls.crt", marker, "tls.key", marker)
	secret := w.secret(t)
	secret.Immutable = new(true)
	if err := w.server.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	want.Revision = 2
	if err := w.put(t, want, content, nil); err != nil {
		t.Errorf("only the claim has to change: %v", err)
	}
}

// TestKeysOfTheInstallation: whoever put a second key there could forge revisions.
func TestKeysOfTheInstallation(t *testing.T) {
	secret := foreign("current", marker)
	secret.Name = v1alpha1.KeysSecret
	w, want := newWorld(secret), mergeWant("app", 1)
	want.Name = secret.Name
	wantFault(t, w.put(t, want, contentOf("previous", marker), nil), fault.NotOwned, "NotOwned")
	if len(w.asked) != 1 {
		t.Errorf("want a look and no write, got %v", w.asked)
	}
}

// TestRelease: the claim decides whether the keys go only where nobody says it anew.
func TestRelease(t *testing.T) {
	cases := map[string]struct {
		claim    func(*v1alpha1.SecretSync)
		onDelete string
		goes     bool
	}{
		"AsClaimed":     {claim: deletedWithOwner, goes: true},
		"AsClaimedKeep": {claim: merging},
		"KeepNow":       {claim: deletedWithOwner, onDelete: v1alpha1.Keep},
		"DeleteNow":     {claim: merging, onDelete: v1alpha1.Delete, goes: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w, want := newWorld(foreign("owner", "stays")), mergeWant("app", 1, tc.claim)
			if err := w.put(t, want, contentOf("A", marker), nil); err != nil {
				t.Fatal(err)
			}
			if released, err := w.Release(t.Context(), "db", want.Owner, tc.onDelete); err != nil || !released {
				t.Fatal(released, err)
			}
			left := []string{"owner", "stays"}
			if !tc.goes {
				left = append(left, "A", marker)
			}
			w.wantTexts(t, left...)
			if live := w.secret(t); len(live.Annotations)+len(live.Labels) > 0 {
				t.Errorf("marks are left: %v %v", live.Labels, live.Annotations)
			}
		})
	}
}
