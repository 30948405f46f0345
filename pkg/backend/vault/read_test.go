// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/backend"
	"github.com/secretsync/secretsync/pkg/backend/backendtest"
	"github.com/secretsync/secretsync/pkg/backend/remote"
	"github.com/secretsync/secretsync/pkg/fault"
)

func TestReadKV2(t *testing.T) {
	s := newStub()
	s.On("secret/data/app", 200, kv2Body(`{"digits":12345678901234567890.10,"text":"a<b","none":null}`, 7))
	v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{Namespace: "eng"}})
	entry, err := v.Read(t.Context(), ref(t, "app", "7"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"digits": "12345678901234567890.10", "text": `"a<b"`, "none": "null"} {
		if got := string(entry.Fields[name].Reveal()); got != text {
			t.Errorf("field %q: want its JSON text %s, got %s", name, text, got)
		}
	}
	if want := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC); entry.Version != "7" || !entry.VersionTime.Equal(want) {
		t.Errorf("want version 7 of %s, got %q of %s", want, entry.Version, entry.VersionTime)
	}
	if got := s.Last(t, "secret/data/app"); got.Query != "version=7" || got.Header.Get("X-Vault-Namespace") != "eng" || got.Header.Get("X-Vault-Token") != "token-1" {
		t.Errorf("want the version, namespace and token sent, got %+v", got)
	}
	if !v.Capabilities().Has(backend.Versions) {
		t.Error("want versions as a capability once the engine is known")
	}
}

func TestReadKV1(t *testing.T) {
	s := newStub()
	s.On("sys/internal/ui/mounts/secret", 200, kv1Mount)
	s.On("secret/app", 200, `{"data":{"digits":12345678901234567890.10}}`)
	v := newVault(t, s, settings{})
	entry, err := v.Read(t.Context(), ref(t, "app", ""))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(entry.Fields["digits"].Reveal()); got != "12345678901234567890.10" || entry.Version != "" || !entry.VersionTime.IsZero() {
		t.Errorf("want the digits and no version, got %s, %q of %s", got, entry.Version, entry.VersionTime)
	}
	if v.Capabilities().Has(backend.Versions) {
		t.Error("want no versions as a capability")
	}
}

func TestReadFailures(t *testing.T) {
	gone := func(meta string) string {
		return `{"data":{"data":null,"metadata":` + meta + `}}`
	}
	deletedMeta := `{"created_time":"2026-01-02T03:04:05Z","deletion_time":"2026-01-03T03:04:05Z","destroyed":false,"version":2}`
	destroyedMeta := `{"created_time":"2026-01-02T03:04:05Z","deletion_time":"2026-01-03T03:04:05Z","destroyed":true,"version":2}`
	versions := `{"data":{"versions":{
		"1":{"deletion_time":"","destroyed":false},
		"2":{"deletion_time":"2026-01-03T03:04:05Z","destroyed":false},
		"3":{"deletion_time":"","destroyed":true},
		"10":{"deletion_time":"2999-01-01T00:00:00Z","destroyed":false}}}}`
	marker := escapedMarker()
	cases := map[string]struct {
		reason   string
		kv       string
		pin      string
		status   int
		body     string
		metadata string // the answer to reading the versions; empty is 403
		class    fault.Class
		because  string
		mention  string
	}{
		"Absent":        {status: 404, body: absent, class: fault.NotFound, because: backend.ReasonEntryNotFound, mention: `"app" in mount "secret"`},
		"MountGone":     {status: 404, body: noRoute, class: fault.NotFound, because: backend.ReasonMountNotFound, mention: `"secret"`},
		"Deleted":       {status: 404, body: gone(deletedMeta), class: fault.NotFound, because: backend.ReasonEntryDeleted, mention: "version 2"},
		"Destroyed":     {status: 404, body: gone(destroyedMeta), class: fault.NotFound, because: backend.ReasonVersionDestroyed, mention: "version 2"},
		"NeitherOfBoth": {status: 404, body: gone(`{"version":2}`), class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"PinAbsent": {
			pin: "4", status: 404, body: absent, metadata: versions,
			class: fault.NotFound, because: backend.ReasonVersionNotFound, mention: "versions that can be read: 10, 1",
		},
		"PinAbsentAndEntryToo": {
			pin: "4", status: 404, body: absent, metadata: absent,
			class: fault.NotFound, because: backend.ReasonEntryNotFound, mention: "no entry",
		},
		"PinAbsentAndVersionsDenied": {
			pin: "4", status: 404, body: absent,
			class: fault.NotFound, because: backend.ReasonVersionNotFound,
			mention: `path "secret/metadata/app" { capabilities = ["read"] }`,
		},
		"PinAbsentForTheMountIsGone": {
			pin: "4", status: 404, body: noRoute,
			class: fault.NotFound, because: backend.ReasonMountNotFound,
		},
		"PinDeleted": {
			pin: "2", status: 404, body: gone(deletedMeta), metadata: versions,
			class: fault.NotFound, because: backend.ReasonEntryDeleted, mention: "10, 1",
		},
		"PinDestroyed": {
			pin: "2", status: 404, body: gone(destroyedMeta), metadata: versions,
			class: fault.NotFound, because: backend.ReasonVersionDestroyed, mention: "10, 1",
		},
		"PinAnsweredWithAnother": {
			pin: "2", status: 200, body: kv2Body(`{"a":1}`, 3),
			class: fault.Unavailable, because: remote.ReasonUnexpectedVersion, mention: "version 3",
		},
		"PinDeletedOfAnother": {
			pin: "1", status: 404, body: gone(deletedMeta),
			class: fault.Unavailable, because: remote.ReasonUnexpectedVersion,
		},
		"PinNoNumber": {pin: "v1", class: fault.InvalidSpec, because: "InvalidVersion", mention: `"v1"`},
		"PinOnKV1":    {kv: "V1", pin: "1", class: fault.InvalidSpec, because: remote.ReasonVersionUnsupported, mention: "remove the version"},
		"Denied": {
			status: 403, body: denial, class: fault.Denied, because: remote.ReasonPermissionDenied,
			mention: `role "app" with ServiceAccount "team/secretsync-auth" may not read "app" in mount "secret" (HTTP 403): the policy line path "secret/data/app" { capabilities = ["read"] }`,
		},
		"DeniedKV1": {
			kv: "V1", status: 403, body: denial, class: fault.Denied, because: remote.ReasonPermissionDenied,
			mention: `path "secret/app" { capabilities = ["read"] }`,
		},
		"KV2ReadAsKV1": {
			kv: "V1", status: 404, body: `{"errors":[],"warnings":["Invalid path for a versioned K/V secrets engine. See"]}`,
			class: fault.InvalidSpec, because: ReasonKVVersionMismatch, mention: "spec.vault.kvVersion",
		},
		"Upgrading": {
			status: 400, body: `{"errors":["Upgrading from non-versioned to versioned data. This backend will be unavailable"]}`,
			class: fault.Unavailable, because: ReasonEngineUpgrading,
		},
		"BadRequest":    {status: 400, body: `{"errors":["` + "m4rk3r" + `"]}`, class: fault.InvalidSpec, because: remote.ReasonRequestRefused, mention: "HTTP 400"},
		"NoSuchMethod":  {status: 405, body: `{"errors":["1 error occurred:\n\t* unsupported operation\n\n"]}`, class: fault.InvalidSpec, because: remote.ReasonRequestRefused},
		"NoContent":     {status: 204, class: fault.Unavailable, because: remote.ReasonServerError},
		"NoData":        {status: 200, body: `{"data":null}`, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"NullInData":    {reason: "a live version has an object", status: 200, body: kv2Body("null", 1), class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"ListInData":    {status: 200, body: kv2Body(`["`+marker+`"]`, 1), class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"NoVersion":     {status: 200, body: kv2Body("{}", 0), class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"NoTime":        {status: 200, body: `{"data":{"data":{},"metadata":{"version":1}}}`, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"KV1Null":       {kv: "V1", status: 200, body: `{"data":null}`, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"KV1List":       {kv: "V1", status: 200, body: `{"data":["` + marker + `"]}`, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"TwoAnswers":    {status: 200, body: kv2Body("{}", 1) + kv2Body("{}", 2), class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"HTML":          {status: 200, body: "<html>" + marker, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"HTMLDenied":    {reason: "a firewall's page says nothing of the path", status: 403, body: "<html>" + marker, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"HTMLNotFound":  {reason: "a load balancer's page does not mean gone", status: 404, body: "<html>" + marker, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"EmptyNotFound": {status: 404, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"Truncated":     {status: 200, body: kv2Body(`{"password":"`+marker+`"}`, 1)[:60], class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"Large":         {status: 200, body: kv2Body(`{"a":"`+strings.Repeat("x", maxBody)+`"}`, 1), class: fault.InvalidContent, because: remote.ReasonAnswerTooLarge, mention: "4 MiB"},
		"LargeKV1":      {kv: "V1", status: 200, body: `{"data":{"a":"` + strings.Repeat("x", maxBody) + `"}}`, class: fault.InvalidContent, because: remote.ReasonAnswerTooLarge},
		"PlainHTTP":     {status: 400, body: "Client sent an HTTP request to an HTTPS server.\n", class: fault.Unavailable, because: remote.ReasonTLSFailed, mention: "http:"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			for _, path := range []string{"secret/app", "secret/data/app"} {
				s.On(path, tc.status, tc.body)
			}
			switch tc.metadata {
			case "":
				s.On("secret/metadata/app", 403, denial)
			case absent:
			default:
				s.On("secret/metadata/app", 200, tc.metadata)
			}
			kv := tc.kv
			if kv == "" {
				kv = v1alpha1.KVVersion2
			}
			_, err := newVault(t, s, settings{spec: v1alpha1.VaultBackend{KVVersion: kv}}).Read(t.Context(), ref(t, "app", tc.pin))
			want(t, err, tc.class, tc.because)
			if err != nil && !strings.Contains(fault.As(err).Message, tc.mention) {
				t.Errorf("%s: want a message with %q, got %q", tc.reason, tc.mention, err)
			}
		})
	}
}

// escapedMarker is the marker as it stands in a JSON text.
func escapedMarker() string { return strings.Trim(backendtest.Text(backendtest.Marker), `"`) }

func TestManyVersionsAreNotAllListed(t *testing.T) {
	s := newStub()
	s.On("secret/data/app", 404, absent)
	var versions []string
	for i := 1; i <= 30; i++ {
		versions = append(versions, backendtest.Text(strings.TrimLeft(string(rune('0'+i/10))+string(rune('0'+i%10)), "0"))+`:{}`)
	}
	s.On("secret/metadata/app", 200, `{"data":{"versions":{`+strings.Join(versions, ",")+`}}}`)
	_, err := newVault(t, s, settings{}).Read(t.Context(), ref(t, "app", "99"))
	want(t, err, fault.NotFound, backend.ReasonVersionNotFound)
	if got := err.Error(); !strings.HasSuffix(got, ": 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, ...") {
		t.Errorf("want the newest twenty, got %q", got)
	}
}

func TestLiveVersionWithAFutureDeletion(t *testing.T) {
	s := newStub()
	s.On("secret/data/app", 200, strings.Replace(kv2Body(`{"a":1}`, 1), `"deletion_time":""`, `"deletion_time":"2999-01-01T00:00:00Z"`, 1))
	if err := readApp(t, newVault(t, s, settings{})); err != nil {
		t.Errorf("want the version read: delete_version_after deletes it later, got %v", err)
	}
}

func TestEngineIsDetectedOnce(t *testing.T) {
	s := newStub()
	v := newVault(t, s, settings{})
	for range 3 {
		want(t, readApp(t, v), "", "")
	}
	if got := s.Count("sys/internal/ui/mounts/secret"); got != 1 {
		t.Errorf("want one detection, got %d", got)
	}
}

func TestEngineThatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStub()
		v := newVault(t, s, settings{})
		want(t, readApp(t, v), "", "")

		// The mount is made anew as version 1.
		s.On("sys/internal/ui/mounts/secret", 200, kv1Mount)
		s.On("secret/data/app", 404, absent)
		s.On("secret/app", 200, `{"data":{"a":1}}`)
		want(t, readApp(t, v), fault.NotFound, backend.ReasonEntryNotFound)
		if got := s.Count("sys/internal/ui/mounts/secret"); got != 1 {
			t.Errorf("want no detection so soon after the last, got %d", got)
		}
		pass(detectAgain)
		want(t, readApp(t, v), "", "")

		// And as version 2 again.
		s.On("sys/internal/ui/mounts/secret", 200, kv2Mount)
		s.On("secret/data/app", 200, kv2Body(`{"a":1}`, 1))
		s.On("secret/app", 404, `{"errors":[],"warnings":["Invalid path for a versioned K/V secrets engine."]}`)
		pass(detectAgain)
		want(t, readApp(t, v), "", "")

		// And it moves away, so that asking for it is denied too.
		s.On("sys/internal/ui/mounts/secret", 403, denial)
		s.On("secret/data/app", 404, noRoute)
		pass(detectAgain)
		want(t, readApp(t, v), fault.NotFound, backend.ReasonMountNotFound)
	})
}

// pass lets virtual time pass.
func pass(d time.Duration) { <-time.After(d) }

func TestDetection(t *testing.T) {
	cases := map[string]struct {
		reason  string
		status  int
		body    string
		data    string // the answer to reading the entry; empty is a denial
		class   fault.Class
		because string
		mention string
	}{
		"Denied": {
			status: 403, body: denial, class: fault.Denied, because: ReasonKVVersionUnknown,
			mention: `or set spec.vault.kvVersion`,
		},
		"DeniedForTheMountIsGone": {
			reason: "Vault denies what does not exist too", status: 403, body: denial, data: noRoute,
			class: fault.NotFound, because: backend.ReasonMountNotFound,
		},
		"NotFound":        {status: 404, body: absent, class: fault.NotFound, because: backend.ReasonMountNotFound},
		"MountAbove":      {status: 200, body: `{"data":{"type":"kv","path":"sec/","options":{"version":"2"}}}`, class: fault.NotFound, because: backend.ReasonMountNotFound},
		"AnotherEngine":   {status: 200, body: `{"data":{"type":"pki","path":"secret/"}}`, class: fault.InvalidSpec, because: "NotAKVMount"},
		"NoType":          {status: 200, body: `{"data":{}}`, class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"HTML":            {status: 200, body: "<html>" + escapedMarker(), class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"Large":           {status: 200, body: kv2Mount + strings.Repeat(" ", maxBody), class: fault.Unavailable, because: remote.ReasonUnreadableAnswer},
		"UnexpectedEmpty": {status: 204, class: fault.Unavailable, because: remote.ReasonServerError},
		"Sealed":          {status: 503, body: `{"errors":["Vault is sealed"]}`, class: fault.Unavailable, because: ReasonSealed},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			s.On("sys/internal/ui/mounts/secret", tc.status, tc.body)
			s.On("secret/data/app", 403, denial)
			if tc.data != "" {
				s.On("secret/data/app", 404, tc.data)
			}
			err := readApp(t, newVault(t, s, settings{}))
			want(t, err, tc.class, tc.because)
			if !strings.Contains(err.Error(), tc.mention) {
				t.Errorf("%s: want a message with %q, got %q", tc.reason, tc.mention, err)
			}
		})
	}
}

func TestProveContainer(t *testing.T) {
	cases := map[string]struct {
		reason  string
		kv      string
		mount   string
		status  int
		class   fault.Class
		because string
	}{
		"Alive":           {mount: kv2Mount, status: 200},
		"AliveAsStated":   {kv: "V2", mount: kv2Mount, status: 200},
		"Denied":          {mount: denial, status: 403, class: fault.Denied, because: ReasonKVVersionUnknown},
		"Gone":            {mount: absent, status: 404, class: fault.NotFound, because: backend.ReasonMountNotFound},
		"Sealed":          {mount: `{"errors":["Vault is sealed"]}`, status: 503, class: fault.Unavailable, because: ReasonSealed},
		"OtherThanStated": {kv: "V2", mount: kv1Mount, status: 200, class: fault.InvalidSpec, because: ReasonKVVersionMismatch},
		"OtherThanRead": {
			reason: "entries that were not found may be there after all",
			mount:  kv1Mount, status: 200, class: fault.Unavailable, because: ReasonKVVersionMismatch,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			v := newVault(t, s, settings{spec: v1alpha1.VaultBackend{KVVersion: tc.kv}})
			want(t, readApp(t, v), "", "")
			s.On("sys/internal/ui/mounts/secret", tc.status, tc.mount)
			want(t, v.ProveContainer(t.Context(), ref(t, "app", "")), tc.class, tc.because)
		})
	}
}
