// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package restart

import (
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
)

// Job is one content that has to reach the Pods.
type Job struct {
	// Key of the SecretSync.
	Key client.ObjectKey
	// Secret is the name of its target, Annotations are those of it that others act on.
	Secret      string
	Annotations map[string]string
	// Versions is nil where the Secret has that name whatever it holds.
	Versions *Versions
	// Mark of the content.
	Mark Mark
	// Back says that the content takes the place of one with which workloads did not come up.
	Back bool
	// Spec says what is restarted, and how fast.
	Spec v1alpha1.Restart
	// Since is when the content was first seen to need restarts.
	Since time.Time
}

// same reports whether another job asks for the same work.
func (j *Job) same(other *Job, equal func(a, b any) bool) bool {
	return j.Secret == other.Secret && j.Versions.same(other.Versions) && j.Mark.Text() == other.Mark.Text() && equal(j.Spec, other.Spec)
}

// Report is how far a job has come.
type Report struct {
	// Revision that it is about.
	Revision int64
	// State is one of v1alpha1.RestartPending and its siblings.
	State string
	// Done of Total workloads run with the content.
	Done, Total int
	// Failed are those, as Kind/name, whose new Pods did not come up, and that were well
	// before: the content may be why.
	Failed []string
	// Message tells people what else there is to know; it is stable while nothing changes.
	Message string
	// Err is why nothing goes on for now, classed; nil if it does.
	Err error
}

// Over reports whether nothing more happens.
func (r Report) Over() bool {
	return r.State == v1alpha1.RestartDone || r.State == v1alpha1.RestartFailed
}
