// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package handover

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// watch looks, again and again until ctx ends, at the argument lists of all processes, in
// which no secret may ever stand. What children inherit is proven where they say it: see
// dump.sh and credential.sh.
func (h *house) watch(ctx context.Context, t *testing.T, helper int) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		files, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil || len(files) == 0 {
			t.Errorf("there are no processes: %v", err)
			return
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil { // It has ended.
				continue
			}
			for _, finding := range h.marks.Find(string(text)) {
				t.Errorf("%s while the helper is process %d: %s", file, helper, finding)
			}
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// variables returns an environment that env printed.
func variables(text string) map[string]string {
	found := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			found[name] = value
		}
	}
	return found
}

// wantInherited checks that an environment has these secrets, and no other one anywhere.
func (h *house) wantInherited(t *testing.T, who, text string, want map[string]string) {
	t.Helper()
	got := variables(text)
	if len(got) < 3 {
		t.Fatalf("%s printed no environment: %q", who, text)
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s has %s with %s bytes, want the secret", who, name, strconv.Itoa(len(got[name])))
		}
		delete(got, name)
	}
	for name, value := range got {
		for _, finding := range h.marks.Find(name + "=" + value) {
			t.Errorf("%s inherits variable %s: %s", who, name, finding)
		}
	}
}
