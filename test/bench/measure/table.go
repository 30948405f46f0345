// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"fmt"
	"strings"
)

// Row is one figure and what it is judged by.
type Row struct {
	// What was measured.
	What string
	// Measured, Limit (of the raw program in the same run), Ratio and Target, each with
	// its unit; empty where there is none.
	Measured, Limit, Ratio, Target string
	// Verdict is Met, Missed, or empty for a figure that has no target.
	Verdict Verdict
}

// Verdict says whether a figure is as it should be.
type Verdict string

// The verdicts.
const (
	Met    Verdict = "met"
	Missed Verdict = "**missed**"
)

// Judge returns Met or Missed.
func Judge(met bool) Verdict {
	if met {
		return Met
	}
	return Missed
}

// Markdown returns rows as a table.
func Markdown(rows []Row) string {
	var b strings.Builder
	b.WriteString("| what | measured | raw limit | ratio | target | |\n|---|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.What, r.Measured, r.Limit, r.Ratio, r.Target, r.Verdict)
	}
	return b.String()
}
