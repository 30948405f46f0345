// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// lookAgain is how often a doubt about a project's ID may cost another look.
const lookAgain = time.Minute

// project remembers the ID of the project that is read.
type project struct {
	clock clock.PassiveClock
	// slug is what the ID is looked up by; empty if the specification states the ID.
	slug string

	mu sync.Mutex
	id string
	at time.Time
}

func newProject(spec *v1alpha1.InfisicalBackend, clock clock.PassiveClock) *project {
	return &project{clock: clock, slug: spec.ProjectSlug, id: spec.ProjectID}
}

// known returns the ID, or "" while it is not known.
func (p *project) known() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.id
}

func (p *project) learn(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.id, p.at = id, p.clock.Now()
}

// doubt forgets an ID that was looked up and seems to be another one now, once in a while.
func (p *project) doubt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.slug != "" && p.clock.Since(p.at) >= lookAgain {
		p.id = ""
	}
}

// projectAnswer is what Infisical tells of a project: wrapped by ID, unwrapped by slug.
type projectAnswer struct {
	projectInfo

	Project   *projectInfo `json:"project"`
	Workspace *projectInfo `json:"workspace"`
}

type projectInfo struct {
	ID           string `json:"id"`
	Environments bounded[struct {
		Slug string `json:"slug"`
	}] `json:"environments"`
}

// info returns the project, however it is wrapped.
func (a *projectAnswer) info() projectInfo {
	switch {
	case a.Project != nil:
		return *a.Project
	case a.Workspace != nil:
		return *a.Workspace
	default:
		return a.projectInfo
	}
}

// projectID returns the project's ID, looking it up if it is not known: one request serves
// all who ask meanwhile.
func (b *infisical) projectID(ctx context.Context) (string, error) {
	if id := b.project.known(); id != "" {
		return id, nil
	}
	return remote.Shared(ctx, b.identity.life, "project", func(ctx context.Context) (string, error) { //nolint:wrapcheck // classed and complete
		if id := b.project.known(); id != "" {
			return id, nil
		}
		info, err := b.lookUp(ctx)
		return info.ID, err
	})
}

// lookUp asks for the project, by the name the specification gives it, and remembers its ID.
func (b *infisical) lookUp(ctx context.Context) (projectInfo, error) {
	newer, older := "/v1/projects/slug/"+b.project.slug, "/v2/workspace/"+b.project.slug
	if b.project.slug == "" {
		newer, older = "/v1/projects/"+b.project.known(), "/v1/workspace/"+b.project.known()
	}
	got, err := b.identity.authorized(ctx, call{method: http.MethodGet, path: newer})
	if err == nil && got.routeUnknown() {
		got, err = b.identity.authorized(ctx, call{method: http.MethodGet, path: older})
	}
	if err != nil {
		return projectInfo{}, err
	}
	switch got.Status {
	case http.StatusOK:
	case http.StatusForbidden:
		return projectInfo{}, fault.New(fault.Denied, ReasonNoMember, "%s may not see project %q (HTTP 403): it has to be added to the project", b.identity.method.who(), b.projectName())
	case http.StatusNotFound:
		return projectInfo{}, fault.New(fault.NotFound, backend.ReasonMountNotFound, "there is no project %q, or %s has not been added to it", b.projectName(), b.identity.method.who())
	default:
		return projectInfo{}, b.unexpected("looking up the project", got)
	}
	var said projectAnswer
	if err := got.decode(&said); err != nil {
		return projectInfo{}, err
	}
	info := said.info()
	if !name.MatchString(info.ID) {
		return projectInfo{}, unreadable("a project without an ID")
	}
	if b.project.slug != "" {
		b.project.learn(info.ID)
	}
	return info, nil
}

// projectName names the project as the specification does.
func (b *infisical) projectName() string {
	if b.project.slug != "" {
		return b.project.slug
	}
	return b.project.known()
}

// checkEnvironment returns nil if the project has the environment, else a NotFound that names
// those it has: Unavailable if it lists none, which tells nothing.
func (b *infisical) checkEnvironment(info projectInfo, slug string) error {
	var slugs []string
	for _, environment := range info.Environments {
		if name.MatchString(environment.Slug) && len(environment.Slug) <= maxName {
			slugs = append(slugs, environment.Slug)
		}
	}
	switch {
	case len(slugs) == 0:
		return remote.Unavailable(reasonNotTold, "project %q is there, but Infisical does not tell %s its environments", b.projectName(), b.identity.method.who())
	case slices.Contains(slugs, slug):
		return nil
	}
	return fault.New(fault.NotFound, backend.ReasonMountNotFound, "project %q has no environment %q; it has %s",
		b.projectName(), slug, strings.Join(slugs[:min(len(slugs), maxListed)], ", "))
}

// maxListed bounds lists of names in messages, maxName the names in them, which the server
// may choose.
const (
	maxListed = 20
	maxName   = 128
)
