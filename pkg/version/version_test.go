// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package version

import (
	"runtime/debug"
	"testing"
)

func TestOf(t *testing.T) {
	t.Parallel()
	recorded := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}
	for name, tc := range map[string]struct {
		linked string
		info   *debug.BuildInfo
		want   string
	}{
		"LinkerWins":     {linked: "v2.0.0", info: recorded, want: "v2.0.0"},
		"LinkerAlone":    {linked: "v2.0.0", want: "v2.0.0"},
		"Recorded":       {info: recorded, want: "v1.2.3"},
		"RecordOfNoTag":  {info: &debug.BuildInfo{}, want: "unknown"},
		"NothingIsKnown": {want: "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := of(tc.linked, tc.info); got != tc.want {
				t.Errorf("want %q, got %q", tc.want, got)
			}
		})
	}
}

// TestRunning of this test, which no linker was told anything of.
func TestRunning(t *testing.T) {
	t.Parallel()
	if Running() == "" {
		t.Error("want a word in any case")
	}
}
