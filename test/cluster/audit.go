// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"
)

// AuditLevel is how much the API server records of a request.
type AuditLevel string

// The levels, by the names the API server gives them. Bodies include Secrets' data.
const (
	AuditOff      AuditLevel = ""
	AuditMetadata AuditLevel = "Metadata"
	AuditBodies   AuditLevel = "RequestResponse"
)

// auditPolicy records each request once, when it is answered; of a watch also its begin.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: %s
`

// AuditEvent is one entry of the API server's audit log.
type AuditEvent struct {
	Stage      string `json:"stage"` // ResponseComplete; of a watch also ResponseStarted
	Verb       string `json:"verb"`
	RequestURI string `json:"requestURI"`
	UserAgent  string `json:"userAgent"`
	User       struct {
		Username string `json:"username"`
	} `json:"user"`
	// ObjectRef is absent of requests that are not about a resource.
	ObjectRef *struct {
		APIGroup    string `json:"apiGroup"`
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
	} `json:"objectRef"`
	ResponseStatus struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
	// The bodies as JSON whatever the codec on the wire, at level AuditBodies only.
	RequestObject  json.RawMessage `json:"requestObject"`
	ResponseObject json.RawMessage `json:"responseObject"`
	ReceivedAt     time.Time       `json:"requestReceivedTimestamp"`
	At             time.Time       `json:"stageTimestamp"`
}

// AuditLogPath is the path of the API server's audit log, which exists if Options.Audit asked for it.
func (c *Cluster) AuditLogPath() string { return c.file("audit.log") }

// ReadAudit yields the entries of an audit log in the order in which the requests were answered. The log may be
// written to meanwhile: what is complete is read. An entry appears just after its request was answered. A failure is yielded once, at the end.
func ReadAudit(path string) iter.Seq2[AuditEvent, error] { return readJSONLines[AuditEvent](path) }

// auditArgs are the arguments that make kube-apiserver write the log.
func (c *Cluster) auditArgs(level AuditLevel) ([]string, error) {
	if level == AuditOff {
		return nil, nil
	}
	policy := c.file("audit-policy.yaml")
	if err := os.WriteFile(policy, fmt.Appendf(nil, auditPolicy, level), 0o600); err != nil {
		return nil, fmt.Errorf("writing the audit policy: %w", err)
	}
	return []string{
		"--audit-policy-file=" + policy,
		"--audit-log-path=" + c.AuditLogPath(),
		"--audit-log-maxsize=102400", // in MiB: it is never rotated
	}, nil
}

// readJSONLines decodes a file with one JSON value a line; a last line without its end is not read.
func readJSONLines[T any](path string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		file, err := os.Open(path)
		if err != nil {
			yield(none, err)
			return
		}
		defer file.Close() //nolint:errcheck // Only read.
		lines := bufio.NewReader(file)
		for {
			line, err := lines.ReadBytes('\n')
			if errors.Is(err, io.EOF) {
				return
			}
			var entry T
			if err == nil {
				err = json.Unmarshal(line, &entry)
			}
			if err != nil {
				yield(none, fmt.Errorf("reading %s: %w", path, err))
				return
			}
			if !yield(entry, nil) {
				return
			}
		}
	}
}
