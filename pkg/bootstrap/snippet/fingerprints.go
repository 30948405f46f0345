// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package snippet

import "github.com/secretsync/secretsync/pkg/bootstrap/plan"

const (
	// fingerprintsFile is by which environments compare; its key is a secret of the repository.
	fingerprintsFile = "fingerprints.json"
	fingerprintKey   = "SECRETSYNC_FINGERPRINT_KEY"
	// cache is the action that keeps it from job to job, and from run to run.
	cache = "actions/cache"
	// cacheVersion is that of the action.
	cacheVersion = "@v5"
)

// compares reports whether the job of an environment has a value that should differ from that of
// another.
func compares(p *plan.Plan, environment string) bool {
	for _, stage := range p.Stages {
		for _, picks := range []func(plan.Value) bool{forExec, shared} {
			if (target{Plan: p, environment: environment, stage: stage, picks: picks}).compares() {
				return true
			}
		}
	}
	return false
}

// cached begins the name under which the fingerprints of a plan are kept.
func cached(p *plan.Plan) string { return "bootstrap-" + p.Name + "-fingerprints-" }

// thisRun and thisAttempt go on with it.
const (
	thisRun     = "${{ github.run_id }}-"
	thisAttempt = "${{ github.run_attempt }}-"
)

// restore fetches the fingerprints: those that the job of the environment before has left in this
// very run, without which nothing goes on; for the first, those of the last run, if there are any.
func restore(t *text, p *plan.Plan, before string) {
	t.line("    - uses: ", cache, "/restore", cacheVersion)
	t.line("      with:")
	t.line("        path: ", fingerprintsFile)
	t.line("        key: ", cached(p), thisRun, thisAttempt, before)
	if before == "" {
		t.line("        restore-keys: ", cached(p))
		t.line("    - run: test -e ", fingerprintsFile, " || echo '{}' >", fingerprintsFile, " # the first run begins them")
		return
	}
	t.line("        restore-keys: ", cached(p), thisRun)
	t.line("        fail-on-cache-miss: true")
}

// save keeps the fingerprints, even of a job that failed: it may have written by then.
func save(t *text, p *plan.Plan, environment string) {
	t.line("    - uses: ", cache, "/save", cacheVersion)
	t.line("      if: always()")
	t.line("      with:")
	t.line("        path: ", fingerprintsFile)
	t.line("        key: ", cached(p), thisRun, thisAttempt, environment)
}
