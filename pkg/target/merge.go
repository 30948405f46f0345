// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package target

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
)

// Reasons of the errors about Secrets that keys are put into.
const (
	// ReasonTargetMissing: the Secret does not exist, and its owner has to make it.
	ReasonTargetMissing = "TargetMissing"
	// ReasonKeyNotOwned: a key is the owner's or another SecretSync's.
	ReasonKeyNotOwned = "KeyNotOwned"
)

// share is what is ours in a live Secret of somebody else.
type share struct {
	want Want
	// own are the keys that are ours.
	own map[string]bool
	// holders are the other SecretSyncs that hold keys, by key.
	holders map[string]string
}

func newShare(w Want, secret *corev1.Secret) *share {
	m := &share{want: w, own: map[string]bool{}, holders: holders(secret, w.Owner.Name)}
	claim, _ := ClaimOf(secret, w.Owner.Name)
	keys := claim.Keys
	if secret.Annotations[v1alpha1.AnnotationOwner] == w.Owner.String() { // It was wholly ours before.
		keys = slices.Collect(maps.Keys(secret.Data))
	}
	for _, key := range keys {
		if holder, held := m.holders[key]; !held || w.Owner.Name < holder {
			m.own[key] = true
		}
	}
	return m
}

// Share returns what a Secret of somebody else holds of a SecretSync's keys.
func Share(secret *corev1.Secret, name string) render.Content {
	owner := types.NamespacedName{Namespace: secret.Namespace, Name: name}
	return newShare(Want{Name: secret.Name, Owner: owner}, secret).content(secret, render.Content{})
}

// Claimed reports whether the Secret itself says what is ours in it.
func (l Live) Claimed() bool {
	if l.share == nil {
		return true
	}
	_, claimed := ClaimOf(l.secret, l.share.want.Owner.Name)
	return claimed || l.secret.Annotations[v1alpha1.AnnotationOwner] == l.share.want.Owner.String()
}

// Judged works out whose the keys are that content puts into a Secret of somebody else. A key
// that is there and not ours is taken only if the adopt-by annotation names us, and never
// from another SecretSync. Where somebody removed the claim, before is what we served last,
// and what still holds just that is ours.
func (l Live) Judged(content render.Content, before *render.Content) Live {
	if l.share == nil || l.Ownership == Foreign {
		return l
	}
	m := *l.share
	m.own = maps.Clone(m.own)
	if before != nil {
		found := render.FromSecret(content.Type, l.secret.Data)
		for key, value := range before.Data {
			if now, there := found.Data[key]; there && now.Equal(value) && m.holders[key] == "" {
				m.own[key] = true
			}
		}
	}
	l.share, l.Ownership = &m, Ours
	if key, _ := m.conflict(l.secret, content); key != "" {
		l.Ownership = Foreign
		if m.adoptable(l.secret, content) {
			l.Ownership = Adoptable
		}
	}
	return l
}

// conflict returns the first key that is not ours, and the SecretSync that holds it, if it is
// one; no key if there is none.
func (m *share) conflict(secret *corev1.Secret, content render.Content) (key, holder string) {
	for _, key := range slices.Sorted(maps.Keys(content.Data)) {
		if _, there := secret.Data[key]; !m.own[key] && (there || m.holders[key] != "") {
			return key, m.holders[key]
		}
	}
	return "", ""
}

func (m *share) adoptable(secret *corev1.Secret, content render.Content) bool {
	for key := range content.Data {
		if m.holders[key] != "" && !m.own[key] {
			return false
		}
	}
	return secret.Annotations[v1alpha1.AnnotationAdoptBy] == m.want.Owner.Name
}

// content returns what the Secret holds of keys of ours, and of others.
func (m *share) content(secret *corev1.Secret, others render.Content) render.Content {
	data := map[string][]byte{}
	for key, value := range secret.Data {
		if _, wanted := others.Data[key]; m.own[key] || wanted {
			data[key] = value
		}
	}
	return render.FromSecret(v1alpha1.DefaultTargetType, data)
}

// differences lists how our keys in live differ from what is wanted, the gravest first.
func (m *share) differences(live *corev1.Secret, w Want, content render.Content) []Difference {
	var result []Difference
	changes := render.Diff(content, m.content(live, content))
	result = appendKeys(result, Missing, changes.Removed)
	result = appendKeys(result, Edited, changes.Changed)
	result = appendKeys(result, Extra, changes.Added)
	return append(result, w.claimDifferences(&live.ObjectMeta, slices.Sorted(maps.Keys(content.Data)))...)
}

// claimDifferences lists the differences outside the data of a Secret that keys are put into.
func (w Want) claimDifferences(meta *metav1.ObjectMeta, keys []string) []Difference {
	var result []Difference
	if meta.Labels[v1alpha1.LabelTarget] != "true" {
		result = append(result, Difference{Kind: Label, Keys: []string{v1alpha1.LabelTarget}})
	}
	var differing []string
	if !w.claimed(meta, w.claimOn(meta, keys)) {
		differing = append(differing, w.claimAnnotation())
	}
	if meta.Annotations[v1alpha1.AnnotationOwner] == w.Owner.String() {
		differing = append(differing, v1alpha1.AnnotationOwner)
	}
	return appendKeys(result, Metadata, differing)
}

// claimed reports whether a Secret bears the claim. That it does not name the Secret is no
// difference: earlier releases wrote no name, and no Secret changes for an upgrade.
func (w Want) claimed(meta *metav1.ObjectMeta, want Claim) bool {
	if found, ok := ClaimOf(meta, w.Owner.Name); ok && found.Target == "" {
		want.Target = ""
	}
	return meta.Annotations[w.claimAnnotation()] == want.text()
}

// apply puts content into secret, takes away what we put there before, and claims it.
func (m *share) apply(secret *corev1.Secret, w Want, content render.Content) {
	for key := range m.own {
		delete(secret.Data, key)
	}
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}
	maps.Copy(secret.Data, content.Reveal())
	claim := w.claimOn(&secret.ObjectMeta, slices.Sorted(maps.Keys(content.Data)))
	w.stripOwn(&secret.ObjectMeta)
	metav1.SetMetaDataLabel(&secret.ObjectMeta, v1alpha1.LabelTarget, "true")
	metav1.SetMetaDataAnnotation(&secret.ObjectMeta, w.claimAnnotation(), claim.text())
}

// mergeOwnership returns whether keys of ours may be put into live at all; Judged tells of
// the keys.
func (w Want) mergeOwnership(live *corev1.Secret) Ownership {
	if w.takesNoKeys(live) || w.crowded(live) {
		return Foreign
	}
	return Ours
}

// takesNoKeys reports whether live is nothing that keys may be put into: Kubernetes or others act
// on it, a SecretSync serves it whole, or its values are sent to a backend or trusted by us, and
// who may write SecretSyncs must not choose them.
func (w Want) takesNoKeys(live *corev1.Secret) bool {
	owner := live.Annotations[v1alpha1.AnnotationOwner]
	return refused(live.Type) || owner != "" && owner != w.Owner.String() || trusted(live)
}

// trusted reports whether live holds what a backend logs in with, or the keys of an installation.
func trusted(live *corev1.Secret) bool {
	return live.Labels[v1alpha1.LabelCredential] == "true" || live.Name == v1alpha1.KeysSecret
}

// crowded reports whether as many SecretSyncs as may have keys in live, and w is none of them.
func (w Want) crowded(live *corev1.Secret) bool {
	claimants := Claimants(live)
	return len(claimants) >= maxClaims && !slices.Contains(claimants, w.Owner.Name)
}

// Absent returns the error for a Secret that keys are to be put into and that does not exist.
func (w Want) Absent() error {
	return fault.New(fault.NotOwned, ReasonTargetMissing,
		"Secret %q does not exist: with spec.target.mode Merge somebody else has to create it, and it is waited for", w.Name)
}

// notMergeable returns why content is not put into live.
func (m *share) notMergeable(live *corev1.Secret, content render.Content) error {
	name := m.want.Name
	if trusted(live) {
		return fault.New(fault.NotOwned, "NotOwned",
			"Secret %q takes no keys: SecretSync or a backend trusts what it holds (a Secret labelled %s, or %s); name another in spec.target.name", name, v1alpha1.LabelCredential, v1alpha1.KeysSecret)
	}
	if m.want.takesNoKeys(live) {
		return m.want.notOwned(live)
	}
	if m.want.crowded(live) {
		return fault.New(fault.NotOwned, "NotOwned", "%d SecretSyncs have keys in Secret %q already, and no more may", maxClaims, name)
	}
	key, holder := m.conflict(live, content)
	if holder != "" {
		return fault.New(fault.NotOwned, ReasonKeyNotOwned,
			"key %q of Secret %q belongs to SecretSync %q, which had it first; take the key from one of the two, or, where that SecretSync is gone: kubectl annotate secret %s %s%s-",
			key, name, holder, name, v1alpha1.AnnotationMergePrefix, holder)
	}
	return fault.New(fault.NotOwned, ReasonKeyNotOwned,
		"key %q of Secret %q is there and is not ours; to hand over such keys: kubectl annotate secret %s %s=%s",
		key, name, name, v1alpha1.AnnotationAdoptBy, m.want.Owner.Name)
}

// fixed returns the error for a Secret that takes no keys because it is immutable; nil
// if none have to change.
func (m *share) fixed(live *corev1.Secret, content render.Content) error {
	if !isImmutable(live) || content.Equal(m.content(live, content)) {
		return nil
	}
	return fault.New(fault.NotOwned, "RecreateForbidden",
		"Secret %q is immutable, so no keys can be put into it; its owner has to create it anew", m.want.Name)
}
