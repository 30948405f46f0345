// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package infisical

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

// TestProvenFields: what is there, hidden or gone; and gone from what is selected by tags.
func TestProvenFields(t *testing.T) {
	tagged := v1alpha1.InfisicalBackend{Tags: []string{"k8s"}}
	there := `{"secret":` + secretOf("K", backendtest.Marker, "") + `}`
	cases := map[string]struct {
		spec   v1alpha1.InfisicalBackend
		status int
		body   string
		class  fault.Class
		reason string
	}{
		"There":     {status: 200, body: there},
		"Gone":      {status: 404, body: failure(404, errorNotFound, "x"), class: fault.NotFound, reason: backend.ReasonEntryNotFound},
		"Hidden":    {status: 403, body: failure(403, "PermissionDenied", "x"), class: fault.Denied, reason: remote.ReasonPermissionDenied},
		"Concealed": {status: 200, body: strings.ReplaceAll(there, backendtest.Text(backendtest.Marker), backendtest.Text(placeholder)), class: fault.Denied, reason: ReasonValueHidden},
		"Down":      {status: 500, body: failure(500, "InternalServerError", "x"), class: fault.Unavailable, reason: remote.ReasonServerError},
		"Untagged":  {spec: tagged, status: 200, body: there, class: fault.NotFound, reason: backend.ReasonEntryNotFound},
		"Tagged":    {spec: tagged, status: 200, body: strings.ReplaceAll(there, `"version"`, `"tags":[{"slug":"k8s"}],"version"`)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.On(list+"/K", tc.status, tc.body)
			want(t, open(t, s, settings{spec: tc.spec}).ProveField(t.Context(), ref(t, "app", "", ""), backend.Field{Name: "K"}, nil), tc.class, tc.reason)
		})
	}
}

// TestFieldsAreProvenWhereTheyLay: a field is asked for at the folder that it came from, and
// what is there and no part of the entry any more is gone from it.
func TestFieldsAreProvenWhereTheyLay(t *testing.T) {
	const app, deep, deeper, shared, dev = "/app", "/app/deep", "/app/deep/er", "/shared", "dev:/shared"
	from := func(path string) backend.Origin { return backend.Origin{Path: path} }
	own, fromDev := backend.Origin{}, backend.Origin{Container: "dev", Path: "shared"}
	recursive := v1alpha1.InfisicalBackend{Recursive: new(true)}
	alone := v1alpha1.InfisicalBackend{IncludeImports: new(false)}
	// fates are answers by place; places that are not named have no such secret.
	const hidden, there, away = 403, 200, 404
	const entryNotFound, denied = backend.ReasonEntryNotFound, remote.ReasonPermissionDenied
	cases := map[string]struct {
		why    string
		spec   v1alpha1.InfisicalBackend
		from   backend.Origin
		shown  *backend.Origin
		fates  map[string]int
		class  fault.Class
		reason string
		asked  []string
	}{
		"OwnGone":            {from: own, class: fault.NotFound, reason: entryNotFound, asked: []string{app}},
		"OwnHiddenByImport":  {from: own, shown: new(from("shared")), fates: map[string]int{app: hidden}, class: fault.Denied, reason: denied, asked: []string{app}},
		"OwnThereByImport":   {from: own, shown: new(from("shared")), fates: map[string]int{app: there}, asked: []string{app}},
		"DeepGone":           {spec: recursive, from: from("app/deep"), class: fault.NotFound, reason: entryNotFound, asked: []string{deep}},
		"DeepHidden":         {spec: recursive, from: from("app/deep"), fates: map[string]int{deep: hidden}, class: fault.Denied, reason: denied, asked: []string{deep}},
		"DeepThere":          {spec: recursive, from: from("app/deep"), fates: map[string]int{deep: there}, asked: []string{deep}},
		"DeepHiddenByDeeper": {spec: recursive, from: from("app/deep"), shown: new(from("app/deep/er")), fates: map[string]int{deep: hidden, deeper: there}, class: fault.Denied, reason: denied, asked: []string{deep}},
		"DeeperBehindDeep":   {why: "the nearer one wins whatever became of the other", spec: recursive, from: from("app/deep/er"), shown: new(from("app/deep")), fates: map[string]int{deeper: hidden}, class: fault.NotFound, reason: entryNotFound},
		"ImportBehindOwn":    {why: "the folder's own wins", from: from("shared"), shown: new(own), fates: map[string]int{shared: hidden}, class: fault.NotFound, reason: entryNotFound},
		"ImportBehindDeep":   {spec: recursive, from: from("shared"), shown: new(from("app/deep")), fates: map[string]int{shared: hidden}, class: fault.NotFound, reason: entryNotFound},
		"DeepBehindImport":   {spec: recursive, from: from("app/deep"), shown: new(from("shared")), fates: map[string]int{deep: hidden}, class: fault.Denied, reason: denied, asked: []string{deep}},
		"ImportGone":         {from: from("shared"), class: fault.NotFound, reason: entryNotFound, asked: []string{shared}},
		"ImportHidden":       {from: from("shared"), fates: map[string]int{shared: hidden}, class: fault.Denied, reason: denied, asked: []string{shared}},
		"ImportRemoved":      {why: "it is there, and the entry imports it no more", from: from("shared"), fates: map[string]int{shared: there}, class: fault.NotFound, reason: entryNotFound, asked: []string{shared, app}},
		"ImportNotListed":    {from: from("shared"), fates: map[string]int{shared: there, app: there}, asked: []string{shared, app}},
		"ImportOvertaken":    {why: "another import wins", from: from("shared"), shown: new(from("others")), fates: map[string]int{shared: there, app: there}, class: fault.NotFound, reason: entryNotFound, asked: []string{shared}},
		"ImportStoodIn":      {from: from("shared"), shown: new(from("others")), fates: map[string]int{shared: hidden}, class: fault.Denied, reason: denied, asked: []string{shared}},
		"ImportsOff":         {why: "the backend's specification changed", spec: alone, from: from("shared"), fates: map[string]int{shared: hidden}, class: fault.NotFound, reason: entryNotFound},
		"RecursionOff":       {why: "what lay below is none of the entry now", from: from("app/deep"), fates: map[string]int{deep: there}, class: fault.NotFound, reason: entryNotFound, asked: []string{deep, app}},
		"DevGone":            {from: fromDev, class: fault.NotFound, reason: entryNotFound, asked: []string{dev}},
		"DevHidden":          {from: fromDev, fates: map[string]int{dev: hidden}, class: fault.Denied, reason: denied, asked: []string{dev}},
		"DevRenamed":         {why: "it is imported by ID, and what a role says of it may not hold any more", from: backend.Origin{Container: "qa", Path: "shared"}, class: fault.Suspicious, reason: reasonNotProven, asked: []string{"qa:/shared"}},
		"Beyond":             {why: "nobody knows where to ask", from: backend.Origin{Path: "shared", Beyond: true}, fates: map[string]int{shared: away}, class: fault.Suspicious, reason: reasonNotProven},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			var asked []string
			s.Handle(list+"/K", func(w http.ResponseWriter, r *http.Request) {
				query := r.URL.Query()
				at := query.Get("secretPath")
				if environment := query.Get("environment"); environment != "prod" {
					at = environment + ":" + at
				}
				if imports := query.Get("includeImports") == "true"; imports != (at == app && len(asked) > 0) {
					t.Errorf("%s: want imports asked for only of the entry, at last", at)
				}
				asked = append(asked, at)
				body := `{"secret":` + secretOf("K", "x", "") + `}`
				switch tc.fates[at] {
				case there:
				case hidden:
					w.WriteHeader(hidden)
					body = failure(hidden, "PermissionDenied", "x")
				default:
					w.WriteHeader(away)
					body = failure(away, errorNotFound, "x")
				}
				_, _ = w.Write([]byte(body))
			})
			err := open(t, s, settings{spec: tc.spec}).ProveField(t.Context(), ref(t, "app", "", ""), backend.Field{Name: "K", From: tc.from}, tc.shown)
			want(t, err, tc.class, tc.reason)
			if diff := cmp.Diff(tc.asked, asked); diff != "" {
				t.Errorf("%s: asked elsewhere (-want +got):\n%s", tc.why, diff)
			}
		})
	}
}
