// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"iter"
	"time"
)

// VaultAuditEntry is one entry of Vault's audit log: a request, or the response to it. Values and tokens are hashed.
type VaultAuditEntry struct {
	Time    time.Time `json:"time"`
	Type    string    `json:"type"`  // request | response
	Error   string    `json:"error"` // of a refused request
	Request struct {
		ID         string `json:"id"`
		Operation  string `json:"operation"` // read | update | list | delete
		Path       string `json:"path"`      // such as "secret/data/payments/db" or "auth/kubernetes/login"
		MountType  string `json:"mount_type"`
		RemotePort int    `json:"remote_port"`
	} `json:"request"`
	Auth struct {
		DisplayName string   `json:"display_name"`
		Policies    []string `json:"policies"`
	} `json:"auth"`
}

// ReadVaultAudit yields the entries of Vault's audit log, oldest first. Vault writes an entry before it answers.
// The log may be written to meanwhile: what is complete is read. A failure is yielded once, at the end.
func ReadVaultAudit(path string) iter.Seq2[VaultAuditEntry, error] {
	return readJSONLines[VaultAuditEntry](path)
}
