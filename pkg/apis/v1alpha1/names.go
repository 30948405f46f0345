// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Kinds of backends a reference can name.
const (
	KindSecretSync           = "SecretSync"
	KindSecretBackend        = "SecretBackend"
	KindClusterSecretBackend = "ClusterSecretBackend"
)

// KindClusterSecretSync is the kind that keeps SecretSyncs in many namespaces.
const KindClusterSecretSync = "ClusterSecretSync"

// What the operator writes on a SecretSync that a ClusterSecretSync keeps.
const (
	// LabelFanOut names the ClusterSecretSync.
	LabelFanOut = GroupName + "/fan-out"
	// AnnotationFanOutHash stands for what the ClusterSecretSync wants the object to be.
	AnnotationFanOutHash = GroupName + "/fan-out-hash"
	// AnnotationFanOutMade is the namespace/name that the object was made as: a copy has another.
	AnnotationFanOutMade = GroupName + "/fan-out-made"
)

// Annotations that people write on a SecretSync.
const (
	// AnnotationRollbackTo holds the state to go back to: a number, previous, current or a time.
	AnnotationRollbackTo = GroupName + "/rollback-to"
	// AnnotationHoldReason says why an old state is held for long; nobody is told of it then.
	AnnotationHoldReason = GroupName + "/hold-reason"
	// AnnotationRefresh asks for a read of the backend now; any new text does.
	AnnotationRefresh = GroupName + "/refresh"
	// AnnotationPauseUntil stops writes to the target until an RFC 3339 time, at most 24 h ahead.
	AnnotationPauseUntil = GroupName + "/pause-until"
	// AnnotationAccept lets the blocked state with this token through; on a ClusterSecretSync the
	// deletions.
	AnnotationAccept = GroupName + "/accept"
	// AnnotationForget lists, separated by commas, the numbers of revisions to delete for good.
	AnnotationForget = GroupName + "/forget"
)

// AnnotationRollbackBy names the user who wrote rollback-to. The API server stamps it where the
// chart's admission policies are installed, and lets nobody else write it.
const AnnotationRollbackBy = GroupName + "/rollback-by"

// Annotations that the kubectl plugin writes on a SecretSync beside those that people write.
const (
	// AnnotationRollbackGroup is the same text on all that one command rolled back.
	AnnotationRollbackGroup = GroupName + "/rollback-group"
	// AnnotationReleased is the RFC 3339 time at which a hold was ended on purpose, so that its
	// end is not taken for a tool's doing.
	AnnotationReleased = GroupName + "/released"
)

// AnnotationDefaultBackend marks, with the value true, the ClusterSecretBackend that
// serves SecretSyncs without a backendRef where several would.
const AnnotationDefaultBackend = GroupName + "/is-default-backend"

// AnnotationAdoptBy on a Secret that is not ours names the SecretSync that may take it over.
const AnnotationAdoptBy = GroupName + "/adopt-by"

// Labels and annotations that the operator writes on Secrets.
const (
	// LabelTarget marks, with the value true, a Secret that a SecretSync serves.
	LabelTarget = GroupName + "/target"
	// LabelCredential marks, with the value true, a Secret whose owner lets a backend log in with it.
	LabelCredential = GroupName + "/credential"
	// AnnotationOwner names the SecretSync a target or revision belongs to, as namespace/name.
	AnnotationOwner = GroupName + "/owner"
	// AnnotationRevision is the number of the revision a target holds, or a revision is.
	AnnotationRevision = GroupName + "/revision"
	// AnnotationHeldFor repeats, on a target that is held, the text that asked for it; the
	// number it resolved to is the revision that the target holds.
	AnnotationHeldFor = GroupName + "/held-for"
	// AnnotationRestart is, on a target, the number of the revision that last changed its
	// content while spec.restart was set: the workloads that use it have to be restarted for it.
	AnnotationRestart = GroupName + "/restart"
	// AnnotationRevisionType is, on a revision, the type of the target.
	AnnotationRevisionType = GroupName + "/revision-type"
	// AnnotationSources lists, on a revision, the entries that it was made of, as JSON.
	AnnotationSources = GroupName + "/sources"
	// AnnotationManagedMetadata lists the label and annotation keys of a target that come
	// from spec.target.metadata, so that a key taken from the spec is taken from the target.
	AnnotationManagedMetadata = GroupName + "/managed-metadata"
)

// AnnotationVersionOf marks one of the immutable Secrets that spec.target.versioned makes, and
// names the target that it is a version of.
const AnnotationVersionOf = GroupName + "/version-of"

// AnnotationMergePrefix and then the name of a SecretSync is the annotation under which
// that one notes which keys of a Secret of somebody else's are its own.
const AnnotationMergePrefix = "merge." + GroupName + "/"

// KeysSecret is the name of the Secret, in the operator's namespace, that keeps the
// installation's keys. Back it up with the revisions: without it they do not verify.
const KeysSecret = "secretsync-keys"

// SecretTypeRevision is the type of the immutable Secrets that keep revisions.
const SecretTypeRevision = GroupName + "/revision"

// Condition types. Ready is the summary; the others are true only when something is odd.
const (
	// ConditionReady: the target holds the state asked for; a backend is usable.
	ConditionReady = "Ready"
	// ConditionStalled: nothing will change until somebody edits something.
	ConditionStalled = "Stalled"
	// ConditionReconciling: a first or changed specification is being worked on.
	ConditionReconciling = "Reconciling"
	// ConditionStale: no good read for longer than three intervals and five minutes.
	ConditionStale = "Stale"
	// ConditionDrifted: the target differs from the serving revision.
	ConditionDrifted = "Drifted"
	// ConditionRolledBack: an older revision is held on request, or because workloads did not
	// come up with a newer one.
	ConditionRolledBack = "RolledBack"
	// ConditionRestartDegraded: workloads could not be restarted, or do not come up.
	ConditionRestartDegraded = "RestartDegraded"
	// ConditionHistoryDegraded: a served state could not be recorded or trusted.
	ConditionHistoryDegraded = "HistoryDegraded"
	// ConditionReachable: the backend answers.
	ConditionReachable = "Reachable"
)
