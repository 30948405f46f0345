// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Want is how a target has to be, apart from its type and data.
type Want struct {
	// Name of the target in its owner's namespace.
	Name string
	// Owner is the SecretSync it belongs to.
	Owner types.NamespacedName
	// UID of the owner.
	UID types.UID
	// Revision it holds.
	Revision int64
	// HeldFor is the request that it is held for; empty if it follows the backend.
	HeldFor string
	// Restart is the revision that workloads have to be restarted for from now on; zero leaves
	// that as it is.
	Restart int64
	// Labels and Annotations from spec.target.metadata.
	Labels, Annotations map[string]string
	// DeleteWithOwner makes garbage collection delete the target with its owner.
	DeleteWithOwner bool
	// Recreate allows to delete and create where an update cannot do.
	Recreate bool
	// Merge says that the Secret is somebody else's and only keys are put into it.
	Merge bool
	// VersionOf is the name of the target that this immutable Secret is a version of; empty if
	// it is no version.
	VersionOf string
}

// WantOf returns how the target of s has to be while it holds a revision.
func WantOf(s *v1alpha1.SecretSync, number int64) Want {
	want := Want{
		Name:            s.TargetName(),
		Owner:           types.NamespacedName{Namespace: s.Namespace, Name: s.Name},
		UID:             s.UID,
		Revision:        number,
		Labels:          texts(s.Spec.Target.Metadata.Labels),
		Annotations:     texts(s.Spec.Target.Metadata.Annotations),
		DeleteWithOwner: s.Spec.Target.OnDelete == v1alpha1.Delete,
		Recreate:        s.Spec.Target.Recreate == v1alpha1.RecreateAllowed && !s.Spec.Target.Merges(),
		Merge:           s.Spec.Target.Merges(),
	}
	if s.Spec.Target.IsVersioned() { // A Secret of that name that holds something else is damaged.
		want.VersionOf, want.Recreate = want.Name, true
	}
	return want
}

func texts[V ~string](values map[string]V) map[string]string {
	result := make(map[string]string, len(values))
	for key, value := range values {
		result[key] = string(value)
	}
	return result
}

// managed is the record of the metadata keys that came from the specification.
type managed struct {
	Labels      []string `json:"labels,omitempty"`
	Annotations []string `json:"annotations,omitempty"`
}

// parseManaged reads the record; one that cannot be read is as if there were none.
func parseManaged(text string) managed {
	var m managed
	if json.Unmarshal([]byte(text), &m) != nil {
		return managed{}
	}
	return m
}

// managedText returns the record for w; empty if nothing comes from the specification.
func (w Want) managedText() string {
	if len(w.Labels)+len(w.Annotations) == 0 {
		return ""
	}
	text, err := json.Marshal(managed{slices.Sorted(maps.Keys(w.Labels)), slices.Sorted(maps.Keys(w.Annotations))})
	if err != nil { // Two lists of strings always encode.
		panic(fmt.Sprintf("encoding the managed metadata: %v", err))
	}
	return string(text)
}

// labels returns all labels that we set.
func (w Want) labels() map[string]string {
	labels := merged(nil, w.Labels)
	labels[v1alpha1.LabelTarget] = "true"
	return labels
}

// annotations returns all annotations that we set.
func (w Want) annotations() map[string]string {
	annotations := merged(nil, w.Annotations)
	annotations[v1alpha1.AnnotationOwner] = w.Owner.String()
	annotations[v1alpha1.AnnotationRevision] = strconv.FormatInt(w.Revision, 10)
	if w.VersionOf != "" {
		annotations[v1alpha1.AnnotationVersionOf] = w.VersionOf
	}
	if w.HeldFor != "" {
		annotations[v1alpha1.AnnotationHeldFor] = w.HeldFor
	}
	if w.Restart > 0 {
		annotations[v1alpha1.AnnotationRestart] = strconv.FormatInt(w.Restart, 10)
	}
	if text := w.managedText(); text != "" {
		annotations[v1alpha1.AnnotationManagedMetadata] = text
	}
	return annotations
}

// applyTo changes meta so that it is as wanted; labels, annotations and owners of others
// stay.
func (w Want) applyTo(meta *metav1.ObjectMeta) {
	w.Restart = cmp.Or(w.Restart, restartOn(meta, w.Owner))
	ManageMetadata(meta, w.Labels, w.Annotations)
	delete(meta.Annotations, v1alpha1.AnnotationHeldFor)
	delete(meta.Annotations, w.claimAnnotation()) // Its keys were ours, and now it is.
	meta.Labels = merged(meta.Labels, w.labels())
	meta.Annotations = merged(meta.Annotations, w.annotations())
	meta.OwnerReferences = w.ownerReferences(meta.OwnerReferences)
}

func merged(into, from map[string]string) map[string]string {
	if into == nil {
		into = make(map[string]string, len(from))
	}
	maps.Copy(into, from)
	return into
}

// ownerReferences returns refs without those that name this owner, and with the right one
// if the target is to go with its owner. A right one keeps its place.
func (w Want) ownerReferences(refs []metav1.OwnerReference) []metav1.OwnerReference {
	own := metav1.OwnerReference{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.KindSecretSync, Name: w.Owner.Name, UID: w.UID,
	}
	missing := w.DeleteWithOwner
	result := slices.DeleteFunc(slices.Clone(refs), func(ref metav1.OwnerReference) bool {
		if missing && sameOwner(ref, own) {
			missing = false
			return false
		}
		return w.namesOwner(ref)
	})
	if missing {
		result = append(result, own)
	}
	return result
}

// namesOwner reports whether ref names the SecretSync, by whatever UID it once had and in
// whatever version of the API.
func (w Want) namesOwner(ref metav1.OwnerReference) bool {
	return groupOf(ref) == v1alpha1.GroupName && ref.Kind == v1alpha1.KindSecretSync && ref.Name == w.Owner.Name
}

func sameOwner(a, b metav1.OwnerReference) bool {
	return a.UID == b.UID && a.Name == b.Name && a.Kind == b.Kind && groupOf(a) == groupOf(b)
}

func groupOf(ref metav1.OwnerReference) string {
	group, _, _ := strings.Cut(ref.APIVersion, "/")
	return group
}
