// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/secretsync/secretsync/test/infisical"
	"github.com/secretsync/secretsync/test/infisical/access"
	"github.com/secretsync/secretsync/test/infisical/admin"
)

// again asks for the list of the reader with an ETag.
func (w *world) again(t *testing.T, etag string, parameters ...string) answer {
	t.Helper()
	return w.do(t, asked{
		method: http.MethodGet, path: "/api/v4/secrets", token: w.token,
		parameters: append(w.v4(), parameters...), header: map[string]string{"If-None-Match": etag},
	})
}

func TestETags(t *testing.T) {
	for name, hashed := range map[string]bool{"Cached": false, "Hashed": true} {
		t.Run(name, func(t *testing.T) {
			w := simulated(t, infisical.Options{Behavior: infisical.Behavior{HashedETags: hashed}})
			etagLife(t, w)
		})
	}
}

func TestETagsOfAnyServer(t *testing.T) { etagLife(t, newWorld(t)) }

// etagLife is an ETag from its making to its end, in every generation.
func etagLife(t *testing.T, w *world) {
	t.Helper()
	w.create(t, "A", "1")
	first := w.list(t)
	etag := first.header.Get("ETag")
	if len(etag) < 3 || etag[0] != '"' || etag[len(etag)-1] != '"' {
		t.Fatalf("the ETag %q is not quoted", etag)
	}
	unchanged := w.again(t, etag)
	unchanged.is(t, http.StatusNotModified, "")
	if len(unchanged.raw) > 0 || unchanged.header.Get("ETag") != etag {
		t.Errorf("304 with %q and the ETag %q", unchanged.raw, unchanged.header.Get("ETag"))
	}
	w.again(t, `"other"`).is(t, http.StatusOK, "")
	if same := w.list(t); same.header.Get("ETag") != etag {
		t.Error("the same content has another ETag")
	}
	if other := w.again(t, etag, "recursive", "true"); other.status == http.StatusOK && other.header.Get("ETag") == "" {
		t.Error("no ETag")
	}

	// A comment is no value, but it is content.
	must(w.Admin.ChangeSecret(t.Context(), w.root(), "A", admin.Extra{"secretComment": "why"}))(t)
	changed := w.again(t, etag)
	changed.is(t, http.StatusOK, "")
	if changed.header.Get("ETag") == etag {
		t.Error("a comment did not change the ETag")
	}
	etag = changed.header.Get("ETag")
	w.again(t, etag).is(t, http.StatusNotModified, "")

	// What the reader may not see any more is not 304.
	check(t, w.Admin.ChangeRoles(t.Context(), w.project.ID, w.reader.ID, "no-access"))
	w.again(t, etag).is(t, http.StatusForbidden, "PermissionDenied")

	// Any GET can be asked for like this.
	project := w.get(t, "/api/v1/projects/slug/"+w.project.Slug)
	w.do(t, asked{
		method: http.MethodGet, path: "/api/v1/projects/slug/" + w.project.Slug, token: w.token,
		header: map[string]string{"If-None-Match": project.header.Get("ETag")},
	}).is(t, http.StatusNotModified, "")
}

// TestCachedETag: the newest server answers from its cache before it reads anything, and for nobody else.
func TestCachedETag(t *testing.T) {
	clock := clocktesting.NewFakeClock(time.Now())
	w := simulated(t, infisical.Options{Clock: clock})
	w.create(t, "A", "1")
	etag := w.list(t).header.Get("ETag")
	w.again(t, etag).is(t, http.StatusNotModified, "")

	// Once the entry is gone, the content is compared again: still 304.
	clock.Step(16 * time.Minute)
	w.again(t, etag).is(t, http.StatusNotModified, "")
	w.Simulator.ExpireETags(w.project.ID)
	w.again(t, etag).is(t, http.StatusNotModified, "")

	// A folder that is gone is not 304.
	w.folder(t, "gone")
	id := must(w.Admin.CreateFolder(t.Context(), w.root(), "going"))(t)
	inFolder := w.list(t, "secretPath", "/going").header.Get("ETag")
	w.again(t, inFolder, "secretPath", "/going").is(t, http.StatusNotModified, "")
	check(t, w.Admin.DeleteFolder(t.Context(), w.root(), id))
	w.again(t, inFolder, "secretPath", "/going").is(t, http.StatusNotFound, "SecretPathNotFound")
}

// TestRequestsAreRemembered is what tests of a client count by.
func TestRequestsAreRemembered(t *testing.T) {
	w := simulated(t, infisical.Options{Behavior: infisical.Behavior{Access: access.Rules{ExpiredIs401: true}}})
	w.Simulator.Forget()
	etag := w.list(t).header.Get("ETag")
	w.again(t, etag)
	w.get(t, "/api/v4/secrets/NONE", w.v4()...)
	var got []int
	for _, r := range w.Simulator.Requests() {
		if r.Method != http.MethodGet || r.Query == "" {
			t.Errorf("%+v", r)
		}
		got = append(got, r.Status)
	}
	if diff := cmp.Diff([]int{200, 304, 404}, got); diff != "" {
		t.Error(diff)
	}
}

func TestListETagsAlone(t *testing.T) {
	w := simulated(t, infisical.Options{Behavior: infisical.Behavior{ListETagsAlone: true, HashedETags: true}})
	if w.list(t).header.Get("ETag") == "" {
		t.Error("a list without an ETag")
	}
	if etag := w.get(t, "/api/v1/projects/slug/"+w.project.Slug).header.Get("ETag"); etag != "" {
		t.Errorf("a project with the ETag %s", etag)
	}
}
