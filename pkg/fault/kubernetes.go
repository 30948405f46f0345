// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FromAPI classes an error of the Kubernetes API. doing says what was tried, such as
// `creating Secret "app"`. The server's own text is left out of message and text: an
// admission webhook may repeat the object it refuses, and with it a secret, under
// whatever code and reason it likes. A nil err stays nil, a classed one stays as it is.
func FromAPI(err error, doing string) error {
	if err == nil || As(err) != nil {
		return err
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) { // The server did not answer, so there is no text of its.
		return New(Internal, "APIServerUnavailable", "%s: the Kubernetes API does not answer", doing).Because(err)
	}
	class, reason := answer(err, status.Status().Code)
	seconds, _ := apierrors.SuggestsClientDelay(err)
	return New(class, reason, "%s: the Kubernetes API answers %s", doing, reason).
		Because(silent{cause: err, code: status.Status().Code}).
		After(time.Duration(seconds) * time.Second)
}

// answer returns class and reason of what the API server said.
func answer(err error, code int32) (Class, string) {
	switch {
	case apierrors.IsConflict(err), apierrors.IsAlreadyExists(err):
		return Conflict, "Conflict"
	case apierrors.IsTooManyRequests(err), apierrors.IsServerTimeout(err):
		return Internal, "APIServerBusy"
	case apierrors.IsGone(err), apierrors.IsResourceExpired(err):
		return Internal, "APIServerUnavailable"
	case code/100 == http.StatusBadRequest/100, slices.Contains(refusals(), apierrors.ReasonForError(err)):
		return Rejected, rejection(err)
	default:
		return Internal, "APIServerUnavailable"
	}
}

// rejection names why the API server refused, as far as the status tells it safely: a
// webhook may answer with any text for a reason.
func rejection(err error) string {
	reason := apierrors.ReasonForError(err)
	switch {
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return "NamespaceTerminating"
	case isQuota(err):
		return "QuotaExceeded"
	case slices.Contains(refusals(), reason):
		return string(reason)
	default:
		return "Refused"
	}
}

// refusals are the reasons of the API server itself that are published as they are.
func refusals() []metav1.StatusReason {
	return []metav1.StatusReason{
		metav1.StatusReasonForbidden, metav1.StatusReasonUnauthorized, metav1.StatusReasonInvalid,
		metav1.StatusReasonRequestEntityTooLarge, metav1.StatusReasonBadRequest,
		metav1.StatusReasonMethodNotAllowed, metav1.StatusReasonNotFound,
		metav1.StatusReasonNotAcceptable, metav1.StatusReasonUnsupportedMediaType,
	}
}

// silent wraps an error whose text is not safe to print.
type silent struct {
	cause error
	code  int32
}

func (s silent) Error() string { return fmt.Sprintf("HTTP status %d, text withheld", s.code) }

func (s silent) Unwrap() error { return s.cause }
