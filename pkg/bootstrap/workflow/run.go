// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package workflow owns what a run of GitHub Actions says of itself, which runs may act for
// which environment, and what a run is told: masks, a summary, outputs. It must not read the
// environment or a file by itself, ask for a token, or write anything but text to a writer.
package workflow

import (
	"encoding/json"
	"strings"

	"github.com/secretsync/secretsync/pkg/bootstrap/plan"
	"github.com/secretsync/secretsync/pkg/fault"
)

// Reasons of the errors, all of class Denied.
const (
	// ReasonForeignCode: the run was started by somebody who may not push to the repository.
	ReasonForeignCode = "ForeignCode"
	// ReasonWrongEnvironment: the run is of another environment, or of none.
	ReasonWrongEnvironment = "WrongEnvironment"
	// ReasonWrongRepository: the run is of another repository.
	ReasonWrongRepository = "WrongRepository"
)

// Run is a run of a workflow.
type Run struct {
	// OnGitHub says that this is one.
	OnGitHub bool
	// Event is what started it, such as push.
	Event string
	// Repository, OWNER/NAME, is whose run it is.
	Repository string
	// Head is the repository that the code of the pull request, or of the run that started
	// this one, comes from; empty if that is not said.
	Head string
	// Actor is who started it.
	Actor string
}

// The events whose runs have the secrets of the repository, but may work for a fork.
const (
	pullRequestTarget = "pull_request_target"
	workflowRun       = "workflow_run"
)

// secretsForForks reports whether an event is one of them.
func secretsForForks(event string) bool { return event == pullRequestTarget || event == workflowRun }

// Read returns the run that variables of GitHub Actions and the text of its event describe.
// lookup returns a variable, empty if it is not set.
func Read(lookup func(name string) string, event []byte) Run {
	var payload struct {
		PullRequest struct {
			Head struct {
				Repo struct {
					FullName string `json:"full_name"`
				} `json:"repo"`
			} `json:"head"`
		} `json:"pull_request"`
		WorkflowRun struct {
			HeadRepository struct {
				FullName string `json:"full_name"`
			} `json:"head_repository"`
		} `json:"workflow_run"`
	}
	run := Run{
		OnGitHub: lookup("GITHUB_ACTIONS") == "true", Event: lookup("GITHUB_EVENT_NAME"),
		Repository: lookup("GITHUB_REPOSITORY"), Actor: lookup("GITHUB_ACTOR"),
	}
	// What cannot be read leaves Head empty, which the rules take for another repository.
	if json.Unmarshal(event, &payload) == nil {
		run.Head = payload.PullRequest.Head.Repo.FullName
		if run.Event == workflowRun {
			run.Head = payload.WorkflowRun.HeadRepository.FullName
		}
	}
	return run
}

// Trusted returns an error if the run has secrets though its code may be a stranger's.
func (r Run) Trusted() error {
	if !r.OnGitHub || !secretsForForks(r.Event) {
		return nil
	}
	if r.Head != "" && strings.EqualFold(r.Head, r.Repository) {
		return nil
	}
	from := "a repository that the event does not name"
	if r.Head != "" {
		from = "repository " + r.Head
	}
	return fault.New(fault.Denied, ReasonForeignCode,
		"this run was started by %s for %s: its secrets must not meet code of strangers; run the command validate under pull_request, and everything else after the merge", r.Event, from)
}

// WithoutSecrets says why GitHub gives the run no secrets; empty if it does.
func (r Run) WithoutSecrets() string {
	switch {
	case !r.OnGitHub:
		return ""
	case strings.HasPrefix(r.Actor, "dependabot["):
		return "this is a run of Dependabot, which GitHub gives Dependabot's secrets only: run validate here, or add them under Dependabot's secrets"
	case r.Event == "pull_request" && !strings.EqualFold(r.Head, r.Repository):
		return "this is a run for a pull request of a fork, which GitHub gives no secrets: run validate here, and everything else after the merge"
	default:
		return ""
	}
}

// Claims are those of a run's OIDC token that the rules look at, verified by GitHub's signature.
type Claims struct {
	// Environment is GitHub's environment that the job names; empty if it names none.
	Environment string
	// Repository is OWNER/NAME.
	Repository string
	// Event is what started the run.
	Event string
}

// May returns an error if a run with these claims must not act for an environment of a plan.
func (r Run) May(claims Claims, name string, environment plan.Environment) error {
	want := environment.Claim(name)
	switch {
	case claims.Environment == "":
		return fault.New(fault.Denied, ReasonWrongEnvironment,
			"the run's OIDC token names no environment, but -e %s needs %s: set environment: %s in the job", name, want, want)
	case claims.Environment != want:
		return fault.New(fault.Denied, ReasonWrongEnvironment,
			"the run's OIDC token is for environment %s, but -e %s needs %s: one of the two is wrong", claims.Environment, name, want)
	case environment.GitHub != nil && environment.GitHub.Repository != "" && !strings.EqualFold(claims.Repository, environment.GitHub.Repository):
		return fault.New(fault.Denied, ReasonWrongRepository,
			"the run's OIDC token is for repository %s, but environment %s belongs to %s", claims.Repository, name, environment.GitHub.Repository)
	case claims.Event != r.Event && claims.Event != "" && (r.Event != "" || secretsForForks(claims.Event)):
		return fault.New(fault.Denied, ReasonForeignCode,
			"the run's OIDC token says that %s started it, but its environment says %s", claims.Event, r.Event)
	default:
		return nil
	}
}
