// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/render"
)

func TestDifferences(t *testing.T) {
	want := WantOf(syncOf(labelled(map[string]v1alpha1.LabelValue{"team": "red"}), annotated(map[string]v1alpha1.AnnotationValue{"note": "x"})), 3)
	content := contentOf("A", marker, "B", marker+"2", "C", "")
	cases := map[string]struct {
		reason string
		change func(*corev1.Secret)
		want   []Difference
	}{
		"None":    {change: func(*corev1.Secret) {}},
		"Foreign": {change: func(s *corev1.Secret) { s.Labels["x"], s.Annotations["x"] = "y", "y" }},
		"Immutable": {
			reason: "nothing that we serve differs", change: func(s *corev1.Secret) { s.Immutable = new(true) },
		},
		"Edited":  {change: func(s *corev1.Secret) { s.Data["A"] = nil }, want: []Difference{{Edited, []string{"A"}}}},
		"Extra":   {change: func(s *corev1.Secret) { s.Data["D"] = nil }, want: []Difference{{Extra, []string{"D"}}}},
		"Missing": {change: func(s *corev1.Secret) { delete(s.Data, "C") }, want: []Difference{{Missing, []string{"C"}}}},
		"Emptied": {change: func(s *corev1.Secret) { s.Data = nil }, want: []Difference{{Missing, []string{"A", "B", "C"}}}},
		"OtherType": {
			change: func(s *corev1.Secret) { s.Type = corev1.SecretTypeBasicAuth }, want: []Difference{{Kind: Replaced}},
		},
		"NoOwner": {
			change: func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.AnnotationOwner) },
			want:   []Difference{{Kind: Replaced}, {Metadata, []string{"secretsync.io/owner"}}},
		},
		"NoLabel": {
			reason: "the cache loses sight of it",
			change: func(s *corev1.Secret) { delete(s.Labels, v1alpha1.LabelTarget) }, want: []Difference{{Label, []string{"secretsync.io/target"}}},
		},
		"LabelOfOtherValue": {
			change: func(s *corev1.Secret) { s.Labels[v1alpha1.LabelTarget] = "false" }, want: []Difference{{Label, []string{"secretsync.io/target"}}},
		},
		"Number": {
			change: func(s *corev1.Secret) { s.Annotations[v1alpha1.AnnotationRevision] = "2" },
			want:   []Difference{{Metadata, []string{"secretsync.io/revision"}}},
		},
		"ManagedLabel":      {change: func(s *corev1.Secret) { s.Labels["team"] = "" }, want: []Difference{{Metadata, []string{"team"}}}},
		"ManagedAnnotation": {change: func(s *corev1.Secret) { delete(s.Annotations, "note") }, want: []Difference{{Metadata, []string{"note"}}}},
		"Record": {
			change: func(s *corev1.Secret) { s.Annotations[v1alpha1.AnnotationManagedMetadata] = "{}" },
			want:   []Difference{{Metadata, []string{"secretsync.io/managed-metadata"}}},
		},
		"OwnerReference": {
			change: func(s *corev1.Secret) {
				s.OwnerReferences = []metav1.OwnerReference{{APIVersion: "secretsync.io/v1alpha1", Kind: "SecretSync", Name: "db", UID: "uid-1"}}
			},
			want: []Difference{{Metadata, []string{"metadata.ownerReferences"}}},
		},
		"ForeignOwner": {
			change: func(s *corev1.Secret) {
				s.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "db", UID: "uid-1"}}
			},
		},
		"Everything": {
			reason: "the gravest comes first: it gives the incident its name",
			change: func(s *corev1.Secret) {
				*s = corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "db"}, Data: map[string][]byte{"D": nil, "B": nil}}
			},
			want: []Difference{
				{Kind: Replaced}, {Missing, []string{"A", "C"}}, {Edited, []string{"B"}}, {Extra, []string{"D"}},
				{Label, []string{"secretsync.io/target"}},
				{Metadata, []string{"note", "secretsync.io/managed-metadata", "secretsync.io/owner", "secretsync.io/revision", "team"}},
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			l := Live{secret: live(want, content, tc.change)}
			got := l.Differences(want, content)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if strings.Contains(fmt.Sprintf("%+v", got), marker) {
				t.Errorf("the differences show a value: %+v", got)
			}
		})
	}
}

func TestDifferencesOfWhatIsNotThere(t *testing.T) {
	got := Live{}.Differences(WantOf(syncOf(), 1), contentOf())
	if diff := cmp.Diff([]Difference{{Kind: Deleted}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if by := (Live{}).By(got); by != "unknown" {
		t.Errorf("By = %q: nothing keeps a trace of who deleted it", by)
	}
}

// TestWritingRemovesEveryDifference: what was written differs in nothing any more.
func TestWritingRemovesEveryDifference(t *testing.T) {
	data := rapid.MapOfN(rapid.SampledFrom([]string{"A", "B", "C"}), rapid.SliceOfN(rapid.Byte(), 0, 2), 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		want, content := drawWant(t, "want"), render.FromSecret("Opaque", data.Draw(t, "data"))
		secret := live(drawWant(t, "live"), render.FromSecret("Opaque", data.Draw(t, "live data")))
		want.applyTo(&secret.ObjectMeta)
		secret.Data = content.Reveal()
		if differs := want.differences(secret, content); len(differs) > 0 {
			t.Fatalf("differences are left: %v", differs)
		}
	})
}
