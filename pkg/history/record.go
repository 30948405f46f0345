// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
	"github.com/secretsync/secretsync/pkg/revision"
)

// Annotations of a revision's Secret. All are covered by the MAC.
const (
	annotationObservedAt = v1alpha1.GroupName + "/observed-at"
	annotationKeys       = v1alpha1.GroupName + "/keys"
	annotationSpec       = v1alpha1.GroupName + "/spec"
	annotationMAC        = v1alpha1.GroupName + "/mac"
)

// ReasonUntrusted is the reason of the error for a revision that does not verify.
const ReasonUntrusted = "RevisionUntrusted"

// ReasonMissing is the reason of the error for a revision that is not there.
const ReasonMissing = "RevisionMissing"

// Source is one entry a revision was rendered from.
type Source struct {
	// Backend is the key of the backend object (backend.ObjectKey); Path and Version are the entry's.
	Backend string `json:"backend"`
	Path    string `json:"path"`
	Version string `json:"version,omitempty"`
	// Values are the fields that were taken of it, where the backend tells more of them.
	Values []Value `json:"values,omitempty"`
	// Cut says that there were more values than a Secret can list.
	Cut bool `json:"cut,omitempty"`
}

// Value is one field that a revision was rendered from.
type Value struct {
	// Field is its name in the entry.
	Field string `json:"field"`
	// ID and Version name the value in the backend.
	ID      string `json:"id,omitempty"`
	Version string `json:"version,omitempty"`
	// From is the path that it came from, if not the entry's, and Container what that is a
	// path of, if not the same as the entry's.
	From      string `json:"from,omitempty"`
	Container string `json:"container,omitempty"`
	// Beyond says that it came through that path, from a place that is not known.
	Beyond bool `json:"beyond,omitempty"`
}

// Origin returns where the value came from.
func (v Value) Origin() backend.Origin {
	return backend.Origin{Container: v.Container, Path: v.From, Beyond: v.Beyond}
}

// MaxValuesSize bounds, in bytes, what a revision says of values: the annotations of an
// object have 256 KiB together.
const MaxValuesSize = 96 << 10

// Record is one revision: a state of the target, and where it came from.
type Record struct {
	// ID of the revision.
	ID revision.ID
	// Content is the state: type and data.
	Content render.Content
	// ObservedAt is when it was first seen; whole seconds are kept.
	ObservedAt time.Time
	// Sources it was rendered from; none for an adopted state.
	Sources []Source
	// Changes against the revision before, by key name.
	Changes v1alpha1.KeyChanges
	// SpecHash tells whether a later state was rendered from the same specification.
	SpecHash string
}

// encode returns the Secret that keeps r. The changes are capped: ten thousand key names
// would be more than Kubernetes takes as annotations, and no status lists them.
func encode(r Record, owner *v1alpha1.SecretSync, keys revision.Keys) (*corev1.Secret, error) {
	sources, err := json.Marshal(r.Sources)
	if err != nil {
		return nil, fmt.Errorf("encoding the sources: %w", err)
	}
	changes, err := json.Marshal(capped(r.Changes))
	if err != nil {
		return nil, fmt.Errorf("encoding the changes: %w", err)
	}
	sealed := r.sealed(string(sources), string(changes))
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       r.ID.Namespace,
			Name:            r.ID.SecretName(),
			OwnerReferences: []metav1.OwnerReference{ownerReference(owner)},
			Annotations: map[string]string{
				v1alpha1.AnnotationOwner:        ownerText(r.ID),
				v1alpha1.AnnotationRevision:     strconv.FormatInt(r.ID.Number, 10),
				v1alpha1.AnnotationRevisionType: r.Content.Type,
				annotationObservedAt:            r.timeText(),
				v1alpha1.AnnotationSources:      string(sources),
				annotationKeys:                  string(changes),
				annotationSpec:                  r.SpecHash,
				annotationMAC:                   keys.MAC(sealed),
			},
		},
		Immutable: new(true),
		Type:      v1alpha1.SecretTypeRevision,
		Data:      r.Content.Reveal(),
	}, nil
}

// decode returns the record that a Secret keeps, if it verifies as id.
func decode(secret *corev1.Secret, id revision.ID, keys revision.Keys) (Record, error) {
	a := secret.Annotations
	r := Record{ID: id, SpecHash: a[annotationSpec], Content: render.FromSecret(a[v1alpha1.AnnotationRevisionType], secret.Data)}
	var err error
	if r.ObservedAt, err = time.Parse(time.RFC3339, a[annotationObservedAt]); err != nil {
		return Record{}, untrusted(id)
	}
	sealed := r.sealed(a[v1alpha1.AnnotationSources], a[annotationKeys])
	if secret.Type != v1alpha1.SecretTypeRevision || !named(a, id) || r.timeText() != a[annotationObservedAt] ||
		!keys.VerifyMAC(a[annotationMAC], sealed) {
		return Record{}, untrusted(id)
	}
	if json.Unmarshal([]byte(a[v1alpha1.AnnotationSources]), &r.Sources) != nil ||
		json.Unmarshal([]byte(a[annotationKeys]), &r.Changes) != nil {
		return Record{}, untrusted(id)
	}
	return r, nil
}

// named reports whether the annotations name the revision that the MAC is about.
func named(annotations map[string]string, id revision.ID) bool {
	return annotations[v1alpha1.AnnotationOwner] == ownerText(id) &&
		annotations[v1alpha1.AnnotationRevision] == strconv.FormatInt(id.Number, 10)
}

func ownerText(id revision.ID) string { return id.Namespace + "/" + id.Name }

// timeText is the one way to write the time, so that a text that means it is not enough.
func (r Record) timeText() string { return r.ObservedAt.UTC().Format(time.RFC3339) }

func (r Record) sealed(sources, changes string) revision.Sealed {
	return revision.Sealed{
		ID: r.ID, Type: r.Content.Type, Data: r.Content.Data, ObservedAt: r.ObservedAt,
		Notes: []string{sources, changes, r.SpecHash},
	}
}

func untrusted(id revision.ID) error {
	return fault.New(fault.Suspicious, ReasonUntrusted,
		"revision Secret %q does not verify under the installation's keys and is not served", id.SecretName())
}

func ownerReference(owner *v1alpha1.SecretSync) metav1.OwnerReference {
	return metav1.OwnerReference{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.KindSecretSync,
		Name: owner.Name, UID: owner.UID, Controller: new(true),
	}
}

// maxListed bounds lists in a status.
const maxListed = 32

// Entry returns what a status says of the revision.
func (r Record) Entry(keys revision.Keys) v1alpha1.HistoryEntry {
	entry := v1alpha1.HistoryEntry{
		Revision:   r.ID.Number,
		ObservedAt: metav1.NewTime(r.ObservedAt.UTC().Truncate(time.Second)),
		Keys:       capped(r.Changes),
		Digest:     keys.Digest(r.ID, r.Content.Type, r.Content.Data),
	}
	values := 0
	for _, s := range r.Sources {
		at := slices.IndexFunc(entry.Sources, func(l v1alpha1.SourceVersion) bool { return l.Path == s.Path && l.Version == s.Version })
		switch {
		case at >= 0:
		case len(entry.Sources) == maxListed:
			entry.Truncated = new(true)
			return entry
		default:
			at = len(entry.Sources)
			entry.Sources = append(entry.Sources, v1alpha1.SourceVersion{Path: s.Path, Version: s.Version})
		}
		for _, value := range s.Values {
			if values == maxListed {
				entry.Truncated = new(true)
				break
			}
			values++
			entry.Sources[at].Values = append(entry.Sources[at].Values, v1alpha1.ValueVersion{Field: value.Field, Version: value.Version, From: value.Origin().String()})
		}
	}
	return entry
}

func capped(changes v1alpha1.KeyChanges) v1alpha1.KeyChanges {
	first := func(names []string) []string { return names[:min(len(names), maxListed)] }
	return v1alpha1.KeyChanges{
		Added: first(changes.Added), Removed: first(changes.Removed), Changed: first(changes.Changed),
	}
}
