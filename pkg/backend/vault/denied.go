// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"fmt"
	"net/http"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// denied says which policy line would allow the read of ref.
func (v *vault) denied(ref backend.EntryRef, path string) error {
	return fault.New(fault.Denied, remote.ReasonPermissionDenied, "%s may not read %q in mount %q%s (HTTP 403): %s would allow it",
		v.identity.method.who(), ref.Path(), v.mount, v.inNamespace(), policyLine(path))
}

// policyLine is the line of a Vault policy that allows reading path.
func policyLine(path string) string {
	return fmt.Sprintf("the policy line path %q { capabilities = [\"read\"] }", path)
}

func (v *vault) tooLarge(ref backend.EntryRef) error {
	return fault.New(fault.InvalidContent, remote.ReasonAnswerTooLarge, "%q in mount %q is larger than 4 MiB", ref.Path(), v.mount)
}

func (v *vault) inNamespace() string { return inNamespace(v.namespace) }

// inNamespace names a Vault namespace, if there is one.
func inNamespace(namespace string) string {
	if namespace == "" {
		return ""
	}
	return fmt.Sprintf(" of Vault namespace %q", namespace)
}

// unexpected classes an answer whose status has no meaning of its own for the request.
func (v *vault) unexpected(doing string, got *answer) error {
	switch {
	case got.says("from non-versioned to versioned data"):
		return remote.Unavailable(ReasonEngineUpgrading, "mount %q is being upgraded to KV version 2", v.mount)
	case got.Status == http.StatusBadRequest, got.Status == http.StatusMethodNotAllowed:
		return fault.New(fault.InvalidSpec, remote.ReasonRequestRefused,
			"%s: Vault takes no such request (HTTP %d); check the path, and that the mount is a KV secrets engine", doing, got.Status)
	}
	return remote.Unavailable(remote.ReasonServerError, "%s: Vault answers HTTP %d", doing, got.Status)
}
