// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package harness

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// never lists what no operator may ever log.
func never() []string {
	return []string{"panic:", "Observed a panic", "WARNING: DATA RACE", "fatal error:", `"level":"dpanic"`}
}

// shortest is the length, in bytes, of the values that are searched for.
const shortest = 8

// Remember notes a value that must not be seen in a log.
func (w *World) Remember(value string) {
	if len(value) < shortest {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.values[value] = true
}

// faults returns what was found in the operators' logs that must not be there.
func (w *World) faults() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []error
	for _, path := range w.logs {
		text, err := os.ReadFile(path) //nolint:gosec // a log of this test
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			found = append(found, fmt.Errorf("reading the operator's log: %w", err))
		}
		for _, bad := range never() {
			if at := bytes.Index(text, []byte(bad)); at >= 0 {
				found = append(found, fmt.Errorf("%s holds %q:\n%s", path, bad, text[at:min(len(text), at+4096)]))
			}
		}
		for value := range w.values {
			if bytes.Contains(text, []byte(value)) || bytes.Contains(text, []byte(base64.StdEncoding.EncodeToString([]byte(value)))) {
				found = append(found, fmt.Errorf("%s holds the secret value %q", path, value))
			}
		}
	}
	return errors.Join(found...)
}

// AuditLine is a line that the operator logs for a change of what is served.
type AuditLine struct {
	Logger     string `json:"logger"`
	Namespace  string `json:"namespace"`
	SecretSync string `json:"secretsync"`
	Secret     string `json:"secret"`
	From       int64  `json:"from"`
	Revision   int64  `json:"revision"`
	Cause      string `json:"cause"`
	Request    string `json:"request"`
	By         string `json:"by"`
	Sources    []struct {
		Path    string `json:"path"`
		Version string `json:"version"`
	} `json:"sources"`
}

// AuditLines returns what the operator that runs from the start logged of changes of a
// SecretSync's target.
func (n *Tenant) AuditLines(tb testing.TB, name string) []AuditLine {
	tb.Helper()
	var lines []AuditLine
	for text := range strings.Lines(n.log(tb)) {
		var line AuditLine
		if json.Unmarshal([]byte(text), &line) == nil && line.Logger == "audit" && line.Namespace == n.Namespace && line.SecretSync == name {
			lines = append(lines, line)
		}
	}
	return lines
}

func (n *Tenant) log(tb testing.TB) string {
	tb.Helper()
	text, err := os.ReadFile(n.World.Operator.LogFile())
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// lastLines bounds what is shown of a log.
const lastLines = 30

// logged returns the last lines of the operator's log that name the tenant, or if there are
// none, the last lines.
func (n *Tenant) logged(tb testing.TB) string {
	tb.Helper()
	if n.World.Operator == nil {
		return "none ran yet"
	}
	var mine, all []string
	for text := range strings.Lines(n.log(tb)) {
		all = append(all, text)
		if strings.Contains(text, n.Namespace) {
			mine = append(mine, text)
		}
	}
	if len(mine) == 0 {
		mine = all
	}
	return strings.Join(mine[max(0, len(mine)-lastLines):], "")
}
