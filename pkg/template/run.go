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
	// maxTexts is the number of templates of a Set.
	maxTexts = 1024
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

// run is the execution of a Set: what it may still cost, and write.
type run struct {
	names    Names
	left     int
	output   bounded
	depth    int
	literals map[string]struct{}
}

// newRun returns an execution that may cost so much, and write so many bytes.
func newRun(names Names, cost, output int) *run {
	return &run{names: names, left: cost, output: bounded{most: output, left: output}}
}

// spend takes from what the execution may cost.
func (r *run) spend(cost int) error {
	if cost > r.left {
		r.left = 0
		return tooCostly()
	}
	r.left -= cost
	return nil
}

// functions returns those of the list that are used, each bound to the execution that pays
// for it.
func (r *run) functions(used map[string]struct{}) template.FuncMap {
	bound := template.FuncMap{
		stepName:  func(nodes int) (string, error) { return "", r.spend(stepCost + nodes*nodeCost) },
		overName:  r.bind("range", function{call: r.over}),
		enterName: r.enter,
		leaveName: func() string { r.depth--; return "" },
		textName:  r.bind("printing", function{call: textOf}),
	}
	list := catalogue()
	for name := range used {
		if f, ok := list[name]; ok {
			bound[name] = r.bind(name, f)
		}
	}
	return bound
}

// enter counts how deep templates use each other.
func (r *run) enter(nodes int) (string, error) {
	r.depth++
	if r.depth > maxNesting {
		return "", refusal("templates use each other more than %d deep", maxNesting)
	}
	return "", r.spend(stepCost + nodes*nodeCost)
}

// over returns what range goes over. Errors: it cannot be gone over; text/template would print it.
func (r *run) over(v any) (any, error) {
	switch within := v.(type) {
	case nil, []any:
		return v, nil
	case map[string]any:
		return v, r.spend(len(within) * sortCost)
	}
	if reflect.ValueOf(v).CanInt() {
		return v, nil
	}
	return nil, refusal("it goes over lists, maps and whole numbers, and is given something else")
}

// bind returns f in a shape that text/template calls: it pays first, and says of a failure
// which function it was.
func (r *run) bind(name string, f function) any {
	call := f.of(r)
	shape := call.Type()
	in := make([]reflect.Type, shape.NumIn())
	for i := range in {
		in[i] = shape.In(i)
	}
	result, failing := shape.Out(0), reflect.TypeFor[error]()
	return reflect.MakeFunc(reflect.FuncOf(in, []reflect.Type{result, failing}, shape.IsVariadic()), func(arguments []reflect.Value) []reflect.Value {
		value, err := r.pay(f.price, call, arguments)
		if err != nil {
			return []reflect.Value{reflect.Zero(result), reflect.ValueOf(new(inFunction(name, err))).Elem()}
		}
		return []reflect.Value{value, reflect.Zero(failing)}
	}).Interface()
}

// pay calls a function, if the execution can pay for what it is given, and pays for what it returns.
func (r *run) pay(price price, call reflect.Value, arguments []reflect.Value) (reflect.Value, error) {
	cost := stepCost + price.flat
	for _, argument := range arguments {
		cost += weight(argument) * max(1, price.factor)
	}
	if err := r.spend(cost); err != nil {
		return reflect.Value{}, err
	}
	results := invoke(call, arguments)
	if len(results) == 2 && !results[1].IsNil() {
		return reflect.Value{}, results[1].Interface().(error) //nolint:forcetypeassert // it is one
	}
	if results[0].Kind() == reflect.String && results[0].Len() > maxResult {
		return reflect.Value{}, tooLarge()
	}
	if price.decodes {
		return results[0], r.spend(heldBy(results[0].Interface()))
	}
	return results[0], r.spend(weight(results[0]) * max(1, price.factor))
}

func invoke(call reflect.Value, arguments []reflect.Value) []reflect.Value {
	if call.Type().IsVariadic() {
		return call.CallSlice(arguments)
	}
	return call.Call(arguments)
}
