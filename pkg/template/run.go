// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import (
	"reflect"
	"text/template"
)

// The bounds. Steps and bytes are the same on every machine.
const (
	// maxText is the size of a template in bytes.
	maxText = 64 << 10
	// maxOutput is what all templates of a Set write in bytes: what a Secret holds.
	maxOutput = 1 << 20
	// maxResult is the size of what a function returns in bytes.
	maxResult = 1 << 20
	// maxItems is the length of lists, and of maps.
	maxItems = 1 << 16
	// maxNesting is how deep lists and maps, and templates that use templates, may lie in each
	// other.
	maxNesting = 64
	// maxCost is what the execution of a Set may cost. A step costs stepCost, each word of the
	// template that is evaluated in it nodeCost, and what a function takes and returns its size in
	// bytes.
	maxCost  = 32 << 20
	stepCost = 256
	nodeCost = 64
)

// run is the execution of a Set: what it may still cost.
type run struct {
	names    Names
	left     int
	output   int
	depth    int
	literals map[string]struct{}
}

func newRun(names Names) *run {
	return &run{names: names, left: maxCost, output: maxOutput}
}

// spend takes from what the execution may cost.
func (r *run) spend(cost int) error {
	if cost > r.left {
		r.left = 0
		return refusal("the templates of this specification are too costly: they loop too often, or work on too much text")
	}
	r.left -= cost
	return nil
}

// function is one of the list.
type function struct {
	// call is a function of Go with one result, or two of which the last is an error.
	call any
	// cost beside its arguments and its result.
	cost int
}

// functions returns those of the list that are used, each bound to the execution that pays
// for it.
func (r *run) functions(used map[string]struct{}) template.FuncMap {
	bound := template.FuncMap{
		stepName:  func(nodes int) (string, error) { return "", r.spend(stepCost + nodes*nodeCost) },
		overName:  r.bind("range", function{call: func(v any) any { return v }}),
		enterName: r.enter,
		leaveName: func() string { r.depth--; return "" },
		textName:  r.bind("printing", function{call: textOf}),
	}
	for name, f := range r.list() {
		if _, ok := used[name]; ok {
			bound[name] = r.bind(name, f)
		}
	}
	return bound
}

// names are the functions of the list, for the parser, which calls none.
func names() template.FuncMap {
	known := template.FuncMap{}
	for name := range newRun(Names{}).list() {
		known[name] = func() string { return "" }
	}
	return known
}

// enter counts how deep templates use each other.
func (r *run) enter(nodes int) (string, error) {
	r.depth++
	if r.depth > maxNesting {
		return "", refusal("templates use each other more than %d deep", maxNesting)
	}
	return "", r.spend(stepCost + nodes*nodeCost)
}

// bind returns f in a shape that text/template calls: it pays first, and says of a failure
// which function it was.
func (r *run) bind(name string, f function) any {
	call := reflect.ValueOf(f.call)
	shape := call.Type()
	in := make([]reflect.Type, shape.NumIn())
	for i := range in {
		in[i] = shape.In(i)
	}
	result := shape.Out(0)
	failing := reflect.TypeFor[error]()
	pay := func(arguments []reflect.Value) (reflect.Value, error) {
		cost := stepCost + f.cost
		for _, argument := range arguments {
			cost += weight(argument)
		}
		if err := r.spend(cost); err != nil {
			return reflect.Zero(result), err
		}
		results := invoke(call, arguments)
		if len(results) == 2 && !results[1].IsNil() {
			return reflect.Zero(result), inFunction(name, results[1].Interface().(error)) //nolint:forcetypeassert // it is one
		}
		size := weight(results[0])
		if results[0].Kind() == reflect.String && size > maxResult {
			return reflect.Zero(result), inFunction(name, tooLarge())
		}
		return results[0], r.spend(size)
	}
	return reflect.MakeFunc(reflect.FuncOf(in, []reflect.Type{result, failing}, shape.IsVariadic()), func(arguments []reflect.Value) []reflect.Value {
		value, err := pay(arguments)
		told := reflect.Zero(failing)
		if err != nil {
			told = reflect.ValueOf(&err).Elem()
		}
		return []reflect.Value{value, told}
	}).Interface()
}

func invoke(call reflect.Value, arguments []reflect.Value) []reflect.Value {
	if call.Type().IsVariadic() {
		return call.CallSlice(arguments)
	}
	return call.Call(arguments)
}

// itemCost is what an item of a list or a map costs beside its text.
const itemCost = 16

// weight is what it costs to look at a value once: the bytes of a text, the items of a list.
func weight(v reflect.Value) int {
	for v.Kind() == reflect.Interface {
		if v.IsNil() {
			return 0
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Map:
		return v.Len() * itemCost
	case reflect.Slice:
		cost := v.Len() * itemCost
		for i := range v.Len() {
			if item := v.Index(i); item.Kind() == reflect.Interface && item.Elem().Kind() == reflect.String {
				cost += item.Elem().Len()
			}
		}
		return cost
	default:
		return 0
	}
}
