// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package events owns what SecretSync says through Kubernetes events: one pure function
// per event, past tense, key names and numbers but never a value. It must not decide
// when something is said.
package events

import (
	"fmt"
	"strings"
	"unicode"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Event is something that happened to an object.
type Event struct {
	// Type is Normal or Warning.
	Type string
	// Reason is a CamelCase word for machines.
	Reason string
	// Action is what the operator did or tried.
	Action string
	// Note tells a person.
	Note string
}

// Served says that another revision became live, and why.
func Served(secret string, from, to int64, why string) Event {
	return Event{corev1.EventTypeNormal, "Served", "Serve",
		fmt.Sprintf("Secret %q went from revision %d to %d (%s)", secret, from, to, why)}
}

// Repaired says that the target differed and was put right.
func Repaired(secret, kind string, keys []string, by string) Event {
	return Event{corev1.EventTypeWarning, "DriftRepaired", "Repair",
		fmt.Sprintf("Secret %q was changed by hand and put right: %s%s, by %s", secret, kind, list(keys), by)}
}

// Drifted says that the target differs and is left as it is.
func Drifted(secret, kind string, keys []string, by string) Event {
	return Event{corev1.EventTypeWarning, "DriftReported", "Report",
		fmt.Sprintf("Secret %q was changed by hand: %s%s, by %s", secret, kind, list(keys), by)}
}

// Failed says that the state asked for could not be served, and that what was served stays.
func Failed(reason, message string) Event {
	return Event{corev1.EventTypeWarning, reason, "Sync", message}
}

// Recovered says that the state asked for is served again.
func Recovered(secret string, serving int64) Event {
	return Event{corev1.EventTypeNormal, "Recovered", "Sync", fmt.Sprintf("Secret %q serves revision %d as asked for", secret, serving)}
}

// Removed says that the target was deleted because its source is gone.
func Removed(secret string) Event {
	return Event{corev1.EventTypeWarning, "SourceGone", "Delete",
		fmt.Sprintf("Secret %q was deleted: its entries are gone from the backend and onSourceGone is Delete", secret)}
}

// HoldEnded says that a hold ended soon after it began, and not by the plugin.
func HoldEnded(number int64, request, manager string) Event {
	return Event{corev1.EventTypeWarning, "HoldEnded", "Release",
		fmt.Sprintf("revision %d was asked for with %q and is held no more, within 30 minutes: as far as managedFields show, %s wrote the SecretSync last", number, request, manager)}
}

// SourceDestroyed says that the backend no longer has a version that a kept revision was
// rendered from.
func SourceDestroyed(number int64, path, version string) Event {
	return Event{corev1.EventTypeNormal, "SourceDestroyed", "Sync",
		fmt.Sprintf("version %s of %q is destroyed in the backend; revision %d still holds its values, until it is forgotten with %s",
			version, path, number, v1alpha1.AnnotationForget)}
}

// Forgotten says that a revision was deleted for good on request.
func Forgotten(number int64) Event {
	return Event{corev1.EventTypeNormal, "Forgotten", "Forget", fmt.Sprintf("revision %d was deleted for good", number)}
}

// NotPruned says that old versions of a target stay, because the operator may not look whether
// anything refers to them.
func NotPruned(secret string, versions int) Event {
	return Event{corev1.EventTypeWarning, "NotPruned", "Prune",
		fmt.Sprintf("%d old versions of Secret %q stay: the operator may not look what refers to them; see versionedTargets in the chart's values", versions, secret)}
}

// ManyVersions says that so many old versions of a target stay because something refers to them.
func ManyVersions(secret string, versions int) Event {
	return Event{corev1.EventTypeWarning, "ManyVersions", "Prune",
		fmt.Sprintf("%d old versions of Secret %q stay, because ReplicaSets, Jobs or others of the namespace refer to them: keep fewer of those, as with revisionHistoryLimit", versions, secret)}
}

// FieldsAmbiguous says that an entry has fields which occur in several places below it, and
// that the nearest one is served.
func FieldsAmbiguous(path string, fields []string) Event {
	return Event{corev1.EventTypeNormal, "FieldsAmbiguous", "Sync",
		fmt.Sprintf("%q has fields that occur in several of its folders; the one nearest to it is served: %s", path, list(fields))}
}

// RestartsBegun says that workloads are being restarted for new content.
func RestartsBegun(number int64, workloads int) Event {
	return Event{corev1.EventTypeNormal, "RestartsBegun", "Restart",
		fmt.Sprintf("workloads are restarted for revision %d: %d", number, workloads)}
}

// RestartsDone says that the restarts for new content are over and well, and what else there
// is to know; message may be empty.
func RestartsDone(number int64, done int, message string) Event {
	return Event{corev1.EventTypeNormal, "RestartsDone", "Restart",
		fmt.Sprintf("workloads that run with revision %d: %d%s", number, done, clause(message))}
}

// RestartsFailed says that workloads do not come up with new content, or were not restarted.
func RestartsFailed(number int64, done, total int, message string) Event {
	return Event{corev1.EventTypeWarning, "RestartsFailed", "Restart",
		fmt.Sprintf("workloads that run with revision %d: %d of %d%s", number, done, total, clause(message))}
}

// TakenBack says that a revision was taken back because workloads did not come up with it, and
// why they did not; that may be empty.
func TakenBack(secret string, failed, to int64, why string) Event {
	return Event{corev1.EventTypeWarning, "TakenBack", "Rollback",
		fmt.Sprintf("Secret %q goes back from revision %d, with which workloads do not come up, to %d, and is held there until there is a newer one than %d, or %s is \"auto:%d\"%s",
			secret, failed, to, failed, v1alpha1.AnnotationAccept, failed, clause(why))}
}

func clause(message string) string {
	if message == "" {
		return ""
	}
	return "; " + message
}

// RolloutStopped says that a changed template reaches no further namespaces.
func RolloutStopped(failing, waiting int) Event {
	return Event{corev1.EventTypeWarning, "RolloutStopped", "RollOut",
		fmt.Sprintf("no further SecretSync is changed: %d fail with the new template, more than spec.rollout.maxFailures, and %d wait", failing, waiting)}
}

// RemovalsBlocked says that SecretSyncs stay which are not wanted any more, because so many of all
// namespaces would lose theirs at once; and which these are.
func RemovalsBlocked(unwanted, all int, namespaces []string) Event {
	return Event{corev1.EventTypeWarning, "RemovalsBlocked", "Remove",
		fmt.Sprintf("the SecretSyncs of %d of %d namespaces are not wanted any more and stay, because so many at once look like an accident; see status.blocked:%s",
			unwanted, all, list(namespaces))}
}

// EditUndone says that a SecretSync was changed by hand and put back.
func EditUndone(namespace, name string) Event {
	return Event{corev1.EventTypeWarning, "EditUndone", "Repair",
		fmt.Sprintf("SecretSync %q of namespace %q was changed by hand and put back; change the template, or annotate the SecretSync to hold a revision of it", name, namespace)}
}

// Recorder sends events to the API server.
type Recorder struct{ sink events.EventRecorder }

// NewRecorder returns a Recorder that sends to sink.
func NewRecorder(sink events.EventRecorder) Recorder { return Recorder{sink: sink} }

// Record sends an event about an object, its note on one line and as long as the API
// server takes.
func (r Recorder) Record(about runtime.Object, e Event) {
	r.sink.Eventf(about, nil, e.Type, e.Reason, e.Action, "%s", cut(oneLine(e.Note)))
}

// maxNote bounds a note in bytes: the API server refuses an event with a longer one, see
// NoteLengthLimit in k8s.io/kubernetes/pkg/apis/core/validation.
const maxNote = 1024

// cut shortens a note that is too long, between two characters.
func cut(note string) string {
	const end = "..."
	if len(note) <= maxNote {
		return note
	}
	return strings.ToValidUTF8(note[:maxNote-len(end)], "") + end
}

func oneLine(note string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, note)
}

// maxListed bounds the key names in a note.
const maxListed = 10

func list(keys []string) string {
	switch {
	case len(keys) == 0:
		return ""
	case len(keys) > maxListed:
		return fmt.Sprintf(" %s and %d more", strings.Join(keys[:maxListed], ", "), len(keys)-maxListed)
	default:
		return " " + strings.Join(keys, ", ")
	}
}
