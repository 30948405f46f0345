// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/revision"
)

// maxClaims bounds how many SecretSyncs put keys into one Secret, because each of them costs a
// digest whenever the Secret changes.
const maxClaims = 32

// Claim is what a SecretSync notes on a Secret of somebody else: which keys are its own, and
// of which revision. It is written together with the keys.
type Claim struct {
	// Owner is the SecretSync, as namespace/name. One that names another namespace came with a
	// copy of a Secret and is nobody's.
	Owner string `json:"owner"`
	// Target is the name of the Secret. A claim that names another came with a copy of that and is
	// nobody's; one that names none was written by an earlier release.
	Target string `json:"target,omitempty"`
	// UID of the SecretSync.
	UID types.UID `json:"uid,omitempty"`
	// Revision that the keys hold.
	Revision int64 `json:"revision"`
	// HeldFor is the request that the revision is held for; empty if it follows the backend.
	HeldFor string `json:"heldFor,omitempty"`
	// Restart is the revision that workloads have to be restarted for; zero if there was none.
	Restart int64 `json:"restart,omitempty"`
	// OnDelete is Delete if the keys are to go with the SecretSync, else empty.
	OnDelete string `json:"onDelete,omitempty"`
	// Keys that are the SecretSync's, sorted.
	Keys []string `json:"keys"`
}

// ClaimOf returns what a SecretSync claims of a Secret; ok is false if that is nothing.
func ClaimOf(secret metav1.Object, name string) (claim Claim, ok bool) {
	text := secret.GetAnnotations()[v1alpha1.AnnotationMergePrefix+name]
	if text == "" || json.Unmarshal([]byte(text), &claim) != nil ||
		!claim.belongsOn(secret, name) || claim.Revision < 0 || claim.Revision > revision.MaxNumber ||
		claim.Restart < 0 || claim.Restart > revision.MaxNumber {
		return Claim{}, false
	}
	return claim, true
}

// belongsOn reports whether name claims keys of this Secret, and not of one that this is a copy of.
func (c Claim) belongsOn(secret metav1.Object, name string) bool {
	return c.Owner == secret.GetNamespace()+"/"+name && (c.Target == "" || c.Target == secret.GetName())
}

// Claimants lists by name the SecretSyncs that claim keys of a Secret, no more than may.
func Claimants(secret metav1.Object) []string {
	var names []string
	for key := range secret.GetAnnotations() {
		if name, found := strings.CutPrefix(key, v1alpha1.AnnotationMergePrefix); found {
			if _, ok := ClaimOf(secret, name); ok {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names[:min(len(names), maxClaims)]
}

// ClaimsMoved reports whether it changed which keys of a Secret are whose, so that others may
// get what they wait for.
func ClaimsMoved(before, after metav1.Object) bool {
	return !maps.EqualFunc(claimedKeys(before), claimedKeys(after), slices.Equal[[]string])
}

func claimedKeys(secret metav1.Object) map[string][]string {
	result := map[string][]string{}
	for _, name := range Claimants(secret) {
		claim, _ := ClaimOf(secret, name)
		result[name] = claim.Keys
	}
	return result
}

// holders returns who else than name claims a key of a Secret.
func holders(secret metav1.Object, name string) map[string]string {
	result := map[string]string{}
	for holder, keys := range claimedKeys(secret) {
		for _, key := range keys {
			if other, taken := result[key]; holder != name && (!taken || holder < other) {
				result[key] = holder
			}
		}
	}
	return result
}

// text returns the annotation's value.
func (c Claim) text() string {
	text, err := json.Marshal(c)
	if err != nil { // Texts and a number always encode.
		panic(fmt.Sprintf("encoding a claim: %v", err))
	}
	return string(text)
}

// claim returns what w notes of these keys.
func (w Want) claim(keys []string) Claim {
	claim := Claim{Owner: w.Owner.String(), Target: w.Name, UID: w.UID, Revision: w.Revision, HeldFor: w.HeldFor, Keys: keys}
	if w.DeleteWithOwner {
		claim.OnDelete = v1alpha1.Delete
	}
	return claim
}

func (w Want) claimAnnotation() string { return v1alpha1.AnnotationMergePrefix + w.Owner.Name }

// unclaim takes a claim off a Secret, and the label with the last of them.
func unclaim(secret metav1.Object, name string) {
	annotations, labels := secret.GetAnnotations(), secret.GetLabels()
	delete(annotations, v1alpha1.AnnotationMergePrefix+name)
	if annotations[v1alpha1.AnnotationOwner] == "" && len(Claimants(secret)) == 0 {
		delete(labels, v1alpha1.LabelTarget)
	}
	secret.SetAnnotations(annotations)
	secret.SetLabels(labels)
}

// stripOwn takes off what marked a Secret as wholly ours, before it was merged into.
func (w Want) stripOwn(meta *metav1.ObjectMeta) {
	if meta.Annotations[v1alpha1.AnnotationOwner] != w.Owner.String() {
		return
	}
	before := parseManaged(meta.Annotations[v1alpha1.AnnotationManagedMetadata])
	for _, key := range before.Labels {
		delete(meta.Labels, key)
	}
	for _, key := range append(before.Annotations, v1alpha1.AnnotationManagedMetadata, v1alpha1.AnnotationHeldFor,
		v1alpha1.AnnotationRestart, v1alpha1.AnnotationRevision, v1alpha1.AnnotationOwner) {
		delete(meta.Annotations, key)
	}
	w.DeleteWithOwner = false
	meta.OwnerReferences = w.ownerReferences(meta.OwnerReferences)
}
