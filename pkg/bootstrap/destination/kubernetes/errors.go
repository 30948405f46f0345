// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"errors"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/secretsync/secretsync/pkg/bootstrap/destination"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of errors about a key.
const (
	// ReasonNamespaceNotFound: the Secret's namespace does not exist. A NotFound.
	ReasonNamespaceNotFound = "NamespaceNotFound"
	// ReasonOtherManager: another field manager wrote the key. A NotOwned.
	ReasonOtherManager = "OtherManager"
)

// fault classes an error of the API server.
func (k *key) fault(err error, doing string) error {
	place := k.Describe()
	switch {
	case apierrors.IsNotFound(err):
		return fault.New(fault.NotFound, ReasonNamespaceNotFound,
			"%s: namespace %q does not exist yet; what installs the application, or kubectl create namespace %s, makes it", place, k.Namespace, k.Namespace)
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return denied(err, doing+" "+place, "in namespace "+k.Namespace)
	case apierrors.IsConflict(err):
		if others := managers(err); len(others) > 0 {
			return fault.New(fault.NotOwned, ReasonOtherManager,
				"%s was written by %s, and is not taken over: name another key, or remove that one if nobody needs it", place, strings.Join(others, ", "))
		}
		return fault.New(fault.Conflict, destination.ReasonChanged,
			"%s was changed by somebody else meanwhile, and nothing was written there: run the command again", place)
	}
	return unreachable(fault.FromAPI(err, doing+" "+place))
}

// denied names the right that is missing.
func denied(err error, doing, where string) error {
	f := fault.As(fault.FromAPI(err, doing))
	return fault.New(fault.Denied, f.Reason,
		"%s; the kubeconfig's user needs the verbs get, list, create, patch, update and delete of secrets %s", f.Message, where)
}

// unreachable classes an API server that does not answer as what a later stage may change.
func unreachable(err error) error {
	if f := fault.As(err); f != nil && f.Class == fault.Internal {
		return fault.New(fault.Unavailable, ReasonUnreachable, "%s", f.Message).After(f.RetryAfter).Because(errors.Unwrap(f))
	}
	return err
}

// managers returns the field managers that a conflict of server-side apply names; none if it
// is a conflict of another kind. The API server says: conflict with "NAME" using v1.
func managers(err error) []string {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	var found []string
	for _, cause := range status.Status().Details.Causes {
		if cause.Type != metav1.CauseTypeFieldManagerConflict {
			continue
		}
		_, rest, _ := strings.Cut(cause.Message, `"`)
		name, _, _ := strings.Cut(rest, `"`)
		found = append(found, `"`+name+`"`)
	}
	slices.Sort(found)
	return slices.Compact(found)
}
