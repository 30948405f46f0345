// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"net/http"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of errors, beside those of packages backend and remote.
const (
	// ReasonGone: the server had it once and says that it no longer has.
	ReasonGone = "Gone"
	// ReasonNoMember: the identity has not been added to the project, or may not see it.
	ReasonNoMember = "NoMember"
	// ReasonNothingShown: a folder is empty, or all of it is hidden from the identity.
	ReasonNothingShown = backend.ReasonNothingShown
	// ReasonValueHidden: the identity is shown that a secret exists, and not its value.
	ReasonValueHidden = "ValueHidden"
	// reasonNotTold: it is not known whether the environment is there. It is told nobody, as
	// what it says is an answer to a proof alone.
	reasonNotTold = "EnvironmentsNotTold"
	// reasonInvalidPath: the path of an entry is not one that the server would take as it is.
	reasonInvalidPath = "InvalidPath"
	// reasonListingUnsupported: the server, or the selection of the backend, has no folders to list.
	reasonListingUnsupported = "ListingUnsupported"
	// ReasonRecreated: a version is of a secret that was deleted and made anew.
	ReasonRecreated = "SecretRecreated"
)

// denied says which permission would allow the read of ref.
func (b *infisical) denied(ref backend.EntryRef) error {
	what := "DescribeSecret and ReadValue"
	return fault.New(fault.Denied, remote.ReasonPermissionDenied, "%s may not read %q in environment %q (HTTP 403): a role with %s on secrets of that environment and path would allow it",
		b.identity.method.who(), shown(ref), b.selection.environment, what)
}

// hidden explains a value that is listed and not shown.
func (b *infisical) hidden(ref backend.EntryRef, field string) error {
	return fault.New(fault.Denied, ReasonValueHidden, "%s may see that %q of %q exists, and not its value: a role with ReadValue on it would allow that",
		b.identity.method.who(), field, shown(ref))
}

// shown names a reference in messages: the folder as Infisical writes it.
func shown(ref backend.EntryRef) string {
	if ref.IsRoot() {
		return backend.Root
	}
	return "/" + ref.Path()
}

// unexpected classes an answer whose status has no meaning of its own for the request.
func (b *infisical) unexpected(doing string, got *answer) error {
	switch {
	case got.routeUnknown():
		return remote.Unavailable(remote.ReasonServerError, "%s: this server does not know the request", doing)
	case got.Status == http.StatusNotFound:
		return fault.New(fault.NotFound, backend.ReasonMountNotFound, "%s: there is no such project or environment", doing)
	case got.Status == http.StatusBadRequest, got.Status == http.StatusUnprocessableEntity:
		return fault.New(fault.InvalidSpec, remote.ReasonRequestRefused, "%s: Infisical takes no such request (HTTP %d); check project, environment and path", doing, got.Status)
	case got.Status == http.StatusNotModified:
		return unreadable("unchanged, though nothing was known of it")
	}
	return remote.Unavailable(remote.ReasonServerError, "%s: Infisical answers HTTP %d", doing, got.Status)
}
