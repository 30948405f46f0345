// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package api

// restartCases are about what is restarted.
func restartCases() map[string]apiCase {
	const targets, selector = "must have targets with mode Targets", "must have a selector with mode Selector"
	return map[string]apiCase{
		"RestartMerge":     {patch: "spec: {restart: {mode: Auto}, target: {mode: Merge}}"},
		"RestartVersioned": {patch: "spec: {restart: {mode: Auto}, target: {versioned: true}}"},
		"RestartOwn":       {patch: "spec: {restart: {mode: Auto}, target: {mode: Own, versioned: false}}"},
		"RestartTargets": {patch: `
spec:
  restart: {mode: Targets, targets: [{kind: Rollout, name: api}], maxPerMinute: 6000, deadline: 24h, onFailure: Rollback}
`},
		"RestartSelector": {patch: `
spec:
  restart:
    mode: Selector
    selector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [front]}]}
    maxPerMinute: 1
    deadline: 5s
    onFailure: Report
`},
		"RestartAuto":           {patch: "spec: {restart: {mode: Auto}}"},
		"RestartNothingSaid":    {patch: "spec: {restart: {}}"},
		"RestartNoTargets":      {patch: "spec: {restart: {mode: Targets}}", field: "spec.restart", says: targets},
		"RestartStrayTargets":   {patch: "spec: {restart: {targets: [{kind: Deployment, name: api}]}}", field: "spec.restart", says: targets},
		"RestartNoSelector":     {patch: "spec: {restart: {mode: Selector}}", field: "spec.restart", says: selector},
		"RestartStraySelector":  {patch: "spec: {restart: {selector: {matchLabels: {app: web}}}}", field: "spec.restart", says: selector},
		"RestartEmptySelector":  {patch: "spec: {restart: {mode: Selector, selector: {}}}", field: "spec.restart.selector", says: "must not be empty"},
		"RestartDeadlineShort":  {patch: "spec: {restart: {deadline: 4s}}", field: "spec.restart.deadline", says: "must be 5s to 24h"},
		"RestartDeadlineOddity": {patch: "spec: {restart: {deadline: soon}}", field: "spec.restart.deadline", says: "must be 5s to 24h"},
	}
}
