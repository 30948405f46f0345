// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// infisical reads one environment of a project under one identity.
type infisical struct {
	client    *client
	identity  *identity
	project   *project
	selection selection
	// older is set once the server turned out to know the older API alone.
	older atomic.Bool
}

var (
	_ backend.Backend           = &infisical{}
	_ backend.ConditionalReader = &infisical{}
	_ backend.ContainerProver   = &infisical{}
	_ backend.FieldProver       = &infisical{}
)

// selection says which secrets make an entry, and how they are written.
type selection struct {
	environment        string
	recursive, imports bool
	tags               []string
	// expand has references replaced by the server; literal serves them as they are.
	expand, literal bool
	// guarded: others say which paths may be read, so it must be known where a value lies.
	guarded bool
}

// Read returns the folder at ref, or one version of one of its secrets.
func (b *infisical) Read(ctx context.Context, ref backend.EntryRef) (backend.Entry, error) {
	entry, _, err := b.ReadUnless(ctx, ref, "")
	return entry, err
}

// ReadUnless returns the folder at ref, unless it is as it was when it had that tag.
func (b *infisical) ReadUnless(ctx context.Context, ref backend.EntryRef, tag string) (backend.Entry, bool, error) {
	switch {
	case !folderName(ref):
		return backend.Entry{}, false, fault.New(fault.InvalidSpec, reasonInvalidPath,
			"path %q: a folder's name neither begins nor ends with a space: Infisical would take it away and read another folder", ref.Path())
	case ref.Version() != "" && ref.Field() == "":
		return backend.Entry{}, false, fault.New(fault.InvalidSpec, remote.ReasonVersionUnsupported,
			"%q: a folder of Infisical has no version, only each of its secrets has: pin the version of a field", shown(ref))
	case ref.Version() != "":
		entry, err := b.readVersion(ctx, ref)
		return entry, false, err
	}
	got, err := b.list(ctx, ref, tag)
	if err != nil {
		return backend.Entry{}, false, err
	}
	switch {
	case got.Status == http.StatusOK:
		entry, err := b.folder(ctx, ref, got)
		return entry, false, err
	case got.Status == http.StatusNotModified && tag != "":
		return backend.Entry{}, true, nil
	default:
		return backend.Entry{}, false, b.noFolder(ref, got)
	}
}

// folderName reports whether the server takes the path of a reference as it is.
func folderName(ref backend.EntryRef) bool {
	for segment := range strings.SplitSeq(ref.Path(), "/") {
		if strings.TrimSpace(segment) != segment {
			return false
		}
	}
	return true
}

// noFolder explains why a folder was not answered.
func (b *infisical) noFolder(ref backend.EntryRef, got *answer) error {
	switch got.Status {
	case http.StatusForbidden:
		return b.denied(ref)
	case http.StatusNotFound:
		b.project.doubt()
		if got.kind == errorPathNotFound || got.kind == errorNotFound {
			return fault.New(fault.NotFound, backend.ReasonEntryNotFound,
				"no folder %q in environment %q of project %q", shown(ref), b.selection.environment, b.projectName())
		}
	}
	return b.unexpected(fmt.Sprintf("reading %q", shown(ref)), got)
}

// list asks for a folder, of the API that the server knows.
func (b *infisical) list(ctx context.Context, ref backend.EntryRef, tag string) (*answer, error) {
	query := b.query(b.here(ref))
	query.Set("recursive", strconv.FormatBool(b.selection.recursive))
	query.Set("includePersonalOverrides", "false")
	if len(b.selection.tags) > 0 {
		query.Set("tagSlugs", strings.Join(b.selection.tags, ","))
	}
	return b.get(ctx, request{query: query, unless: tag})
}

// query is what every request of a secret has in common. Each truth value is sent, in every
// spelling, because what a server takes for granted differs from version to version.
func (b *infisical) query(at place) url.Values {
	query := url.Values{}
	query.Set("environment", at.environment)
	query.Set("secretPath", shown(at.ref))
	query.Set("viewSecretValue", "true")
	query.Set("expandSecretReferences", strconv.FormatBool(b.selection.expand))
	setImports(query, b.selection.imports)
	return query
}

func setImports(query url.Values, include bool) {
	query.Set("includeImports", strconv.FormatBool(include))
	query.Set("include_imports", strconv.FormatBool(include))
}

// request is a request of secrets; secret is the name of one, or empty for a list.
type request struct {
	secret string
	query  url.Values
	unless string
}

// get sends a request to the newer API, and to the older one where there is no newer.
func (b *infisical) get(ctx context.Context, r request) (*answer, error) {
	id, err := b.projectID(ctx)
	if err != nil {
		return nil, err
	}
	r.query.Set("projectId", id)
	r.query.Set("workspaceId", id)
	if !b.older.Load() {
		got, err := b.getAt(ctx, "/v4/secrets", r)
		if err != nil || !got.routeUnknown() {
			return got, err
		}
	}
	got, err := b.getAt(ctx, "/v3/secrets/raw", r)
	if err == nil { // A server that was upgraded since may not know it any more.
		b.older.Store(!got.routeUnknown())
	}
	return got, err
}

func (b *infisical) getAt(ctx context.Context, path string, r request) (*answer, error) {
	c := call{method: http.MethodGet, path: path, query: r.query, unless: r.unless}
	if r.secret != "" {
		c.path, c.raw = path+"/"+r.secret, path+"/"+url.PathEscape(r.secret)
	}
	return b.identity.authorized(ctx, c)
}
