// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package secretsync

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/template"
)

// slimmed returns a ConfigMap as the cache has it.
func slimmed(t *testing.T, of *corev1.ConfigMap) *corev1.ConfigMap {
	t.Helper()
	var got any = of
	for range 2 { // A cache may hand a transform its own result.
		var err error
		if got, err = SlimTemplates(got); err != nil {
			t.Fatal(err)
		}
	}
	return got.(*corev1.ConfigMap)
}

// TestSlimTemplates: what a tenant keeps beside templates, or in too large ones, does not fill the
// memory of the operator.
func TestSlimTemplates(t *testing.T) {
	large := strings.Repeat("x", 1<<20)
	full := func(texts map[string]string) *corev1.ConfigMap {
		return &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: "shop", Name: "texts", ResourceVersion: "7", Annotations: map[string]string{"a": large},
				Labels: map[string]string{v1alpha1.LabelTemplate: "true"}, ManagedFields: []metav1.ManagedFieldsEntry{{Manager: large}},
			},
			Data: texts, BinaryData: map[string][]byte{"b": []byte(large)},
		}
	}
	bare := corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "texts", ResourceVersion: "7"}}
	kept := bare
	kept.Data = map[string]string{"a": "text"}
	if diff := cmp.Diff(&kept, slimmed(t, full(kept.Data))); diff != "" {
		t.Errorf("want the texts and the name (-want +got):\n%s", diff)
	}
	for name, tc := range map[string]struct {
		texts map[string]string
		ok    bool
	}{
		"Largest": {map[string]string{"a": large[:64<<10], "b": large[:64<<10-2]}, true},
		"Large":   {map[string]string{"a": large[:64<<10], "b": large[:64<<10-1]}, false},
		"Huge":    {map[string]string{"a": large}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := slimmed(t, full(tc.texts))
			if err := checkTemplateMap(got); (err == nil) != tc.ok || err != nil && fault.ReasonOf(err) != template.ReasonTemplateInvalid {
				t.Errorf("want it read: %t, got %v", tc.ok, err)
			}
			if (len(got.Data) > 0) != tc.ok {
				t.Errorf("want the texts kept: %t, got %d", tc.ok, len(got.Data))
			}
		})
	}
	if got, err := SlimTemplates("other"); err != nil || got != "other" {
		t.Errorf("want what is no ConfigMap as it is, got %v, %v", got, err)
	}
}

// TestRetemplated: only a change of texts wakes those who use them.
func TestRetemplated(t *testing.T) {
	of := func(text, annotation string) *corev1.ConfigMap {
		return slimmed(t, &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"a": annotation}}, Data: map[string]string{"a": text},
		})
	}
	large := strings.Repeat("x", 1<<20)
	for name, tc := range map[string]struct {
		before, after *corev1.ConfigMap
		want          bool
	}{
		"Text":       {of("a", ""), of("b", ""), true},
		"Annotation": {of("a", "x"), of("a", "y"), false},
		"TooLarge":   {of("", ""), of(large, ""), true},
		"Smaller":    {of(large, ""), of("a", ""), true},
	} {
		if got := retemplated(event.UpdateEvent{ObjectOld: tc.before, ObjectNew: tc.after}); got != tc.want {
			t.Errorf("%s: want woken %t, got %t", name, tc.want, got)
		}
	}
}

// mapsOnly reads ConfigMaps of one namespace.
type mapsOnly struct {
	client.Reader

	maps map[string]*corev1.ConfigMap
}

func (m mapsOnly) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	found, ok := m.maps[key.Name]
	if !ok {
		return apierrors.NewNotFound(schema.GroupResource{Resource: "configmaps"}, key.Name)
	}
	found.DeepCopyInto(into.(*corev1.ConfigMap))
	return nil
}

// TestTextsOfConfigMaps: what is wrong with a ConfigMap is told with what to do.
func TestTextsOfConfigMaps(t *testing.T) {
	reader := mapsOnly{maps: map[string]*corev1.ConfigMap{
		"texts": {ObjectMeta: metav1.ObjectMeta{Name: "texts"}, Data: map[string]string{"b": "two", "a": "one"}},
		"large": slimmed(t, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "large"}, Data: map[string]string{"a": strings.Repeat("x", 1<<20)}}),
	}}
	for name, tc := range map[string]struct {
		from   v1alpha1.TemplateConfigMap
		want   []template.Text
		reason string
	}{
		"All": {from: v1alpha1.TemplateConfigMap{Name: "texts"}, want: []template.Text{
			{Place: `ConfigMap "texts", key "a"`, Key: "a", Text: "one"}, {Place: `ConfigMap "texts", key "b"`, Key: "b", Text: "two"},
		}},
		"Listed": {from: v1alpha1.TemplateConfigMap{Name: "texts", Keys: []v1alpha1.TemplateKey{{Key: "b", SecretKey: "c"}, {Key: "a", Object: new(true)}}}, want: []template.Text{
			{Place: `ConfigMap "texts", key "b"`, Key: "c", Text: "two"}, {Place: `ConfigMap "texts", key "a"`, Text: "one"},
		}},
		"Missing":    {from: v1alpha1.TemplateConfigMap{Name: "other"}, reason: reasonTemplateNotFound},
		"MissingKey": {from: v1alpha1.TemplateConfigMap{Name: "texts", Keys: []v1alpha1.TemplateKey{{Key: "c"}}}, reason: reasonTemplateNotFound},
		"TooLarge":   {from: v1alpha1.TemplateConfigMap{Name: "large", Keys: []v1alpha1.TemplateKey{{Key: "a"}}}, reason: template.ReasonTemplateInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			r := &Reconciler{Options: Options{Cached: reader}}
			got, err := r.configMapTexts(t.Context(), "shop", &tc.from)
			if fault.ReasonOf(err) != tc.reason || err != nil && !fault.Is(err, fault.InvalidSpec) {
				t.Fatalf("want reason %q, got %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
