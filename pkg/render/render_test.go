// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
)

// refusal is content that is not rendered.
type refusal struct {
	reason  string
	spec    string
	entries entries
	want    string   // the reason of the error
	names   []string // what the message must name
}

func TestRenderRefusesInvalidContent(t *testing.T) {
	const whole = `{dataFrom: [{entry: {path: app}}]}`
	one := func(from string) string { return `{data: [{secretKey: KEY, ` + from + `}]}` }
	cases := map[string]refusal{
		"EmptyEntry": {
			spec: whole, entries: entries{"app": {}},
			want: render.ReasonEntryEmpty, names: []string{"app"},
		},
		"EmptyEntryForOneField": {
			reason: "an empty entry is more than a missing field",
			spec:   one("from: {path: app, field: x}"), entries: entries{"app": {}},
			want: render.ReasonEntryEmpty, names: []string{"app"},
		},
		"FieldMissing": {
			spec: one("from: {path: app, field: pasword}"), entries: entries{"app": {"user": "1", "password": "2"}},
			want: render.ReasonFieldNotFound, names: []string{"KEY", "app", "pasword", "\"password\", \"user\""},
		},
		"FieldMissingAmongMany": {
			spec: one("from: {path: app, field: x}"), entries: entries{"app": manyFields(40)},
			want: render.ReasonFieldNotFound, names: []string{"and 24 more"},
		},
		"FieldIsNoPath": {
			reason: "a field is one exact name",
			spec:   one("from: {path: app, field: db.password}"), entries: entries{"app": {"db": `{"password": "p"}`}},
			want: render.ReasonFieldNotFound, names: []string{"db.password"},
		},
		"Null": {
			spec: one("from: {path: app, field: x}"), entries: entries{"app": {"x": "null"}},
			want: render.ReasonNullValue, names: []string{"KEY", "app", "\"x\""},
		},
		"NullOfWholeEntry": {
			spec: whole, entries: entries{"app": {"x": "null"}},
			want: render.ReasonNullValue, names: []string{"\"x\"", "app"},
		},
		"NullInside": {
			spec: one("from: {path: app, field: x, jsonPointer: /a}"), entries: entries{"app": {"x": `{"a": null}`}},
			want: render.ReasonNullValue, names: []string{"KEY"},
		},
		"IllegalKey": {
			spec: whole, entries: entries{"app": {"my key": "1"}},
			want: render.ReasonInvalidKey, names: []string{"my key", "app", "[-._a-zA-Z0-9]"},
		},
		"IllegalKeyTooLong": {
			spec: whole, entries: entries{"app": {strings.Repeat("é", 300): "1"}},
			want: render.ReasonInvalidKey, names: []string{"253"},
		},
		"ParentAsKey": {
			spec: whole, entries: entries{"app": {"..x": "1"}},
			want: render.ReasonInvalidKey, names: []string{"..x"},
		},
		"KeyTwice": {
			spec:    `{dataFrom: [{entry: {path: a}}, {entry: {path: b}}]}`,
			entries: entries{"a": {"x": "1"}, "b": {"x": "1"}},
			want:    render.ReasonDuplicateKey, names: []string{"\"x\"", "\"a\"", "\"b\""},
		},
		"EntryTwice": {
			reason: "the same entry twice is a key twice",
			spec:   `{dataFrom: [{entry: {path: a}}, {entry: {path: a}}]}`, entries: entries{"a": {"x": "1"}},
			want: render.ReasonDuplicateKey, names: []string{"\"x\"", "\"a\""},
		},
		"TooLarge": {
			spec:    whole,
			entries: entries{"app": {"small": "1", "blob": `"` + strings.Repeat("x", 1<<20) + `"`}},
			want:    render.ReasonTooLarge, names: []string{"blob", "1048576"},
		},
		"NotJSON": {
			spec: whole, entries: entries{"app": {"x": "{"}},
			want: render.ReasonInvalidValue, names: []string{"\"x\""},
		},
		"PointerLeadsNowhere": {
			spec: one("from: {path: app, field: x, jsonPointer: /a/b}"), entries: entries{"app": {"x": `{"a": [1]}`}},
			want: render.ReasonPointerNotFound, names: []string{"KEY", "/a/b", "a list at \"/a\""},
		},
		"NotBase64": {
			spec: one("decode: Base64, from: {path: app, field: x}"), entries: entries{"app": {"x": `"%%%"`}},
			want: render.ReasonInvalidBase64, names: []string{"KEY", "app"},
		},
		"TLSWithoutKey": {
			spec:    `{dataFrom: [{entry: {path: app}}], target: {type: kubernetes.io/tls}}`,
			entries: entries{"app": {"tls.crt": `"x"`}},
			want:    render.ReasonTypeKeyMissing, names: []string{"kubernetes.io/tls", "tls.key"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			spec := specOf(t, tc.spec)
			_, err := renderOf(spec, sourcesOf(t, spec, tc.entries))
			if !fault.Is(err, fault.InvalidContent) || fault.ReasonOf(err) != tc.want {
				t.Fatalf("%s: Render = %v (%s), want InvalidContent %s", tc.reason, err, fault.ReasonOf(err), tc.want)
			}
			for _, part := range tc.names {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not name %s", err, part)
				}
			}
		})
	}
}

func manyFields(n int) map[string]string {
	fields := map[string]string{}
	for i := range n {
		fields[strings.Repeat("f", i+1)] = "1"
	}
	return fields
}

func TestRenderLetsDataWin(t *testing.T) {
	cases := map[string]struct {
		reason  string
		spec    string
		entries entries
		want    map[string]string
	}{
		"OverOneEntry": {
			spec:    `{data: [{secretKey: x, from: {path: a, field: z}}], dataFrom: [{entry: {path: a}}]}`,
			entries: entries{"a": {"x": "1", "z": "2"}},
			want:    map[string]string{"x": "2", "z": "2"},
		},
		"OverAKeyTwice": {
			reason:  "a key named in data decides which of two is meant",
			spec:    `{data: [{secretKey: x, from: {path: b, field: x}}], dataFrom: [{entry: {path: a}}, {entry: {path: b}}]}`,
			entries: entries{"a": {"x": "1"}, "b": {"x": "2"}},
			want:    map[string]string{"x": "2"},
		},
		"OverNull": {
			reason:  "what is not served need not be valid",
			spec:    `{data: [{secretKey: x, from: {path: a, field: z}}], dataFrom: [{entry: {path: a}}]}`,
			entries: entries{"a": {"x": "null", "z": "2"}},
			want:    map[string]string{"x": "2", "z": "2"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			spec := specOf(t, tc.spec)
			content, err := renderOf(spec, sourcesOf(t, spec, tc.entries))
			if err != nil {
				t.Fatalf("Render: %v", err)
			}
			if diff := cmp.Diff(tc.want, plain(content)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestRenderRefusesInvalidSpec(t *testing.T) {
	cases := map[string]struct {
		spec  string
		names string
	}{
		"NoSource": {spec: `{}`, names: "dataFrom"},
		"NoMember": {spec: `{dataFrom: [{}]}`, names: "spec.dataFrom[0]"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			spec := specOf(t, tc.spec)
			_, wantsErr := wantsOf(spec)
			_, renderErr := renderOf(spec, nil)
			for _, err := range []error{wantsErr, renderErr} {
				if !fault.Is(err, fault.InvalidSpec) || !strings.Contains(err.Error(), tc.names) {
					t.Errorf("got %v, want InvalidSpec naming %q", err, tc.names)
				}
			}
		})
	}
}

func TestRenderRefusesOtherSources(t *testing.T) {
	spec := specOf(t, `{data: [{secretKey: a, from: {path: a, field: x}}, {secretKey: b, from: {path: b, field: x}}]}`)
	sources := sourcesOf(t, spec, entries{"a": {"x": "1"}, "b": {"x": "2"}})
	for name, wrong := range map[string][]render.Source{
		"Missing": sources[:1],
		"Swapped": {sources[1], sources[0]},
	} {
		if _, err := renderOf(spec, wrong); !fault.Is(err, fault.Internal) {
			t.Errorf("%s: Render = %v, want an Internal error", name, err)
		}
	}
}
