// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package backendtest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/secretsync/secretsync/pkg/backend"
)

// valueCases: what is written is what is read.
func valueCases() map[string]func(*testing.T, Suite) {
	return map[string]func(*testing.T, Suite){
		"ReadsValues":        readsValues,
		"ReadsOddPaths":      readsOddPaths,
		"ReadsTheNewest":     readsTheNewest,
		"ReadsAreStable":     readsAreStable,
		"ReadsManyFields":    readsManyFields,
		"EntriesAreDistinct": entriesAreDistinct,
	}
}

// values are JSON texts by field name.
func values() map[string]string {
	return map[string]string{
		"string":           Text(Marker),
		"empty":            `""`,
		"unicode":          Text("日本語 𝄞 \u202e \u00c5 A\u030a " + Marker),
		"control":          Text("a\x00b\x01\x1f\x7f\r\n\t" + Marker),
		"binary":           Text("\ufffd\ufffe\u0080ÿ" + Marker),
		"quotes":           Text(`\ \\ " ' $ ${HOME} {{ . }} $(x) %s ` + Marker),
		"html":             Text("<script>&amp;</script>" + Marker),
		"multiline":        Text("-----BEGIN KEY-----\n" + Marker + "\n-----END KEY-----\n"),
		"looksNumeric":     `"007"`,
		"large":            Text(strings.Repeat(Marker, 256<<10/len(Marker))),
		"zero":             "0",
		"negative":         "-17",
		"fraction":         "1.25",
		"whole":            "9007199254740991",
		"true":             "true",
		"false":            "false",
		"null":             "null",
		"list":             `["a",1,null,{"b":[]}]`,
		"object":           `{"nested":{"deep":[1,2,{"x":` + Text(Marker) + `}]},"":""}`,
		"with space":       Text(Marker),
		"ключ-ü":           Text(Marker),
		"dots.and/slashes": Text(Marker),
	}
}

// fields are the values that a system takes.
func (s Suite) fields() map[string]string {
	taken := values()
	maps.DeleteFunc(taken, func(name, value string) bool {
		return s.Field != nil && !s.Field(name) || !s.supports(backend.TypedValues) && value[0] != '"'
	})
	return taken
}

func readsValues(t *testing.T, s Suite) {
	for name, value := range s.fields() {
		t.Run(name, func(t *testing.T) {
			p := path(t)
			want := map[string]string{name: value}
			s.Write(t, p, want)
			wantFields(t, read(t, s.open(t), p, ""), want)
		})
	}
}

func readsManyFields(t *testing.T, s Suite) {
	p, want := path(t), s.fields()
	s.Write(t, p, want)
	wantFields(t, read(t, s.open(t), p, ""), want)
}

func readsOddPaths(t *testing.T, s Suite) {
	base, b := path(t), s.open(t)
	for _, p := range []string{"x y/z", "a@b.c", "-_-", "data/metadata", "1", "UPPER/lower", "deep/" + strings.Repeat("d/", 10) + "e"} {
		if s.Segment != nil && !allOf(strings.Split(p, "/"), s.Segment) {
			continue
		}
		want := map[string]string{"path": Text(p)}
		s.Write(t, base+"/"+p, want)
		wantFields(t, read(t, b, base+"/"+p, ""), want)
	}
}

func readsTheNewest(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	for _, value := range []string{"first", "second", "first"} {
		want := map[string]string{"k": Text(value), value: Text("1")}
		s.Write(t, p, want)
		wantFields(t, read(t, b, p, ""), want)
	}
}

func readsAreStable(t *testing.T, s Suite) {
	p := path(t)
	s.Write(t, p, s.fields())
	first := read(t, s.open(t), p, "")
	again := read(t, s.open(t), p, "")
	if first.Version != again.Version || !first.VersionTime.Equal(again.VersionTime) {
		t.Errorf("want the same version and time, got %q %s and %q %s", first.Version, first.VersionTime, again.Version, again.VersionTime)
	}
	for name, value := range first.Fields {
		if !value.Equal(again.Fields[name]) {
			t.Errorf("field %q: want the same bytes again", name)
		}
	}
}

func entriesAreDistinct(t *testing.T, s Suite) {
	p, b := path(t), s.open(t)
	s.Write(t, p, map[string]string{"k": Text("1")})
	s.Write(t, p+"/child", map[string]string{"k": Text("2")})
	s.Remove(t, p)
	wantFields(t, read(t, b, p+"/child", ""), map[string]string{"k": Text("2")})
}

func allOf(names []string, valid func(string) bool) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !valid(name) })
}
