// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/davecgh/go-spew/spew"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
)

// transformed returns a Secret as the cache keeps it.
func transformed(tb interface{ Fatalf(string, ...any) }, keys revision.Keys, secret *corev1.Secret) *corev1.Secret {
	object, err := Transform(keys)(secret.DeepCopy())
	if err != nil {
		tb.Fatalf("Transform: %v", err)
	}
	return object.(*corev1.Secret)
}

// observe returns what the cache tells of a Secret.
func observe(t *testing.T, keys revision.Keys, secret *corev1.Secret) Observed {
	t.Helper()
	cached := fake.NewClientBuilder().WithObjects(transformed(t, keys, secret)).Build()
	observed, err := Observe(t.Context(), cached, client.ObjectKeyFromObject(secret))
	if err != nil {
		t.Fatalf("Observe: %v", err)
	}
	return observed
}

func TestTransformDropsData(t *testing.T) {
	value := strings.Repeat(marker, 3)
	secret := live(WantOf(syncOf(), 3), contentOf("PASSWORD", value), func(s *corev1.Secret) {
		s.StringData = map[string]string{"MORE": value}
		s.Annotations[corev1.LastAppliedConfigAnnotation] = `{"stringData":{"PASSWORD":"` + value + `"}}`
		s.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: value, FieldsV1: metav1.NewFieldsV1(`{"f:data":{}}`)}}
	})
	got := transformed(t, testKeys(1), secret)
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal([]byte(value)) // base64, as JSON shows data
	if err != nil {
		t.Fatal(err)
	}
	for name, dump := range map[string]string{"JSON": string(text), "Go": fmt.Sprintf("%#v", got), "Spew": spew.Sdump(got), "Text": fmt.Sprintf("%s", got)} { //nolint:staticcheck // what the verb prints is tried
		if strings.Contains(dump, marker) || strings.Contains(dump, strings.Trim(string(encoded), `"=`)) {
			t.Errorf("%s: the cache keeps the value: %s", name, dump)
		}
	}
	if got.Name != "db" || got.Annotations[v1alpha1.AnnotationRevision] != "3" || got.Labels[v1alpha1.LabelTarget] != "true" {
		t.Errorf("metadata is lost: %v", got.ObjectMeta)
	}
}

// TestTransformTwiceIsTransformOnce: a cache may hand it its own result.
func TestTransformTwiceIsTransformOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SampledFrom([]revision.Keys{testKeys(1), testKeys(2, 1)}).Draw(t, "keys")
		secret := live(drawWant(t, "want"), render.FromSecret("Opaque", rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.Byte())).Draw(t, "data")))
		if rapid.Bool().Draw(t, "no data") {
			secret.Data = nil
		}
		once := transformed(t, keys, secret)
		if diff := cmp.Diff(once, transformed(t, keys, once)); diff != "" {
			t.Fatalf("(-once +twice):\n%s", diff)
		}
	})
}

func TestTransformLeavesOtherKindsAlone(t *testing.T) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a"}}
	if got, err := Transform(testKeys(1))(pod); err != nil || got != any(pod) {
		t.Errorf("Transform = %v, %v", got, err)
	}
}

func TestObserveWhatIsNotThere(t *testing.T) {
	key := client.ObjectKey{Namespace: "payments", Name: "db"}
	observed, err := Observe(t.Context(), fake.NewClientBuilder().Build(), key)
	if err != nil || observed.Exists() || observed.Revision(key) != 0 || observed.Holds(WantOf(syncOf(), 1), "") {
		t.Errorf("Observe = %+v, %v", observed, err)
	}
	errBoom := errors.New("boom")
	broken := interceptor.NewClient(fake.NewClientBuilder().Build(), interceptor.Funcs{
		Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
			return errBoom
		},
	})
	if _, err := Observe(t.Context(), broken, key); !errors.Is(err, errBoom) {
		t.Errorf("Observe = %v, want the cache's error", err)
	}
}

func TestObservedRevision(t *testing.T) {
	own := client.ObjectKey{Namespace: "payments", Name: "db"}
	cases := map[string]struct {
		reason string
		change func(*corev1.Secret)
		asked  client.ObjectKey
		want   int64
	}{
		"Ours":       {asked: own, want: 3},
		"Others":     {asked: client.ObjectKey{Namespace: "payments", Name: "other"}},
		"Namespaces": {asked: client.ObjectKey{Namespace: "other", Name: "db"}},
		"Unmarked": {
			reason: "a number without an owner says nothing",
			change: func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.AnnotationOwner) }, asked: own,
		},
		"NoNumber":  {change: func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.AnnotationRevision) }, asked: own},
		"NotANumer": {change: func(s *corev1.Secret) { s.Annotations[v1alpha1.AnnotationRevision] = "three" }, asked: own},
		"Negative":  {change: func(s *corev1.Secret) { s.Annotations[v1alpha1.AnnotationRevision] = "-3" }, asked: own},
		"Forged": {
			reason: "nobody counts on from the last number there is",
			change: func(s *corev1.Secret) { s.Annotations[v1alpha1.AnnotationRevision] = "9223372036854775807" }, asked: own,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			secret := live(WantOf(syncOf(), 3), contentOf("A", marker))
			if tc.change != nil {
				tc.change(secret)
			}
			if got := observe(t, testKeys(1), secret).Revision(tc.asked); got != tc.want {
				t.Errorf("Revision = %d, want %d: %s", got, tc.want, tc.reason)
			}
		})
	}
}

func TestObservedHolds(t *testing.T) {
	team := labelled(map[string]v1alpha1.LabelValue{"team": "red"})
	content := contentOf("A", marker, "B", "")
	cases := map[string]struct {
		reason string
		change func(*corev1.Secret)
		want   Want
		digest string
		keys   revision.Keys
		holds  bool
	}{
		"Untouched":     {holds: true},
		"ForeignLabels": {change: func(s *corev1.Secret) { s.Labels["x"], s.Annotations["x"] = "y", "y" }, holds: true},
		"PreviousKey": {
			reason: "the status was written before the keys were rotated",
			keys:   testKeys(2, 1), digest: digestOf(testKeys(1), 3, content), holds: true,
		},
		"CurrentKey":     {keys: testKeys(2, 1), digest: digestOf(testKeys(2), 3, content), holds: true},
		"LostKey":        {keys: testKeys(2), digest: digestOf(testKeys(1), 3, content)},
		"UnknownDigest":  {digest: "-"},
		"OtherRevision":  {reason: "a digest is bound to its number", digest: digestOf(testKeys(1), 4, content)},
		"Edited":         {change: func(s *corev1.Secret) { s.Data["A"] = []byte("x") }},
		"Missing":        {change: func(s *corev1.Secret) { delete(s.Data, "A") }},
		"Extra":          {change: func(s *corev1.Secret) { s.Data["C"] = nil }},
		"OtherType":      {change: func(s *corev1.Secret) { s.Type = corev1.SecretTypeTLS }},
		"NoOwner":        {change: func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.AnnotationOwner) }},
		"OtherNumber":    {change: func(s *corev1.Secret) { s.Annotations[v1alpha1.AnnotationRevision] = "4" }},
		"LabelChanged":   {change: func(s *corev1.Secret) { s.Labels["team"] = "blue" }},
		"SpecChanged":    {want: WantOf(syncOf(), 3)},
		"OwnerReference": {want: WantOf(syncOf(team, deletedWithOwner), 3)},
		"WantsNext":      {want: WantOf(syncOf(team), 4), digest: digestOf(testKeys(1), 4, content)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			want, keys, digest := WantOf(syncOf(team), 3), testKeys(1), digestOf(testKeys(1), 3, content)
			secret := live(want, content)
			if tc.change != nil {
				tc.change(secret)
			}
			if tc.want.Name != "" {
				want = tc.want
			}
			if tc.keys.Current != nil {
				keys = tc.keys
			}
			if tc.digest != "" {
				digest = strings.Trim(tc.digest, "-")
			}
			if got := observe(t, keys, secret).Holds(want, digest); got != tc.holds {
				t.Errorf("Holds = %t, want %t: %s", got, tc.holds, tc.reason)
			}
		})
	}
}

// TestHoldsAgreesWithALiveLook: what the cache calls right is right.
func TestHoldsAgreesWithALiveLook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, content := drawWant(t, "want"), contentOf("A", rapid.String().Draw(t, "A"))
		secret := live(drawWant(t, "live"), contentOf("A", rapid.SampledFrom([]string{"", "x"}).Draw(t, "live A")))
		if rapid.Bool().Draw(t, "same") {
			secret.Data = content.Reveal()
		}
		cached := transformed(t, testKeys(1), secret)
		holds := Observed{meta: cached.ObjectMeta, digests: cached.Data}.Holds(want, digestOf(testKeys(1), want.Revision, content))
		if differs := want.differences(secret, content); holds != (len(differs) == 0) {
			t.Fatalf("Holds = %t, and a live look finds %v", holds, differs)
		}
	})
}
