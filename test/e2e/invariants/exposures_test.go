// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package invariants

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/test/e2e/harness"
	"github.com/secretsync/secretsync/test/faultproxy"
	"github.com/secretsync/secretsync/test/marker"
)

// exposure is one way in which a secret value passes through the operator.
type exposure struct {
	// entry is what Vault holds under the exposure's name; nil for nothing.
	entry fields
	// sync changes the SecretSync, which takes the whole entry of its name.
	sync harness.SyncEdit
	// answer is how the proxy before Vault treats reads of the entry; nil passes them on.
	answer faultproxy.Mode
	// want is the reason of Ready in the end.
	want string
}

const serving = "Serving"

// goodExposures are values of each shape that arrive in a Secret.
func goodExposures(m *marker.Set) map[string]exposure {
	object := func(name string) string {
		text, err := json.Marshal(map[string]any{"a": []any{m.Text(name), m.Number(name + " number")}})
		if err != nil {
			panic(err)
		}
		return string(text)
	}
	return map[string]exposure{
		"good-text":   {want: serving, entry: fields{field: m.Text("good text")}},
		"good-number": {want: serving, entry: fields{field: json.Number(m.Number("good number"))}},
		"good-object": {want: serving, entry: fields{field: map[string]any{"a": m.Text("in object"), "b": []any{m.Text("in list")}}}},
		"good-base64": {
			want: serving, entry: fields{field: base64.StdEncoding.EncodeToString([]byte(m.Text("good base64")))},
			sync: one(func(i *v1alpha1.DataItem) { i.Decode = v1alpha1.DecodeBase64 }),
		},
		"good-pointer": {
			want: serving, entry: fields{field: object("good pointer")},
			sync: one(func(i *v1alpha1.DataItem) { i.From.JSONPointer = "/a/0" }),
		},
	}
}

// badExposures are entries that cannot be served.
func badExposures(m *marker.Set) map[string]exposure {
	pointer := func(text string) harness.SyncEdit {
		return one(func(i *v1alpha1.DataItem) { i.From.JSONPointer = text })
	}
	ofType := func(name string) harness.SyncEdit {
		return func(s *v1alpha1.SecretSync) { s.Spec.Target.Type = name }
	}
	large := strings.Repeat(m.Text("too large"), 10000)
	twice := func(s *v1alpha1.SecretSync) {
		s.Spec.DataFrom = append(s.Spec.DataFrom, s.Spec.DataFrom[0])
	}
	return map[string]exposure{
		"bad-base64": {
			want: "InvalidBase64", entry: fields{field: m.Text("bad base64")},
			sync: one(func(i *v1alpha1.DataItem) { i.Decode = v1alpha1.DecodeBase64 }),
		},
		"pointer-into-text":   {want: "PointerNotFound", entry: fields{field: m.Text("pointer into text")}, sync: pointer("/a")},
		"pointer-into-number": {want: "PointerNotFound", entry: fields{field: json.Number(m.Number("pointer into number"))}, sync: pointer("/a")},
		"pointer-to-nothing":  {want: "PointerNotFound", entry: fields{field: map[string]any{"a": m.Text("pointer to nothing")}}, sync: pointer("/b")},
		"pointer-into-broken": {want: "PointerNotFound", entry: fields{field: `{"a": "` + m.Token("pointer into broken")}, sync: pointer("/a")},
		"field-missing": {
			want: "FieldNotFound", entry: fields{"other": m.Text("field missing")}, sync: one(func(*v1alpha1.DataItem) {}),
		},
		"null-value":      {want: "NullValue", entry: fields{field: nil, "other": m.Text("null value")}},
		"illegal-key":     {want: "InvalidKey", entry: fields{"not/a key": m.Text("illegal key")}},
		"duplicate-key":   {want: "DuplicateKey", entry: fields{field: m.Text("duplicate key")}, sync: twice},
		"too-large":       {want: "TooLarge", entry: fields{"a": large, "b": large, "c": large, "d": large}},
		"tls-without-key": {want: "TypeKeyMissing", entry: fields{field: m.Text("tls")}, sync: ofType("kubernetes.io/tls")},
		"docker-config":   {want: "TypeKeyMissing", entry: fields{".dockerconfigjson": m.Text("docker config")}, sync: ofType("kubernetes.io/dockerconfigjson")},
		"docker-cfg":      {want: "TypeKeyMissing", entry: fields{".dockercfg": m.Text("docker cfg")}, sync: ofType("kubernetes.io/dockercfg")},
		"ssh-auth":        {want: "TypeKeyMissing", entry: fields{field: m.Text("ssh")}, sync: ofType("kubernetes.io/ssh-auth")},
	}
}

// brokenAnswers are answers of something that stands before Vault, or is no Vault at all.
func brokenAnswers(m *marker.Set) map[string]exposure {
	found := map[string]exposure{
		"html":     {want: "UnreadableAnswer", answer: faultproxy.HTML(m.Text("html"))},
		"redirect": {want: "Redirected", answer: faultproxy.Redirect("https://" + m.Token("redirect") + ".example")},
		"cut":      {want: "UnreadableAnswer", entry: fields{field: m.Text("cut")}, answer: faultproxy.Cut()},
		"truncate": {want: "", entry: fields{field: m.Text("truncate")}, answer: faultproxy.Truncate()},
		"throttle": {want: "Throttled", answer: faultproxy.Throttle(m.Token("throttle"))},
		"shape":    {want: "UnreadableAnswer", answer: faultproxy.Status(http.StatusOK, `{"data":{"data":"`+m.Token("shape")+`"}}`)},
		"version": {
			want:   "UnreadableAnswer",
			answer: faultproxy.Status(http.StatusOK, `{"data":{"data":{"a":"b"},"metadata":{"version":`+m.Number("version")+`}}}`),
		},
		"created": {
			want: "UnreadableAnswer",
			answer: faultproxy.Status(http.StatusOK,
				`{"data":{"data":{"a":"b"},"metadata":{"version":1,"created_time":"`+m.Token("created")+`"}}}`),
		},
		"warning": {
			want:   "UnreadableAnswer",
			answer: faultproxy.Status(http.StatusOK, `{"warnings":["`+m.Token("warning")+`"],"data":{}}`),
		},
	}
	for _, status := range []int{400, 403, 404, 412, 429, 472, 473, 500, 502, 503} {
		name := fmt.Sprintf("status-%d", status)
		found[name] = exposure{answer: faultproxy.Status(status, fmt.Sprintf(`{"errors":[%q]}`, m.Token(name)))}
		name += "-page"
		found[name] = exposure{answer: faultproxy.Status(status, "<html>"+m.Text(name)+"</html>")}
	}
	return found
}
