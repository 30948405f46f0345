// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/sensitive"
)

func TestStatusFault(t *testing.T) {
	said := func(text string) string { return `{"errors":[` + backendtest.Text(text+backendtest.Marker) + `]}` }
	cases := map[string]struct {
		status int
		body   string
		class  fault.Class
		reason string
	}{
		"OK":               {status: 200},
		"NoContent":        {status: 204},
		"BadRequest":       {status: 400, body: said("x")},
		"Forbidden":        {status: 403, body: denial},
		"NotFound":         {status: 404, body: absent},
		"NotAllowed":       {status: 405, body: said("unsupported operation")},
		"NotVault":         {status: 404, body: "404 page not found " + backendtest.Marker, class: fault.Unavailable, reason: remote.ReasonUnreadableAnswer},
		"NullIsNotVault":   {status: 404, body: "null", class: fault.Unavailable, reason: remote.ReasonUnreadableAnswer},
		"Moved":            {status: 301, class: fault.Unavailable, reason: remote.ReasonRedirected},
		"Temporary":        {status: 307, class: fault.Unavailable, reason: remote.ReasonRedirected},
		"Lag":              {status: 412, body: said("required index state not present"), class: fault.Unavailable, reason: ReasonReplicationLag},
		"Throttled":        {status: 429, class: fault.Throttled, reason: remote.ReasonThrottled},
		"DRSecondary":      {status: 472, class: fault.Unavailable, reason: ReasonStandby},
		"PerfStandby":      {status: 473, class: fault.Unavailable, reason: ReasonStandby},
		"Error":            {status: 500, body: said("boom"), class: fault.Unavailable, reason: remote.ReasonServerError},
		"Uninitialized":    {status: 501, class: fault.Unavailable, reason: ReasonNotInitialized},
		"BadGateway":       {status: 502, body: "<html>" + backendtest.Marker, class: fault.Unavailable, reason: remote.ReasonServerError},
		"Sealed":           {status: 503, body: said("Vault is sealed"), class: fault.Unavailable, reason: ReasonSealed},
		"SealedBao":        {status: 503, body: said("OpenBao is sealed"), class: fault.Unavailable, reason: ReasonSealed},
		"NotInitialized":   {status: 503, body: said("Vault is not initialized"), class: fault.Unavailable, reason: ReasonNotInitialized},
		"NotActive":        {status: 503, body: said("node is not active"), class: fault.Unavailable, reason: ReasonStandby},
		"NoActive":         {status: 503, body: said("no active Vault instance found"), class: fault.Unavailable, reason: ReasonStandby},
		"Maintenance":      {status: 503, body: "<html>", class: fault.Unavailable, reason: remote.ReasonServerError},
		"GatewayTimeout":   {status: 504, class: fault.Unavailable, reason: remote.ReasonServerError},
		"Informational":    {status: 199, class: fault.Unavailable, reason: remote.ReasonServerError},
		"PartialContent":   {status: 206, class: fault.Unavailable, reason: remote.ReasonServerError},
		"Unauthorized":     {status: 401, class: fault.Unavailable, reason: remote.ReasonServerError},
		"EntityTooLarge":   {status: 413, class: fault.Unavailable, reason: remote.ReasonServerError},
		"AnswerForTeapots": {status: 418, class: fault.Unavailable, reason: remote.ReasonServerError},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := answered(tc.status, []byte(tc.body), "7").statusFault()
			want(t, err, tc.class, tc.reason)
			asks := tc.class != "" && tc.reason != remote.ReasonRedirected && tc.reason != remote.ReasonUnreadableAnswer
			if got := fault.RetryAfter(err); asks != (got == 7*time.Second) {
				t.Errorf("want Retry-After heeded %t, got %s", asks, got)
			}
		})
	}
}

// FuzzAnswer: whatever an answer holds, nothing panics, no error holds a part of it, and an
// entry that is returned is whole.
func FuzzAnswer(f *testing.F) {
	// A text that no message of ours contains by itself, where a value or a name may stand.
	const value = "zq7f3rt9"
	for _, body := range []string{
		kv2Body(`{"`+value+`":"`+value+`","n":1.50,"o":{"x":[null,"`+value+`"]}}`, 3),
		kv1Mount, kv2Mount, badToken, denial, absent, noRoute,
		`{"data":{"data":null,"metadata":{"deletion_time":"2026-01-03T03:04:05Z","destroyed":true,"version":2}}}`,
		`{"data":{"data":{},"metadata":{"created_time":"` + value + `","version":"` + value + `"}}}`,
		`{"data":{"versions":{"1":{"destroyed":false},"2":{"deletion_time":"` + value + `"},"` + value + `":{}}}}`,
		`{"data":{"versions":{"1":{},"2":{}}}}`,
		`{"auth":{"client_token":"` + value + `","lease_duration":60,"renewable":true}}`,
		`{"data":{"a":"` + value + `"}}`, `{"data":"` + value + `"}`, `{"errors":"` + value + `"}`, `{"errors":["` + value + `"]}`,
		`null`, `[]`, `"` + value + `"`, ``, `{`, `{"errors":[1]}`, `{"data":{"data":{"":""}}}`,
		"<html>" + value, "\xff\xfe" + value, strings.Repeat("[", 20000),
	} {
		f.Add(200, []byte(body), "1")
		f.Add(404, []byte(body), value)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, retryAfter string) {
		got := answered(status, body, retryAfter)
		for name, err := range judge(got) {
			if err == nil {
				continue
			}
			if fault.As(err) == nil {
				t.Errorf("%s: want a classed error, got %v", name, err)
			}
			if strings.Contains(fmt.Sprintf("%v %#v", err, err), value) {
				t.Errorf("%s: an error holds what the answer said", name)
			}
		}
		if wait := got.Wait(); wait < 0 || wait > time.Hour {
			t.Errorf("want a wait within bounds, got %s", wait)
		}
	})
}

// judge reads an answer in every way there is.
func judge(got *answer) map[string]error {
	errs := map[string]error{"status": got.statusFault()}
	entry, err := got.kv2Entry()
	if err == nil && (entry.Version == "" || entry.VersionTime.IsZero() || entry.Fields == nil) {
		err = errors.New("an entry of version 2 is not whole")
	}
	errs["kv2"] = wholeFields(entry.Fields, err)
	entry, err = got.kv1Entry()
	errs["kv1"] = wholeFields(entry.Fields, err)
	_, errs["versions"] = got.versions()
	_, errs["secret"] = got.secret()
	got.says("x")
	return errs
}

func wholeFields(fields map[string]sensitive.Value, err error) error {
	for _, value := range fields {
		if value.Len() == 0 {
			return errors.New("a field is no JSON")
		}
	}
	return err
}

// answered is an answer that asks to wait.
func answered(status int, body []byte, retryAfter string) *answer {
	header := http.Header{}
	header.Set("Retry-After", retryAfter)
	return &answer{remote.Answer{Status: status, Header: header, At: time.Unix(0, 0), Body: body}}
}
