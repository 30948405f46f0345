// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Package template owns what the templates of a specification make of collected values: a
// list of pure functions over Go's text/template, with bounds. It is pure: the same texts and
// values give the same bytes in every release, on every machine, which the golden files under
// testdata prove; where an encoding wants randomness, it is derived from the content.
//
// What a template may cost is counted in steps and bytes, never in time, so that the outcome
// does not depend on how busy the machine is.
//
// No error of the package holds a byte of a value. The errors of text/template and of the
// decoders quote what they were given, so none of them is passed on: each is told anew from
// what the text of the template says.
package template
