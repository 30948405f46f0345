// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"maps"
	"reflect"
	"slices"
	"sync"
)

// function is one of the list.
type function struct {
	price

	// call is a function of Go with one result, or two of which the last is an error; or a within.
	call any
}

// within makes a function of those that need the execution: its names, or to pay by themselves.
type within func(*run) any

// of returns the function for an execution.
func (f function) of(r *run) reflect.Value {
	if bind, ok := f.call.(within); ok {
		return reflect.ValueOf(bind(r))
	}
	return reflect.ValueOf(f.call)
}

// catalogue is every function that templates may use, beside and, or, not and len.
var catalogue = sync.OnceValue(func() map[string]function { //nolint:gochecknoglobals // made once, never changed
	all, prices := map[string]function{}, prices()
	for _, group := range []map[string]any{
		basics(), textual(), expressions(), lists(), objects(), numbers(), encodings(), files(), keys(),
	} {
		for name, call := range group {
			all[name] = function{price: prices[name], call: call}
		}
	}
	return all
})

// builtins are the functions of text/template that are used as they are: they evaluate, and
// print nothing of what they are given. All others of it are replaced, or missing, as call is.
func builtins() []string { return []string{"and", "or", "not", "len"} }

// known are the functions that templates may use, for the parser, which calls none.
var known = sync.OnceValue(func() map[string]any { //nolint:gochecknoglobals // made once, never changed
	all := map[string]any{}
	for _, name := range builtins() {
		all[name] = true
	}
	for name := range catalogue() {
		all[name] = true
	}
	return all
})

// Functions lists the names of the functions that templates may use, sorted.
func Functions() []string { return slices.Sorted(maps.Keys(known())) }
