// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package githubactions

// Job returns the claims of a job of corp/shop on its main branch, in an environment; an empty
// one is a job without.
func Job(environment string) map[string]any {
	claims := map[string]any{
		"sub": "repo:corp/shop:ref:refs/heads/main", "repository": "corp/shop", "repository_owner": "corp",
		"ref": "refs/heads/main", "event_name": "push", "actor": "octocat", "run_id": "1",
		"job_workflow_ref": "corp/shop/.github/workflows/bootstrap.yaml@refs/heads/main",
	}
	if environment != "" {
		claims["environment"] = environment
		claims["sub"] = "repo:corp/shop:environment:" + environment
	}
	return claims
}
