// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Kind says what a note means for whoever reads it.
type Kind string

// The kinds of notes.
const (
	// Lost: it has no counterpart and is not in the result.
	Lost Kind = "Lost"
	// Changed: it is in the result, and means something slightly else there.
	Changed Kind = "Changed"
	// ByHand: somebody has to do something before the result works.
	ByHand Kind = "ToDo"
)

// Note is something that people should know of the conversion of one object.
type Note struct {
	// Object is its kind and name, as in ExternalSecret shop/db.
	Object string
	// Field is what of it the note is about; empty if it is the whole of it.
	Field string
	// Kind of the note.
	Kind Kind
	// Message is for people.
	Message string
}

// Handover is a Secret that another operator serves and a SecretSync shall serve.
type Handover struct {
	// Secret is the Secret, and Sync the SecretSync of its namespace that is to have it.
	Secret types.NamespacedName
	Sync   string
	// From is the object that it was served by, and Maker, if not nil, what made that.
	From  Origin
	Maker *Origin
	// Merge says that keys are merged into it, and that it stays somebody else's.
	Merge bool
	// Changes says that the SecretSync, as it was converted, would serve something else,
	// because some of what makes the content is lost.
	Changes bool
}

// of reports whether an object, as notes name it, is one of those that it was served by.
func (h Handover) of(object string) bool {
	return object == h.From.String() || h.Maker != nil && object == h.Maker.String()
}

// Origin names an object of another operator.
type Origin struct {
	// Group and Kind of the object, and its name.
	Group, Kind string
	types.NamespacedName
}

// String returns kind, namespace and name.
func (o Origin) String() string {
	if o.Namespace == "" {
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.NamespacedName.String()
}

// Result is what objects of other operators become.
type Result struct {
	// Backends, Syncs and ClusterSyncs are our objects, in the order in which they should be applied.
	Backends []client.Object
	Syncs    []*v1alpha1.SecretSync
	// ClusterSyncs make SecretSyncs in many namespaces.
	ClusterSyncs []*v1alpha1.ClusterSecretSync
	// Handovers are the Secrets that change hands.
	Handovers []Handover
	// Notes tell what does not carry over, what differs and what is to be done, sorted.
	Notes []Note
}
