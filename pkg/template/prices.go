// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

package template

import "reflect"

// price is what a function costs beside a step. The prices were measured: whatever a template does,
// a unit takes about the same time, so that what an execution may cost is one or two seconds, and what it
// holds meanwhile some 50 MiB.
type price struct {
	// flat is what each call costs: a password hash is slow on purpose, and a key is checked.
	flat int
	// factor is what each byte and item costs that it takes and returns; 0 counts as 1.
	factor int
	// decodes says that it makes lists and maps of a text, each item of which is paid for.
	decodes bool
}

const (
	// itemCost is what an item of a list or a map costs beside its text.
	itemCost = 16
	// sortCost is what it costs to put a member of a map in order.
	sortCost = 128
	// decodedCost is what an item costs that is made of a text: it takes memory until the end.
	decodedCost = 256
)

// prices are those of the functions that take more time than what they are given tells.
func prices() map[string]price {
	key, store := price{flat: 64 << 10}, price{flat: 128 << 10}
	matches, writes, looks := price{factor: 16}, price{factor: 8}, price{factor: 4}
	return map[string]price{
		"htpasswd":        {flat: 2 << 20},
		"pemCertificates": key, "pemKey": key, "certChain": key, "jwkToPem": key, "pemToJwk": key,
		"pkcs12": store, "pkcs12Trust": store, "jks": store, "jksTrust": store,
		"regexFindAll": matches, "regexReplaceAll": matches, "regexReplaceAllLiteral": matches, "regexSplit": matches,
		"uniq": looks, "without": looks, "has": looks, "keys": looks, "values": looks, "split": looks, "splitn": looks,
		"toDotenv": writes, "toProperties": writes, "propertiesEscape": writes, "toIni": writes,
		"fromJson": {factor: 2, decodes: true}, "fromYaml": {factor: 16, decodes: true}, "fromToml": {factor: 16, decodes: true},
		"toYaml": {factor: 32}, "toToml": {factor: 16}, "toJson": looks, "toPrettyJson": looks,
	}
}

// weight is what it costs to look at a value once: the bytes of a text, the items of a list or
// a map, and of a list also what is in them.
func weight(v reflect.Value) int {
	v = inside(v)
	cost := shallow(v)
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			cost += shallow(inside(v.Index(i)))
		}
	}
	return cost
}

func shallow(v reflect.Value) int {
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Slice, reflect.Map:
		return v.Len() * itemCost
	default:
		return 0
	}
}

// inside returns what an interface holds.
func inside(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		return v.Elem()
	}
	return v
}

// heldBy is what it costs to hold all that was made of a text.
func heldBy(v any) int {
	cost := decodedCost
	switch n := v.(type) {
	case string:
		cost += len(n)
	case []any:
		for _, item := range n {
			cost += heldBy(item)
		}
	case map[string]any:
		for key, item := range n {
			cost += len(key) + heldBy(item)
		}
	}
	return cost
}
