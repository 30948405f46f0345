// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FromAPI classes an error of the Kubernetes API. doing says what was refused, such as
// `creating Secret "app"`. The server's own text is left out: an admission webhook may
// repeat the object it refuses, and with it a secret. A nil err stays nil.
func FromAPI(err error, doing string) error {
	if err == nil || As(err) != nil {
		return err
	}
	reason := apierrors.ReasonForError(err)
	switch reason {
	case metav1.StatusReasonConflict, metav1.StatusReasonAlreadyExists:
		return apiError(Conflict, "Conflict", doing, err)
	case metav1.StatusReasonForbidden, metav1.StatusReasonUnauthorized, metav1.StatusReasonInvalid,
		metav1.StatusReasonRequestEntityTooLarge, metav1.StatusReasonBadRequest,
		metav1.StatusReasonMethodNotAllowed, metav1.StatusReasonNotFound:
		return apiError(Rejected, rejection(err), doing, err)
	case metav1.StatusReasonTooManyRequests, metav1.StatusReasonServerTimeout:
		seconds, _ := apierrors.SuggestsClientDelay(err)
		return apiError(Internal, "APIServerBusy", doing, err).After(time.Duration(seconds) * time.Second)
	default:
		return apiError(Internal, "APIServerUnavailable", doing, err)
	}
}

// rejection names why the API server refused, as far as the status tells it safely.
func rejection(err error) string {
	switch {
	case apierrors.HasStatusCause(err, "NamespaceTerminating"):
		return "NamespaceTerminating"
	case isQuota(err):
		return "QuotaExceeded"
	default:
		return string(apierrors.ReasonForError(err))
	}
}

func apiError(class Class, reason, doing string, cause error) *Error {
	if class != Internal { // Only an API server that does not answer has harmless text.
		cause = silent{cause}
	}
	return New(class, reason, "%s: the Kubernetes API answers %s", doing, reason).Because(cause)
}

// silent wraps an error whose text is not safe to print.
type silent struct{ error }

func (s silent) Error() string { return "text withheld" }

func (s silent) Unwrap() error { return s.error }
