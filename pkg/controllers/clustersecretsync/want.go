// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package clustersecretsync

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/target"
)

// maxName is the longest name of a SecretSync, whose revisions are named after it.
const maxName = 240

// revisionName is how revisions are named.
var revisionName = regexp.MustCompile(`[.]r[0-9]+$`)

// template is what every SecretSync of one ClusterSecretSync shall be, apart from its name.
type template struct {
	owner *v1alpha1.ClusterSecretSync
	hash  string
}

func templateOf(owner *v1alpha1.ClusterSecretSync) template {
	text, err := json.Marshal([]any{owner.Spec.SecretSync.Metadata, owner.Spec.SecretSync.Spec})
	if err != nil { // Structs of texts always encode.
		panic(fmt.Sprintf("encoding a template: %v", err))
	}
	sum := sha256.Sum256(text)
	return template{owner: owner, hash: hex.EncodeToString(sum[:8])}
}

// name returns the name of a namespace's SecretSync. Errors: InvalidSpec.
func (t template) name(namespace *metav1.PartialObjectMetadata) (string, error) {
	pattern := t.owner.Spec.SecretSync.NameOrDefault(t.owner.Name)
	name, err := backend.Placeholders{Namespace: namespace.Name, Labels: namespace.Labels}.Text(pattern)
	if err != nil {
		return "", fmt.Errorf("reading spec.secretSync.name: %w", err)
	}
	if len(name) > maxName || len(validation.IsDNS1123Subdomain(name)) > 0 || revisionName.MatchString(name) {
		return "", fault.New(fault.InvalidSpec, backend.ReasonInvalidPlaceholder,
			"spec.secretSync.name %q becomes %q, which is no name of a SecretSync: at most %d lower-case letters, digits, - and ., not ending in .r<digits>", pattern, name, maxName)
	}
	return name, nil
}

// apply returns what becomes of a SecretSync, which may be a new one: the specification is
// the template's, and so are its labels and annotations; those of others stay.
func (t template) apply(to *v1alpha1.SecretSync) *v1alpha1.SecretSync {
	result := to.DeepCopy()
	t.describe(&result.ObjectMeta)
	t.owner.Spec.SecretSync.Spec.DeepCopyInto(&result.Spec)
	return result
}

// describe makes the metadata what the template says.
func (t template) describe(meta *metav1.ObjectMeta) {
	target.ManageMetadata(meta, texts(t.owner.Spec.SecretSync.Metadata.Labels), texts(t.owner.Spec.SecretSync.Metadata.Annotations))
	meta.Labels[v1alpha1.LabelFanOut] = t.owner.Name
	meta.Annotations[v1alpha1.AnnotationFanOutHash] = t.hash
	meta.Annotations[v1alpha1.AnnotationFanOutMade] = madeAs(meta)
	meta.OwnerReferences = t.ownerReferences(meta.OwnerReferences)
}

// madeAs is what tells a SecretSync that was made for its namespace from a copy of one.
func madeAs(sync metav1.Object) string { return sync.GetNamespace() + "/" + sync.GetName() }

// copied reports whether somebody else made a SecretSync, with what is written on one of ours.
func copied(have *v1alpha1.SecretSync) bool {
	return have.Annotations[v1alpha1.AnnotationFanOutMade] != madeAs(have)
}

// ownerReferences returns refs with the ClusterSecretSync among them if the SecretSync is to go
// with it, and without it if not.
func (t template) ownerReferences(refs []metav1.OwnerReference) []metav1.OwnerReference {
	result := t.others(refs)
	if t.owner.Spec.OnDelete != v1alpha1.Delete {
		return result
	}
	return append(result, metav1.OwnerReference{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.KindClusterSecretSync, Name: t.owner.Name, UID: t.owner.UID,
	})
}

// others returns refs without the ClusterSecretSync.
func (t template) others(refs []metav1.OwnerReference) []metav1.OwnerReference {
	return slices.DeleteFunc(slices.Clone(refs), t.isOwner)
}

func (t template) isOwner(ref metav1.OwnerReference) bool {
	return ref.Kind == v1alpha1.KindClusterSecretSync && ref.Name == t.owner.Name
}

// current reports whether a SecretSync was written from the template as it is now.
func (t template) current(have *v1alpha1.SecretSync) bool {
	return have.Annotations[v1alpha1.AnnotationFanOutHash] == t.hash
}

// edited reports whether a SecretSync is not what it is to be, though it was written from the
// template as it is now.
func (t template) edited(have *v1alpha1.SecretSync) bool {
	return t.changed(have) || !equality.Semantic.DeepEqual(have.OwnerReferences, t.ownerReferences(have.OwnerReferences))
}

// changed reports whether somebody changed a SecretSync. Its ownerReferences follow onDelete and
// the UID of the ClusterSecretSync, which may be made anew or come back from a backup.
func (t template) changed(have *v1alpha1.SecretSync) bool {
	want := metav1.ObjectMeta{
		Namespace: have.Namespace, Name: have.Name, Labels: maps.Clone(have.Labels), Annotations: maps.Clone(have.Annotations),
	}
	t.describe(&want)
	return !maps.Equal(have.Labels, want.Labels) || !maps.Equal(have.Annotations, want.Annotations) ||
		!equality.Semantic.DeepEqual(have.Spec, t.owner.Spec.SecretSync.Spec)
}

// texts returns a map of plain texts.
func texts[V ~string](values map[string]V) map[string]string {
	result := make(map[string]string, len(values))
	for key, value := range values {
		result[key] = string(value)
	}
	return result
}
