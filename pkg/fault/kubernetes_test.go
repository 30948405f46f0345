// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"pgregory.net/rapid"

	"github.com/secretsync/secretsync/pkg/fault"
)

// marker stands for a secret that an API server repeats.
const marker = "m4rk3r-value"

const doing = `creating Secret "app"`

// answers is every way in which the API server says no, each with the marker in its text.
func answers() map[string]struct {
	err  error
	want view
} {
	secrets := schema.GroupResource{Resource: "secrets"}
	refused := func(reason string) view {
		return view{Class: fault.Rejected, Reason: reason}
	}
	internal := func(reason string, wait time.Duration) view {
		return view{Class: fault.Internal, Reason: reason, RetryAfter: wait}
	}
	conflict := view{Class: fault.Conflict, Reason: "Conflict"}
	unavailable := internal("APIServerUnavailable", 0)
	webhook := func(code int32, reason metav1.StatusReason) error {
		return &apierrors.StatusError{ErrStatus: metav1.Status{
			Status: metav1.StatusFailure, Code: code, Reason: reason, Message: `admission webhook "w" denied the request: ` + marker,
		}}
	}
	terminating := apierrors.NewForbidden(secrets, marker, errors.New(marker))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause, Message: marker}}
	invalid := field.ErrorList{field.Invalid(field.NewPath("data"), marker, marker)}
	return map[string]struct {
		err  error
		want view
	}{
		"AlreadyExists":      {apierrors.NewAlreadyExists(secrets, marker), conflict},
		"GenerateName":       {apierrors.NewGenerateNameConflict(secrets, marker, 2), view{Class: fault.Conflict, Reason: "Conflict", RetryAfter: 2 * time.Second}},
		"Conflict":           {apierrors.NewConflict(secrets, marker, errors.New(marker)), conflict},
		"ApplyConflict":      {apierrors.NewApplyConflict([]metav1.StatusCause{{Message: marker}}, marker), conflict},
		"Forbidden":          {apierrors.NewForbidden(secrets, marker, errors.New(marker)), refused("Forbidden")},
		"Quota":              {apierrors.NewForbidden(secrets, marker, errors.New("exceeded quota: small, "+marker)), refused("QuotaExceeded")},
		"Terminating":        {terminating, refused("NamespaceTerminating")},
		"Unauthorized":       {apierrors.NewUnauthorized(marker), refused("Unauthorized")},
		"Invalid":            {apierrors.NewInvalid(schema.GroupKind{Kind: "Secret"}, marker, invalid), refused("Invalid")},
		"TooLarge":           {apierrors.NewRequestEntityTooLargeError(marker), refused("RequestEntityTooLarge")},
		"BadRequest":         {apierrors.NewBadRequest(marker), refused("BadRequest")},
		"MethodNotAllowed":   {apierrors.NewMethodNotSupported(secrets, marker), refused("MethodNotAllowed")},
		"NotFound":           {apierrors.NewNotFound(secrets, marker), refused("NotFound")},
		"NotAcceptable":      {generic(http.StatusNotAcceptable), refused("NotAcceptable")},
		"UnsupportedMedia":   {generic(http.StatusUnsupportedMediaType), refused("UnsupportedMediaType")},
		"ReasonWithoutCode":  {webhook(0, metav1.StatusReasonForbidden), refused("Forbidden")},
		"WebhookNoReason":    {webhook(http.StatusBadRequest, ""), refused("Refused")},
		"WebhookOwnReason":   {webhook(http.StatusTeapot, marker), refused("Refused")},
		"WebhookForbids":     {webhook(http.StatusForbidden, ""), refused("Refused")},
		"WebhookConflict":    {webhook(http.StatusConflict, ""), conflict},
		"WebhookBreaks":      {webhook(http.StatusInternalServerError, marker), unavailable},
		"TooManyRequests":    {apierrors.NewTooManyRequests(marker, 3), internal("APIServerBusy", 3*time.Second)},
		"TooManyRequestsOld": {apierrors.NewTooManyRequestsError(marker), internal("APIServerBusy", 0)},
		"ServerTimeout":      {apierrors.NewServerTimeout(secrets, marker, 5), internal("APIServerBusy", 5*time.Second)},
		"Timeout":            {apierrors.NewTimeoutError(marker, 7), internal("APIServerUnavailable", 7*time.Second)},
		"InternalError":      {apierrors.NewInternalError(errors.New(marker)), unavailable},
		"Unavailable":        {apierrors.NewServiceUnavailable(marker), unavailable},
		"Gone":               {apierrors.NewGone(marker), unavailable}, //nolint:staticcheck // older servers answer so
		"Expired":            {apierrors.NewResourceExpired(marker), unavailable},
		"BadGateway":         {generic(http.StatusBadGateway), unavailable},
		"NoStatusAtAll":      {&apierrors.StatusError{ErrStatus: metav1.Status{Message: marker}}, unavailable},
	}
}

func generic(code int) error {
	return apierrors.NewGenericServerResponse(code, "POST", schema.GroupResource{Resource: "secrets"}, "app", marker, 0, true)
}

func TestFromAPI(t *testing.T) {
	for name, tc := range answers() {
		for wrapping, err := range map[string]error{"Bare": tc.err, "Wrapped": fmt.Errorf("asking: %w", tc.err)} {
			t.Run(name+"/"+wrapping, func(t *testing.T) {
				got := fault.FromAPI(err, doing)
				want := tc.want
				want.Text = got.Error()
				if diff := cmp.Diff(want, viewOf(got)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				wantPublishable(t, got)
				if !errors.Is(got, tc.err) || apierrors.ReasonForError(got) != apierrors.ReasonForError(tc.err) {
					t.Error("the cause cannot be reached any more")
				}
			})
		}
	}
}

// tb is what testing and rapid share.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
}

// wantPublishable checks what may reach a log or a condition.
func wantPublishable(t tb, err error) {
	t.Helper()
	e := fault.As(err)
	for _, text := range []string{err.Error(), e.Message, e.Reason, fmt.Sprintf("%+v %#v", err, err)} {
		if strings.Contains(text, marker) {
			t.Errorf("the server's text shows: %s", text)
		}
	}
	if !strings.HasPrefix(e.Message, doing+": ") {
		t.Errorf("message %q does not say what was tried", e.Message)
	}
	if !regexp.MustCompile(`^[A-Z][A-Za-z]{0,127}$`).MatchString(e.Reason) {
		t.Errorf("reason %q cannot stand in a condition", e.Reason)
	}
}

func TestFromAPIKeepsWhatItNeedNotClass(t *testing.T) {
	if err := fault.FromAPI(nil, doing); err != nil {
		t.Errorf("nil became %v", err)
	}
	classed := fmt.Errorf("looking: %w", fault.New(fault.NotOwned, "NotOwned", "not ours"))
	if got := fault.FromAPI(classed, doing); !errors.Is(got, classed) || fault.ClassOf(got) != fault.NotOwned {
		t.Errorf("a classed error became %v", got)
	}
}

// TestFromAPIWithoutAnAnswer keeps the text of errors that no server wrote: it tells an
// operator which address does not answer.
func TestFromAPIWithoutAnAnswer(t *testing.T) {
	for name, err := range map[string]error{
		"Refused": errors.New("dial tcp 10.0.0.1:443: connection refused"), "Deadline": context.DeadlineExceeded,
	} {
		t.Run(name, func(t *testing.T) {
			got := fault.FromAPI(err, doing)
			if fault.ClassOf(got) != fault.Internal || !errors.Is(got, err) || !strings.Contains(got.Error(), err.Error()) {
				t.Errorf("FromAPI = %v", got)
			}
			wantPublishable(t, got)
		})
	}
}

// TestFromAPIOfAnyStatus holds for whatever a webhook makes up.
func TestFromAPIOfAnyStatus(t *testing.T) {
	reasons := []metav1.StatusReason{
		"", marker, "no reason at all", metav1.StatusReasonForbidden, metav1.StatusReasonInvalid, metav1.StatusReasonConflict,
		metav1.StatusReasonAlreadyExists, metav1.StatusReasonInternalError, metav1.StatusReasonTooManyRequests, metav1.StatusReasonNotFound,
	}
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.Int32Range(0, 600).Draw(t, "code")
		cause := &apierrors.StatusError{ErrStatus: metav1.Status{
			Code: code, Reason: rapid.SampledFrom(reasons).Draw(t, "reason"), Message: marker + rapid.String().Draw(t, "message"),
			Details: &metav1.StatusDetails{
				RetryAfterSeconds: rapid.Int32Range(0, 100).Draw(t, "seconds"),
				Causes:            []metav1.StatusCause{{Type: marker, Message: marker}},
			},
		}}
		got := fault.FromAPI(cause, doing)
		wantPublishable(t, got)
		if !fault.Is(got, fault.Rejected, fault.Conflict, fault.Internal) || !errors.Is(got, cause) {
			t.Fatalf("FromAPI = %v", got)
		}
		if wait := fault.RetryAfter(got); wait < 0 || wait > 100*time.Second {
			t.Fatalf("RetryAfter = %s", wait)
		}
	})
}
