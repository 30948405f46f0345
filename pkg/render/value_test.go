// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package render_test

import (
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/apis/v1alpha1"
	"github.com/secretsync/secretsync/pkg/fault"
	"github.com/secretsync/secretsync/pkg/render"
)

// valueCase is one field's JSON text and what an item makes of it.
type valueCase struct {
	reason  string
	text    string
	pointer string
	decode  string
	want    string
	refused string // the reason of the error; empty if the value is served
}

func (tc valueCase) run(t *testing.T) {
	t.Helper()
	spec := &v1alpha1.SecretSyncSpec{Data: []v1alpha1.DataItem{{
		SecretKey: "KEY",
		From:      v1alpha1.FieldSource{EntrySource: v1alpha1.EntrySource{Path: "app"}, Field: "x", JSONPointer: tc.pointer},
		Decode:    tc.decode,
	}}}
	content, err := renderOf(spec, sourcesOf(t, spec, entries{"app": {"x": tc.text}}))
	if got := fault.ReasonOf(err); got != tc.refused {
		t.Fatalf("%s: Render = %v (%s), want reason %q", tc.reason, err, got, tc.refused)
	}
	if got := plain(content)["KEY"]; got != tc.want {
		t.Errorf("%s: KEY = %q, want %q", tc.reason, got, tc.want)
	}
}

func TestValues(t *testing.T) {
	const invalid = render.ReasonInvalidValue
	cases := map[string]valueCase{
		"Pair":              {text: `"\ud83d\ude00"`, want: "😀"},
		"PairThenText":      {text: `"\ud83d\ude00\u0041"`, want: "😀A"},
		"EscapedBackslash":  {reason: "no escape follows an escaped backslash", text: `"\\ud83d"`, want: `\ud83d`},
		"ReplacementItself": {reason: "U+FFFD is a character like others", text: `"\ufffd"`, want: "\uFFFD"},
		"LoneHigh":          {reason: "it would silently become U+FFFD", text: `"\ud83d"`, refused: invalid},
		"LoneHighThenText":  {text: `"\ud83dxxxxxxxx"`, refused: invalid},
		"LoneHighThenOther": {text: `"\ud83d\n\u0041"`, refused: invalid},
		"HighTwice":         {text: `"\ud83d\ud83d\ude00"`, refused: invalid},
		"LoneLow":           {text: `"\uDE00"`, refused: invalid},
		"LoneInside":        {text: `[{"a": "\ud800"}]`, refused: invalid},
		"LoneInName":        {text: `{"\ud800": 1}`, refused: invalid},
		"InvalidUTF8":       {text: "\"\xff\"", refused: invalid},
		"MemberTwice":       {reason: "one of them would be lost", text: `{"a": 1, "a": 2}`, refused: invalid},
		"MemberTwiceDeep":   {text: `[{"a": {"b": 1, "\u0062": 2}}]`, refused: invalid},
		"TwoValues":         {text: `1 2`, refused: invalid},
		"Nothing":           {text: ``, refused: invalid},
		"Truncated":         {text: `{"a": `, refused: invalid},
		"Word":              {text: `password`, refused: invalid},
		"DeepNesting":       {reason: "a depth no decoder accepts is refused, not run into", text: strings.Repeat("[", 20000) + strings.Repeat("]", 20000), refused: invalid},
		"SpaceAround":       {text: " \n1\t", want: "1"},
	}
	for name, tc := range cases {
		t.Run(name, tc.run)
	}
}

func TestPointers(t *testing.T) {
	// The example of RFC 6901, section 5.
	const document = `{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}`
	const nowhere = render.ReasonPointerNotFound
	cases := map[string]valueCase{
		"Whole":            {text: `{"b": 1, "a": 2}`, pointer: "", want: `{"a":2,"b":1}`},
		"List":             {text: document, pointer: "/foo", want: `["bar","baz"]`},
		"Item":             {text: document, pointer: "/foo/0", want: "bar"},
		"NoName":           {text: document, pointer: "/", want: "0"},
		"Slash":            {text: document, pointer: "/a~1b", want: "1"},
		"Percent":          {text: document, pointer: "/c%d", want: "2"},
		"Caret":            {text: document, pointer: "/e^f", want: "3"},
		"Bar":              {text: document, pointer: "/g|h", want: "4"},
		"Backslash":        {text: document, pointer: `/i\j`, want: "5"},
		"Quote":            {text: document, pointer: `/k"l`, want: "6"},
		"Space":            {text: document, pointer: "/ ", want: "7"},
		"Tilde":            {text: document, pointer: "/m~0n", want: "8"},
		"Missing":          {text: document, pointer: "/bar", refused: nowhere},
		"PastTheEnd":       {text: document, pointer: "/foo/2", refused: nowhere},
		"Dash":             {reason: "the item after the last never exists", text: document, pointer: "/foo/-", refused: nowhere},
		"Negative":         {text: document, pointer: "/foo/-1", refused: nowhere},
		"LeadingZero":      {text: document, pointer: "/foo/00", refused: nowhere},
		"Sign":             {text: document, pointer: "/foo/+1", refused: nowhere},
		"HugeIndex":        {text: document, pointer: "/foo/99999999999999999999", refused: nowhere},
		"IntoNumber":       {text: document, pointer: "/m~0n/x", refused: nowhere},
		"IntoNull":         {text: `{"a": null}`, pointer: "/a/b", refused: nowhere},
		"InTextWithObject": {text: `"{\"a\": \"b\"}"`, pointer: "/a", want: "b"},
		"InTextWithList":   {text: `"[1, 2]"`, pointer: "/1", want: "2"},
		"InTextWithScalar": {reason: "a text that is a number in JSON is a text", text: `"1"`, pointer: "/a", refused: nowhere},
		"InOtherText":      {text: `"secret"`, pointer: "/a", refused: nowhere},
		"InTextInside":     {reason: "only the field itself is entered as a text", text: `{"a": "{\"b\": 1}"}`, pointer: "/a/b", refused: nowhere},
		"ManyParts": {
			reason: "the tree of a megabyte of text must not take fifty", text: `[` + strings.Repeat(`{"a":0},`, 60_000) + `0]`,
			pointer: "/60000", refused: render.ReasonTooLarge,
		},
		"NoSlash":    {text: document, pointer: "foo", refused: render.ReasonInvalidPointer},
		"LoneTilde":  {text: document, pointer: "/a~", refused: render.ReasonInvalidPointer},
		"OtherTilde": {text: document, pointer: "/a~2", refused: render.ReasonInvalidPointer},
	}
	for name, tc := range cases {
		t.Run(name, tc.run)
	}
}

func TestBase64(t *testing.T) {
	const base64 = v1alpha1.DecodeBase64
	const invalid = render.ReasonInvalidBase64
	cases := map[string]valueCase{
		"Padded":          {text: `"QQ=="`, decode: base64, want: "A"},
		"Bare":            {text: `"QQ"`, decode: base64, want: "A"},
		"URLSafe":         {text: `"_-A"`, decode: base64, want: "\xff\xe0"},
		"WhiteSpace":      {text: `" Q\n Q = = \r\n"`, decode: base64, want: "A"},
		"Empty":           {reason: "an empty text is a value", text: `""`, decode: base64, want: ""},
		"None":            {text: `"QQ=="`, decode: "None", want: "QQ=="},
		"MixedAlphabets":  {text: `"+_8A"`, decode: base64, refused: invalid},
		"HalfPadded":      {text: `"QQ="`, decode: base64, refused: invalid},
		"PaddingInside":   {text: `"QQ==QQ=="`, decode: base64, refused: invalid},
		"OneCharacter":    {text: `"Q"`, decode: base64, refused: invalid},
		"OtherCharacters": {text: `"pass word!"`, decode: base64, refused: invalid},
		"Number":          {reason: "a number is no text, even where its digits would decode", text: `1234`, decode: base64, refused: invalid},
		"Object":          {text: `{}`, decode: base64, refused: invalid},
		"Null":            {text: `null`, decode: base64, refused: render.ReasonNullValue},
	}
	for name, tc := range cases {
		t.Run(name, tc.run)
	}
}
